import SluiceCore
import SluicePages

/// What was given up, and can be tried again.
struct DeadLettersPage {
  /// Words of the filter, as they were written.
  let form: DeadLetterForm
  let letters: [DeadLetter]
  /// How many match, on all pages.
  let all: Int
  /// Where older ones begin; `nil` at the end.
  let next: DeadLetterMark?
  /// Why nothing was looked for.
  var problem: String?

  func content(_ visit: Visit) -> HTML {
    """
    <h1>Dead letters</h1>
    <p class="lead">What was given up: refused for good, or tried for too long.</p>
    <form method="get" action="\(visit.base)/dead" class="filter" role="search">
    \(Markup.field("Channel", name: "channel", value: form.channel))
    \(Markup.field("Contact", name: "contact", value: form.contact))
    <button class="button">Show</button></form>
    \(problem.map { "<p class=\"notice bad\" role=\"alert\">\($0)</p>" } ?? .none)\(bulk(visit))
    \(Markup.table("Dead letters, newest first", ["Given up", "For", "Why", "Then"], letters.map { row($0, visit) }, hidesCaption: true, empty: "There are no dead letters\(form.isEmpty ? "" : " like that")."))
    \(Markup.more(next.map { "\(visit.base)/dead?\(form.query(before: $0))" }, "Older dead letters", shown: letters.count, of: all))
    """
  }

  private func bulk(_ visit: Visit) -> HTML {
    guard all > 1 else { return .none }
    let fields = [("channel", form.channel), ("contact", form.contact)]
    let which =
      "all \(Words.count(all)) dead letters"
      + (form.isEmpty ? " of all channels" : "")
      + (form.channel.isEmpty ? "" : " of \(form.channel)")
      + (form.contact.isEmpty ? "" : " for \(form.contact)")
    return """
      <div class="actions">\(Markup.confirmed("Replay all…", "This queues \(which) anew.", Markup.action("dead/replay", "Replay all", visit, kind: "primary", fields: fields)))
      \(Markup.confirmed("Drop all…", "This forgets \(which). They are not sent.", Markup.action("dead/drop", "Drop all", visit, kind: "danger", fields: fields)))</div>
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
  var before: DeadLetterMark?

  init(_ fields: FormFields) {
    id = fields["id"] ?? ""
    channel = fields["channel"] ?? ""
    contact = fields["contact"] ?? ""
    before = fields["before"].flatMap(DeadLetterMark.init)
  }

  var isEmpty: Bool { channel.isEmpty && contact.isEmpty }

  /// The query of this filter's pages; of that which begins behind `mark`, if there is one.
  func query(before mark: DeadLetterMark? = nil) -> String {
    let fields = [
      ("channel", channel), ("contact", contact), ("before", mark?.description ?? ""),
    ]
    return String(decoding: FormFields.encode(fields.filter { !$0.1.isEmpty }), as: UTF8.self)
  }

  /// Why there is no ``filter``.
  var problem: String? {
    if !channel.isEmpty, ChannelName(channel) == nil {
      return MessageForm.Problem.noChannel(channel).description
    }
    guard !contact.isEmpty else { return nil }
    do throws(ContactIDError) {
      _ = try ContactID(contact)
      return nil
    } catch {
      return error.description
    }
  }

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
