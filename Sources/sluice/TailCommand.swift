import ArgumentParser
import Glibc
import SluiceCore

struct TailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Follows what happens: messages, calls, statuses, a line each.",
    discussion: "Until it is interrupted (Ctrl-C).")

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Option(help: "On this channel only.") var channel: String?
  @Option(help: "Begins with that many of the latest messages.") var last = 10

  func run() throws {
    let channel = try channel.map(Word.channel)
    let installation = try settings.open()
    let ledger = installation.ledger
    try reporting {
      var mark = try ledger.activity(since: nil, now: installation.clocks.wall).mark
      if last > 0 {
        let page = try ledger.messages(MessageSearch(channel: channel, limit: last))
        for message in page.messages.reversed() { tell(.message(message)) }
        fflush(nil)
      }
      while true {
        usleep(Self.pause)
        let activity = try ledger.activity(since: mark, now: installation.clocks.wall)
        mark = activity.mark
        for event in activity.events where channel == nil || event.channel == channel {
          tell(event)
        }
        fflush(nil)  // Into a pipe too, line by line.
      }
    }
  }

  private func tell(_ event: Activity.Event) {
    let line = event.line
    if json.isWanted {
      let object = JSON.object(present: [
        ("at", .time(event.at)), ("channel", .string("\(event.channel)")),
        ("mId", line.id.map { .string("\($0)") }),
        ("contact", line.contact.map { .string("\($0)") }),
        ("event", .string(line.kind)), ("text", .string(line.text)),
      ])
      print(object.text)
    } else {
      let words = line.text.oneLine(atMost: 500)
      let text = line.isTrouble ? Colour.red(words) : words
      print(
        "\(Timestamp.text(event.at))  \(event.channel)  \(line.id.map { "\($0)" } ?? "-")  \(text)")
    }
  }

  /// Microseconds.
  private static let pause: UInt32 = 300_000
}

extension Activity.Event {
  fileprivate var channel: ChannelName {
    switch self {
    case .message(let message), .attempt(let message, _), .callback(let message, _):
      message.channel
    case .quarantined(let webhook): webhook.channel
    }
  }

  fileprivate var line: Line {
    switch self {
    case .message(let message):
      let way = message.direction == .inbound ? "from" : "to"
      return Line(
        message, "message", "\(message.direction) \(way) \(message.contact): \(message.preview)")
    case .attempt(let message, let attempt):
      let record = attempt.record
      let answer = record.httpStatus.map { "HTTP \($0)" } ?? record.detail.oneLine(atMost: 300)
      return Line(
        message, "attempt",
        "\(attempt.queue) call \(record.outcome) (\(answer)) in"
          + " \(TimeSpan.text(record.finishedAt - record.startedAt))",
        isTrouble: record.outcome != .accepted)
    case .callback(let message, let callback):
      return Line(
        message, "status",
        "provider reports \(callback.status)\(callback.reason.map { ": \($0)" } ?? "")",
        isTrouble: callback.status == .failed)
    case .quarantined(let webhook):
      return Line(
        nil, "quarantined",
        "webhook \(webhook.row) was not understood: \(webhook.problem ?? "")",
        isTrouble: true)
    }
  }

  fileprivate struct Line {
    let id: MessageID?
    let contact: ContactID?
    let kind: String
    let text: String
    let isTrouble: Bool

    init(_ message: MessageSummary?, _ kind: String, _ text: String, isTrouble: Bool = false) {
      id = message?.id
      contact = message?.contact
      self.kind = kind
      self.text = text
      self.isTrouble = isTrouble
    }
  }
}
