import SluiceCore
import SluicePages

/// The search for messages, and what it found.
struct MessagesPage {
  let form: MessageForm
  let messages: [MessageSummary]
  /// Statuses that name what was looked for, and belong to no message (yet).
  var parked: [ParkedStatus] = []
  /// Where older ones begin; `nil` at the end.
  var next: Int64?
  /// Why nothing was looked for.
  var problem: String?

  func content(_ visit: Visit) -> HTML {
    """
    <h1>Messages</h1>
    \(fields(visit))
    \(problem.map { "<p class=\"notice bad\" role=\"alert\">\($0)</p>" } ?? .none)\(statuses)\
    \(MessageTable(messages: messages, empty: empty).html(visit))
    \(Markup.more(next.map { "\(visit.base)/messages?\(form.query(before: $0))" }, "Older messages"))
    """
  }

  private var empty: String {
    next == nil
      ? "No message matches. Look for the provider's ID, our mId or the contact as they are written there."
      : "None of those looked at matches. There are older ones."
  }

  private var statuses: HTML {
    HTML(
      parked.map { status in
        """
        <p class="notice warm">A status “\(status.status.description)” of \(status.externalID) came on \
        \(status.channel.description), and belongs to no message that was sent from here.</p>
        """
      })
  }

  private func fields(_ visit: Visit) -> HTML {
    let any = [(value: "", text: "any")]
    let directions =
      any + [
        ("outbound", "to contacts"), ("inbound", "from contacts"),
        ("echo", "written outside the platform"),
      ]
    let statuses = any + DeliveryStatus.allCases.map { ($0.description, $0.description) }
    return """
      <form method="get" action="\(visit.base)/messages" class="filter" role="search">
      \(Markup.field("ID or contact", name: "q", value: form.word, type: "search", hint: "mId, provider's ID, +15005550123"))
      \(Markup.field("Text", name: "text", value: form.text))
      \(Markup.field("Channel", name: "channel", value: form.channel))
      \(Markup.select("Direction", name: "direction", value: form.direction, directions))
      \(Markup.select("Status", name: "status", value: form.status, statuses))
      \(Markup.field("From (UTC)", name: "from", value: form.from, type: "datetime-local"))
      \(Markup.field("Before (UTC)", name: "to", value: form.to, type: "datetime-local"))
      <button class="button primary">Search</button></form>
      """
  }
}
