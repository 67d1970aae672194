import SluiceCore

/// What the shared segment says of the present: ``SharedStatus``, or a test's own.
package protocol LiveStatus: Sendable {
  func destination(_ destination: Destination, of channel: ChannelName) -> DestinationStatus
  func history(_ span: HistorySpan, of channel: ChannelName) -> [HistoryPoint]
  /// Milliseconds since a relay was last seen alive; `nil` if none ever was.
  var relayAge: Int64? { get }
}

extension SharedStatus: LiveStatus {}
