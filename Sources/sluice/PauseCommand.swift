import ArgumentParser
import SluiceCore

struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Lets nothing leave on a channel, and goes on accepting.",
    discussion: """
      It holds for all programs at once, until `sluice resume`; calls under way end as they do. What gets \
      older than its maximum age meanwhile is given up afterwards. Without a channel it lists what is paused.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Argument(help: "The channel.") var channel: String?
  @OptionGroup var direction: DirectionOption

  func run() throws {
    let pauses = try channel.map(direction.pauses) ?? []
    let ledger = try settings.openLedger(filing: false)
    if channel == nil { return try reporting { try list(ledger) } }
    try reporting { for pause in pauses { try ledger.pause(pause) } }
    tell(pauses, "paused", json)
  }

  private func list(_ ledger: any InspectableLedger) throws {
    let pauses = try ledger.pauses()
    json.print(
      pauses.map(\.json),
      Table(["channel", "direction"], pauses.map { ["\($0.channel)", $0.direction] }),
      empty: "nothing is paused")
  }
}

private func tell(_ pauses: [Pause], _ verb: String, _ json: JSONFlag) {
  if json.isWanted {
    for pause in pauses { print(pause.json.text) }
  } else {
    print("\(verb): \(pauses.map(\.words).joined(separator: ", "))")
  }
}

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Ends a pause; what waits leaves, oldest first.",
    discussion: "Ends with status 1 where nothing was paused.")

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Argument(help: "The channel.") var channel: String
  @OptionGroup var direction: DirectionOption

  func run() throws {
    let pauses = try direction.pauses(of: channel)
    let ledger = try settings.openLedger(filing: false)
    let ended = try reporting { try pauses.filter { try ledger.resume($0) } }
    guard !ended.isEmpty else { throw failure("\(channel) was not paused") }
    tell(ended, "resumed", json)
  }
}

struct DirectionOption: ParsableArguments {
  @Option(
    help: "Only outbound (to contacts), or only inbound (messages and statuses to the platform).")
  var direction: String?

  func pauses(of channel: String) throws -> [Pause] {
    let channel = try Word.channel(channel)
    let all = [Destination.provider, .platform].map { Pause(channel: channel, destination: $0) }
    guard let direction else { return all }
    let wanted = try Word.one(of: ["outbound", "inbound"], direction, "direction")
    return all.filter { $0.direction == wanted }
  }
}

extension Pause {
  var direction: String { destination == .platform ? "inbound" : "outbound" }
  fileprivate var json: JSON {
    ["channel": .string("\(channel)"), "direction": .string(direction)]
  }
  fileprivate var words: String { "\(channel) \(direction)" }
}
