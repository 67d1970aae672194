import ArgumentParser
import SluiceCore

/// How much waits, and where.
struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Says how much waits in each channel's queues.",
    discussion: "Unknown are those of which nobody can tell yet whether the provider took them.")

  @OptionGroup var settings: SettingsOption
  @Flag(help: "Prints JSON, a line each.") var json = false

  func run() throws {
    let backlog = try settings.openLedger().backlog()
    if json {
      for queue in backlog {
        let line: JSON = [
          "channel": .string("\(queue.channel)"), "queue": .string("\(queue.queue)"),
          "queued": .integer(Int64(queue.queued)), "unknown": .integer(Int64(queue.unknown)),
        ]
        print(line.text)
      }
    } else if backlog.isEmpty {
      print("nothing waits")
    } else {
      print(
        Table(
          ["channel", "queue", "queued", "unknown"],
          backlog.map { ["\($0.channel)", "\($0.queue)", "\($0.queued)", "\($0.unknown)"] }))
    }
  }
}
