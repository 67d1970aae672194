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
          ["channel", "provider", "state", "queued", "oldest", "dead", "quarantined"],
          lines.map { line in
            [
              "\(line.name)", line.provider, line.state, "\(line.queued)",
              line.oldest.map { TimeSpan.text(installation.clocks.wall - $0) } ?? "",
              "\(line.dead)", "\(line.quarantined)",
            ]
          }), empty: "there are no channels")
    }
  }

  private struct Line {
    let name: ChannelName
    let provider: String
    let state: String
    let queued: Int
    /// Since when the oldest waits, Unix milliseconds.
    let oldest: Int64?
    let dead: Int
    let quarantined: Int

    var json: JSON {
      .object(present: [
        ("channel", .string("\(name)")), ("provider", .string(provider)),
        ("state", .string(state)), ("queued", .integer(Int64(queued))),
        ("oldestQueued", oldest.map(JSON.time)), ("dead", .integer(Int64(dead))),
        ("quarantined", .integer(Int64(quarantined))),
      ])
    }
  }

  private func lines(_ installation: Installation) throws -> [Line] {
    let ledger = installation.ledger
    let pauses = try ledger.pauses()
    var queued: [ChannelName: Int] = [:]
    var oldest: [ChannelName: Int64] = [:]
    for queue in try ledger.overview() {
      queued[queue.channel, default: 0] += queue.queued
      // Questions are asked hours later; nobody waits for them.
      guard queue.queue != .check, let since = queue.oldestQueued else { continue }
      oldest[queue.channel] = min(oldest[queue.channel] ?? since, since)
    }
    var troubles: [ChannelName: ChannelTroubles] = [:]
    for trouble in try ledger.troubles() { troubles[trouble.channel] = trouble }
    let status = SharedStatus(installation.settings.server, clocks: installation.clocks)
    return installation.settings.channels.checkAll().channels.map { channel in
      let name = channel.name
      return Line(
        name: name,
        provider: channel.main.providerName
          + (channel.fallback.map { ", then \($0.providerName)" } ?? ""),
        state: ChannelState(
          of: name, hasFallback: channel.fallback != nil, status, pauses: pauses
        ).words,
        queued: queued[name] ?? 0, oldest: oldest[name], dead: troubles[name]?.deadLetters ?? 0,
        quarantined: troubles[name]?.quarantined ?? 0)
    }
  }
}

extension ChannelState {
  /// "open", or what holds it up.
  fileprivate var words: String {
    var sides = [("outbound", Destination.provider, provider), ("inbound", .platform, platform)]
    if hasFallback { sides.append(("fallback", .fallback, fallback)) }
    let obstacles = sides.compactMap { name, destination, status -> String? in
      if paused.contains(destination) { return "\(name) paused" }
      if status.breaker != .closed { return "\(name) fails" }
      return status.heldUntil == nil ? nil : "\(name) throttled"
    }
    return obstacles.isEmpty ? "open" : obstacles.joined(separator: ", ")
  }
}
