/// How the calls to a channel's platform or provider stand.
package struct DestinationStatus: Equatable, Sendable {
  package enum Breaker: Equatable, Sendable {
    case closed
    /// Nobody calls before that time, Unix milliseconds.
    case open(until: Int64)
    /// The next call is to show whether it answers again.
    case halfOpen
  }

  /// Calls a second; `nil` without a limit, or before the first call.
  package var limit: Double?
  /// Calls in the last second, and in the last minute; the window slides.
  package var lastSecond = 0.0
  package var lastMinute = 0.0
  package var breaker = Breaker.closed
  /// Until when the other side asked us to pause, Unix milliseconds; `nil` if it did not.
  package var heldUntil: Int64?
  /// How often somebody had to wait for a slot.
  package var waits: UInt64 = 0

  package init() {}

  /// The part of its limit that was used in the last second, 0 to 1; `nil` without a limit.
  package var used: Double? { limit.map { min(lastSecond / $0, 1) } }
  /// The same of the last minute.
  package var usedInMinute: Double? { limit.map { min(lastMinute / 60 / $0, 1) } }
}
