import ArgumentParser
import SluiceCore

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Says what became of a message, when, and why.",
    discussion: """
      ID is a message's mId, the provider's ID of it or of one of its parts, or a contact. Of one \
      message it tells the whole story; of several, what became of each, the newest first; --since \
      and --until choose among a contact's. Ends with status 1 where nothing is found.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Argument(help: "An mId, a provider's ID, or a contact.") var id: String
  @Option(help: "Looks on this channel only.") var channel: String?
  @Option(help: "At most that many messages.") var limit = 20
  @Flag(help: "Tells the whole story of each.") var full = false
  @OptionGroup var span: SpanOptions

  func validate() throws {
    guard (1...1_000_000).contains(limit) else {
      throw ValidationError("--limit takes 1 to 1000000.")
    }
  }

  func run() throws {
    let channel = try channel.map(Word.channel)
    let installation = try settings.open()
    try reporting {
      let found = try find(on: channel, installation)
      let messages = found.messages.prefix(limit)
      for status in found.parked {
        StandardError.print(
          "\(status.channel): the provider reported \(status.status) for \(id), and no message of"
            + " ours has that ID (yet).")
      }
      guard !messages.isEmpty else { throw failure("nothing is known by \"\(id)\"") }
      let isMore = found.messages.count > messages.count
      if full || json.isWanted || messages.count == 1 && !isMore {
        for message in messages { try tell(message, installation) }
      } else {
        print(Table.of(messages))
        print(Colour.dim("Trace one of the \(messages.count) by its mId, or all with --full."))
      }
      if isMore {
        StandardError.print("There are older ones: --limit, --since and --until choose others.")
      }
    }
  }

  /// One more than wanted, if there is.
  private func find(on channel: ChannelName?, _ installation: Installation) throws -> Found {
    guard span.isGiven else {
      return try installation.ledger.find(id, on: channel, limit: limit + 1)
    }
    let times = try span.times(now: installation.clocks.wall)
    let search = MessageSearch(
      channel: channel, contact: try Word.contact(id), createdFrom: times.from,
      createdBefore: times.before, limit: limit + 1)
    return Found(messages: try installation.ledger.messages(search).messages)
  }

  private func tell(_ message: MessageSummary, _ installation: Installation) throws {
    guard let trace = try installation.ledger.trace(message.id) else { return }
    let story = TraceStory(
      trace, try installation.state(of: message.channel), now: installation.clocks.wall)
    print(json.isWanted ? trace.json(story).text : StoryText(trace, story).description)
  }
}

/// A story as lines for a terminal.
struct StoryText: CustomStringConvertible {
  let description: String

  init(_ trace: MessageTrace, _ story: TraceStory) {
    let message = trace.message
    let colour: Colour =
      switch story.mood {
      case .good: .green
      case .open: .yellow
      case .bad: .red
      }
    let way = message.direction == .inbound ? "from" : "to"
    var lines = [
      "\(message.id)  \(message.direction), \(message.channel), \(way) \(message.contact)",
      colour(story.verdict.oneLine()), "",
    ]
    var last = message.createdAt
    for step in story.steps {
      let delta = step.at - last
      last = step.at
      let text = step.text.oneLine()
      lines.append(
        "\(Timestamp.text(step.at))  \(Self.left("+" + TimeSpan.text(delta), 9))  "
          + "\(Self.right(step.side, 8))  \(step.isTrouble ? Colour.red(text) : text)")
      if let detail = step.detail {
        lines.append(
          Colour.dim(
            String(repeating: " ", count: 47) + Redaction.redact(detail).oneLine(atMost: 300)))
      }
    }
    if !story.open.isEmpty { lines.append("") }
    description = (lines + story.open.map { $0.oneLine() }).joined(separator: "\n") + "\n"
  }

  private static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func right(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension Table {
  static func of(_ messages: some Sequence<MessageSummary>) -> Table {
    Table(
      ["accepted", "mId", "channel", "direction", "contact", "status", "text"],
      messages.map {
        [
          Timestamp.text($0.createdAt), "\($0.id)", "\($0.channel)", "\($0.direction)",
          "\($0.contact)", "\($0.status)", $0.reason ?? $0.preview,
        ]
      })
  }
}
