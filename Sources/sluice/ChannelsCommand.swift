import ArgumentParser
import SluiceCore

struct ChannelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channels",
    abstract: "Lists the channels of the settings, and how each stands.",
    discussion: "Channels whose settings have mistakes are left out; `sluice check` names those.")

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag

  func run() throws {
    let installation = try settings.open()
    try reporting {
      let lines = try lines(installation)
      json.print(
        lines.map(\.json),
        Table(
          ["channel", "provider", "state", "queued", "dead", "quarantined"],
          lines.map {
            [
              "\($0.name)", $0.provider, $0.state, "\($0.queued)", "\($0.dead)",
              "\($0.quarantined)",
            ]
          }), empty: "there are no channels")
    }
  }

  private struct Line {
    let name: ChannelName
    let provider: String
    let state: String
    let queued: Int
    let dead: Int
    let quarantined: Int

    var json: JSON {
      [
        "channel": .string("\(name)"), "provider": .string(provider), "state": .string(state),
        "queued": .integer(Int64(queued)), "dead": .integer(Int64(dead)),
        "quarantined": .integer(Int64(quarantined)),
      ]
    }
  }

  private func lines(_ installation: Installation) throws -> [Line] {
    let ledger = installation.ledger
    let pauses = try ledger.pauses()
    var queued: [ChannelName: Int] = [:]
    for queue in try ledger.backlog() { queued[queue.channel, default: 0] += queue.queued }
    var troubles: [ChannelName: ChannelTroubles] = [:]
    for trouble in try ledger.troubles() { troubles[trouble.channel] = trouble }
    let status = SharedStatus(installation.settings.server, clocks: installation.clocks)
    return installation.settings.channels.checkAll().channels.map { channel in
      let name = channel.name
      return Line(
        name: name,
        provider: channel.main.providerName
          + (channel.fallback.map { ", then \($0.providerName)" } ?? ""),
        state: ChannelState(of: name, status, pauses: pauses).words,
        queued: queued[name] ?? 0, dead: troubles[name]?.deadLetters ?? 0,
        quarantined: troubles[name]?.quarantined ?? 0)
    }
  }
}

extension ChannelState {
  /// "open", or what holds it up.
  fileprivate var words: String {
    let sides = [("outbound", Destination.provider, provider), ("inbound", .platform, platform)]
    let obstacles = sides.compactMap { name, destination, status -> String? in
      if paused.contains(destination) { return "\(name) paused" }
      if status.breaker != .closed { return "\(name) fails" }
      return status.heldUntil == nil ? nil : "\(name) throttled"
    }
    return obstacles.isEmpty ? "open" : obstacles.joined(separator: ", ")
  }
}
