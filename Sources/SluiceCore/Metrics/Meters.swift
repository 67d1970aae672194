/// Where programs say what happened, for whoever watches (``SharedStatus``). Cheap enough to be told of
/// every message, and never a reason to fail.
package protocol Meters: Sendable {
  /// Adds to a counter of the channel.
  func count(_ event: CountedEvent, _ queue: Queue, of channel: ChannelName, times: Int)

  /// - Parameter nanoseconds: How long it took.
  func record(_ duration: TimedDuration, nanoseconds: UInt64)

  /// Tells that a relay is alive.
  func beat()
}

extension Meters {
  package func count(_ event: CountedEvent, _ queue: Queue, of channel: ChannelName) {
    count(event, queue, of: channel, times: 1)
  }
}

/// For those whom nobody watches.
package struct NoMeters: Meters {
  package init() {}

  package func count(
    _ event: CountedEvent, _ queue: Queue, of channel: ChannelName, times: Int
  ) {}
  package func record(_ duration: TimedDuration, nanoseconds: UInt64) {}
  package func beat() {}
}
