import SluiceCore
import SluicePages

/// What was given up, and can be tried again.
struct DeadLettersPage {
  /// Words of the filter, as they were written.
  let form: DeadLetterForm
  let letters: [DeadLetter]
  /// Whether there are more than are shown.
  let hasMore: Bool

  func content(_ visit: Visit) -> HTML {
    """
    <h1>Dead letters</h1>
    <p class="lead">What was given up: refused for good, or tried for too long.</p>
    <form method="get" action="\(visit.base)/dead" class="filter" role="search">
    \(Markup.field("Channel", name: "channel", value: form.channel))
    \(Markup.field("Contact", name: "contact", value: form.contact))
    <button class="button">Show</button></form>
    \(bulk(visit))
    \(Markup.table("Dead letters, newest first", ["Given up", "For", "Why", "Then"], letters.map { row($0, visit) }, hidesCaption: true, empty: "There are no dead letters\(form.isEmpty ? "" : " like that")."))
    \(hasMore ? "<p class=\"note\">There are older ones. Filter by channel or contact to see them.</p>" : .none)
    """
  }

  private func bulk(_ visit: Visit) -> HTML {
    guard letters.count > 1 else { return .none }
    let fields = [("channel", form.channel), ("contact", form.contact)]
    let which =
      form.isEmpty
      ? "all dead letters of all channels"
      : "all dead letters"
        + (form.channel.isEmpty ? "" : " of \(form.channel)")
        + (form.contact.isEmpty ? "" : " for \(form.contact)")
    return """
      <div class="actions">\(Markup.confirmed("Replay all…", "This queues \(which) anew, \(Words.count(DeadLetterForm.most)) at most.", Markup.action("dead/replay", "Replay all", visit, kind: "primary", fields: fields)))
      \(Markup.confirmed("Drop all…", "This forgets \(which), \(Words.count(DeadLetterForm.most)) at most. They are not sent.", Markup.action("dead/drop", "Drop all", visit, kind: "danger", fields: fields)))</div>
      """
  }

  private func row(_ letter: DeadLetter, _ visit: Visit) -> [HTML] {
    let name = letter.channel.description
    let fields = [("id", letter.id.description)]
    let answer = letter.answer.map {
      Markup.raw(
        letter.httpStatus.map { "Answer: HTTP \($0)" } ?? "The last call",
        Redaction.readable(Array($0.utf8)))
    }
    return [
      "<a href=\"\(visit.base)/messages/\(letter.id.description)\">\(Words.time(letter.diedAt, now: visit.now))</a>",
      """
      \(letter.contact.description)<small>\(LaneTable.title(letter.queue)), \
      <a href="\(visit.base)/channels/\(name)">\(name)</a></small>
      """,
      """
      \(letter.reason)<small>after \(Words.count(letter.attempts, "call"))</small>\(answer ?? .none)
      """,
      """
      <div class="actions">\(Markup.action("dead/replay", "Replay", visit, label: "Replay the message to \(letter.contact)", fields: fields))\
      \(Markup.confirmed("Drop…", "It is forgotten, and not sent.", Markup.action("dead/drop", "Drop", visit, kind: "danger", fields: fields)))</div>
      """,
    ]
  }
}

/// Which dead letters are meant, as forms have it.
struct DeadLetterForm: Equatable {
  var id = ""
  var channel = ""
  var contact = ""

  /// Of one click.
  static let most = 10_000

  init(_ fields: FormFields) {
    id = fields["id"] ?? ""
    channel = fields["channel"] ?? ""
    contact = fields["contact"] ?? ""
  }

  var isEmpty: Bool { channel.isEmpty && contact.isEmpty }

  /// - Returns: `nil` where a field holds what cannot be: it must not mean all.
  var filter: DeadLetterFilter? {
    var filter = DeadLetterFilter()
    if !id.isEmpty {
      guard let id = MessageID(id) else { return nil }
      filter.id = id
    }
    if !channel.isEmpty {
      guard let name = ChannelName(channel) else { return nil }
      filter.channel = name
    }
    if !contact.isEmpty {
      guard let contact = try? ContactID(contact) else { return nil }
      filter.contact = contact
    }
    return filter
  }
}
