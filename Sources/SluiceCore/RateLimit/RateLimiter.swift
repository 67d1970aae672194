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

  /// Whether `destination` may be called at all. Claims nothing.
  func admission(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Admission

  /// Makes the caller the one who probes; `false` if somebody else was faster.
  func claimProbe(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Bool

  /// Tells how a call went: failures in a row open the breaker, a success closes it.
  func note(
    success: Bool, isProbe: Bool, _ destination: Destination, of channel: ChannelName, now: UInt64)
}

package enum Reservation: Equatable, Sendable {
  case slot(UInt64)
  case wait(until: UInt64)
}

/// What the circuit breaker says.
package enum Admission: Equatable, Sendable {
  case admitted
  /// One call may be made, by whoever claims it.
  case probe
  /// Nobody calls before that time, boot, nanoseconds.
  case refused(until: UInt64)
}
