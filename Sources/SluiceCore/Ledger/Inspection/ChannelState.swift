/// What holds a channel's calls up at present, apart from the messages themselves.
package struct ChannelState: Equatable, Sendable {
  package var platform = DestinationStatus()
  package var provider = DestinationStatus()
  /// Of the second account, where the channel has one.
  package var fallback = DestinationStatus()
  package var hasFallback = false
  package var paused: Set<Destination> = []

  package init() {}

  /// - Parameter pauses: Of all channels.
  package init(
    of channel: ChannelName, hasFallback: Bool, _ status: SharedStatus, pauses: [Pause]
  ) {
    platform = status.destination(.platform, of: channel)
    provider = status.destination(.provider, of: channel)
    fallback = status.destination(.fallback, of: channel)
    self.hasFallback = hasFallback
    paused = Set(pauses.lazy.filter { $0.channel == channel }.map(\.destination))
  }

  func status(of destination: Destination) -> DestinationStatus {
    switch destination {
    case .platform: platform
    case .provider: provider
    case .fallback: fallback
    }
  }

  /// Where an entry goes as things stand. What no account may have yet goes to the fallback while the
  /// main one is down, as carriers do it; once leased, or bound, it is its account's.
  func destination(of entry: WaitingEntry) -> Destination {
    let own = entry.queue.destination(through: entry.route.account)
    guard hasFallback, entry.isOpenToEither else { return own }
    return provider.isDown && !fallback.isDown ? .fallback : .provider
  }

  /// "the provider", or which of its accounts.
  func name(of destination: Destination) -> String {
    switch destination {
    case .platform: "the platform"
    case .provider: hasFallback ? "the main account" : "the provider"
    case .fallback: "the fallback"
    }
  }
}

extension DestinationStatus {
  /// Whether nobody calls it: its breaker is open.
  var isDown: Bool { if case .open = breaker { true } else { false } }
}
