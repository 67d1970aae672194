/// What holds a channel's calls up at present, apart from the messages themselves.
package struct ChannelState: Equatable, Sendable {
  package var platform = DestinationStatus()
  package var provider = DestinationStatus()
  package var paused: Set<Destination> = []

  package init() {}

  /// - Parameter pauses: Of all channels.
  package init(of channel: ChannelName, _ status: SharedStatus, pauses: [Pause]) {
    platform = status.destination(.platform, of: channel)
    provider = status.destination(.provider, of: channel)
    paused = Set(pauses.lazy.filter { $0.channel == channel }.map(\.destination))
  }

  func status(of destination: Destination) -> DestinationStatus {
    destination == .platform ? platform : provider
  }
}
