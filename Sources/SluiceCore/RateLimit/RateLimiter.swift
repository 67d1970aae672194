/// Hands out the slots in which calls may leave. Shared by all processes of the host.
package protocol RateLimiter: Sendable {
  /// A slot to call `destination` of `channel` in, or when to ask again. Times are boot time.
  /// - Parameter horizon: How far ahead, nanoseconds, a slot may be reserved.
  func reserve(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, now: UInt64,
    horizon: UInt64
  ) -> Reservation

  /// Pays for a slot that is used late (``TokenBucket/charge(word:slot:now:)``).
  func charge(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, slot: UInt64,
    now: UInt64)

  /// Lets nobody call before `time`: the other side asked for a pause.
  func hold(_ destination: Destination, of channel: ChannelName, until time: UInt64, now: UInt64)

  /// Adds to a counter of the channel.
  func count(_ event: CountedEvent, _ destination: Destination, of channel: ChannelName)
}

package enum Reservation: Equatable, Sendable {
  case slot(UInt64)
  case wait(until: UInt64)
}

/// What is counted per channel and destination. Raw values are places in the shared segment.
package enum CountedEvent: Int, Sendable, CaseIterable {
  case accepted = 0
  case deferred = 1
  case rejected = 2
  case throttled = 3
}
