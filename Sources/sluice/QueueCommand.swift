import ArgumentParser
import SluiceCore

/// How much waits, and where; and of one channel, what waits for what.
struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Says how much waits in each channel's queues, and what a channel's waits for.",
    discussion: """
      Without a channel: a line for each queue. "unknown" are those of which nobody can tell yet whether \
      the provider took them; "oldest" is how long the one has waited that waits longest. With a channel: a line for \
      each contact's lane, the oldest first, with the reason.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Argument(help: "Of this channel, lane by lane.") var channel: String?
  @Option(help: "Only this queue: outbound, inbound, status or check.") var queue: String?
  @Option(help: "At most that many lanes.") var limit = 50

  func run() throws {
    let queue = try queue.map { try Word.one(of: Queue.allCases, $0, "queue") }
    let channel = try channel.map(Word.channel)
    let installation = try settings.open()
    try reporting {
      if let channel {
        try printLanes(of: channel, queue, installation)
      } else {
        try printQueues(queue, installation)
      }
    }
  }

  private func printQueues(_ queue: Queue?, _ installation: Installation) throws {
    let now = installation.clocks.wall
    let queues = try installation.ledger.overview().filter { queue == nil || $0.queue == queue }
    json.print(
      queues.map { line in
        .object(present: [
          ("channel", .string("\(line.channel)")), ("queue", .string("\(line.queue)")),
          ("queued", .integer(Int64(line.queued))), ("unknown", .integer(Int64(line.unknown))),
          ("oldestQueued", line.oldestQueued.map(JSON.time)),
          ("firstDue", line.firstDue.map(JSON.time)),
        ])
      },
      Table(
        ["channel", "queue", "queued", "unknown", "oldest"],
        queues.map {
          [
            "\($0.channel)", "\($0.queue)", "\($0.queued)", "\($0.unknown)",
            $0.oldestQueued.map { TimeSpan.text(now - $0) } ?? "",
          ]
        }), empty: "nothing waits")
  }

  private func printLanes(
    of channel: ChannelName, _ queue: Queue?, _ installation: Installation
  ) throws {
    let now = installation.clocks.wall
    let state = try installation.state(of: channel)
    let lanes = try installation.ledger.lanes(of: channel, queue: queue, limit: limit)
    json.print(
      lanes.map { $0.head.json(why: $0.head.reason(state, now: now), behind: $0.behind) },
      Table(
        ["queue", "contact", "mId", "age", "behind", "calls", "why"],
        lanes.map {
          [
            "\($0.head.queue)", "\($0.head.contact)", "\($0.head.id)",
            TimeSpan.text(now - $0.head.enqueuedAt), "\($0.behind)", "\($0.head.attempts)",
            $0.head.reason(state, now: now),
          ]
        }), empty: "nothing waits on \(channel)")
  }
}
