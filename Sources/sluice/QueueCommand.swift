import ArgumentParser
import SluiceCore

/// How much waits, and where.
struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Says how much waits in each channel's queues.")

  @OptionGroup var settings: SettingsOption
  @Flag(help: "Prints JSON, a line each.") var json = false

  func run() throws {
    let backlog = try settings.openLedger().backlog()
    if json {
      for queue in backlog {
        let line: JSON = [
          "channel": .string("\(queue.channel)"), "queue": .string("\(queue.queue)"),
          "queued": .integer(Int64(queue.queued)),
        ]
        print(line.text)
      }
    } else if backlog.isEmpty {
      print("nothing waits")
    } else {
      print(
        Table(
          ["channel", "queue", "queued"],
          backlog.map { ["\($0.channel)", "\($0.queue)", "\($0.queued)"] }))
    }
  }
}
