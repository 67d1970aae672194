import ArgumentParser
import SluiceCore

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Says what became of a message, when, and why.",
    discussion: """
      ID is a message's mId, the provider's ID of it or of one of its parts, or a contact. Of one \
      message it tells the whole story; of several, what became of each, the newest first. Ends with \
      status 1 where nothing is found.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Argument(help: "An mId, a provider's ID, or a contact.") var id: String
  @Option(help: "Looks on this channel only.") var channel: String?
  @Option(help: "At most that many messages.") var limit = 20
  @Flag(help: "Tells the whole story of each.") var full = false

  func run() throws {
    let installation = try settings.open()
    let channel = try channel.map(Word.channel)
    try reporting {
      let found = try installation.ledger.find(id, on: channel, limit: limit)
      for status in found.parked {
        StandardError.print(
          "\(status.channel): the provider reported \(status.status) for \(id), and no message of"
            + " ours has that ID (yet).")
      }
      guard !found.messages.isEmpty else { throw failure("nothing is known by \"\(id)\"") }
      let isWhole = full || json.isWanted || found.messages.count == 1
      guard isWhole else { return list(found.messages) }
      for message in found.messages { try tell(message, installation) }
    }
  }

  private func list(_ messages: [MessageSummary]) {
    print(Table.of(messages))
    print(Colour.dim("\(messages.count) messages; trace one by its mId, or all with --full."))
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
      colour(story.verdict), "",
    ]
    var last = message.createdAt
    for step in story.steps {
      let delta = step.at - last
      last = step.at
      lines.append(
        "\(Timestamp.text(step.at))  \(Self.left("+" + TimeSpan.text(delta), 9))  "
          + "\(Self.right(step.side, 8))  \(step.isTrouble ? Colour.red(step.text) : step.text)")
      if let detail = step.detail {
        lines.append(
          Colour.dim(String(repeating: " ", count: 47) + Redaction.redact(detail).oneLine))
      }
    }
    if !story.open.isEmpty { lines.append("") }
    description = (lines + story.open).joined(separator: "\n") + "\n"
  }

  private static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func right(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension String {
  /// What others said, without what would move the cursor.
  var oneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.prefix(300).map {
          $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0
        }))
  }
}

extension Table {
  static func of(_ messages: [MessageSummary]) -> Table {
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
