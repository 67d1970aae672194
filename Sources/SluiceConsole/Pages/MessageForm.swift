import SluiceCore
import SluicePages

/// What somebody looks for, as the form has it.
struct MessageForm: Equatable {
  var word = ""
  var text = ""
  var channel = ""
  var direction = ""
  var status = ""
  /// Times as they were written.
  var from = ""
  var to = ""
  var before: Int64?

  /// A field that holds what cannot be.
  enum Problem: Error, CustomStringConvertible {
    case noChannel(String)
    case noTime(String)

    var description: String {
      switch self {
      case .noChannel(let text):
        "“\(text)” is no channel's name. It consists of \(ChannelName.rule)."
      case .noTime(let text): "“\(text)” is no time. Write 2026-11-25 08:30, in UTC."
      }
    }
  }

  init() {}

  init(_ fields: FormFields) {
    word = Self.trimmed(fields["q"])
    text = Self.trimmed(fields["text"])
    channel = Self.trimmed(fields["channel"])
    direction = fields["direction"] ?? ""
    status = fields["status"] ?? ""
    from = Self.trimmed(fields["from"])
    to = Self.trimmed(fields["to"])
    before = fields["before"].flatMap { Int64($0) }
  }

  /// Whether more is asked for than the word and its channel.
  var isNarrowed: Bool {
    before != nil || ![text, direction, status, from, to].allSatisfy(\.isEmpty)
  }

  /// What the ledger is asked. Of the word, it has the contact that it may be.
  func search(limit: Int) throws(Problem) -> MessageSearch {
    var search = MessageSearch(limit: limit)
    search.before = before
    search.contact = try? ContactID(word)
    if !text.isEmpty { search.text = text }
    if !channel.isEmpty {
      guard let name = ChannelName(channel) else { throw .noChannel(channel) }
      search.channel = name
    }
    search.direction = MessageDirection.allCases.first { $0.description == direction }
    search.status = DeliveryStatus(status)
    search.createdFrom = try Self.time(from)
    search.createdBefore = try Self.time(to)
    return search
  }

  private static func time(_ text: String) throws(Problem) -> Int64? {
    if text.isEmpty { return nil }
    guard let time = TimeField.milliseconds(text) else { throw .noTime(text) }
    return time
  }

  /// The query of the page behind this one.
  func query(before: Int64) -> String {
    let fields = [
      ("q", word), ("text", text), ("channel", channel), ("direction", direction),
      ("status", status), ("from", from), ("to", to), ("before", String(before)),
    ]
    return String(decoding: FormFields.encode(fields.filter { !$0.1.isEmpty }), as: UTF8.self)
  }

  private static func trimmed(_ text: String?) -> String {
    var rest = (text ?? "")[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest.prefix(200))
  }
}
