/// When a deferred entry is tried again: exponential back-off with full jitter (AWS Architecture
/// Blog, "Exponential Backoff And Jitter"), never past the message's maximum age.
package struct RetryPolicy: Sendable, Equatable {
  /// Milliseconds; the first delay is drawn from `0...base`, the next from twice that, and so on.
  package let base: Int64
  /// The longest delay, milliseconds.
  package let cap: Int64
  /// Milliseconds from the message's acceptance until it is given up.
  package let maximumAge: Int64

  package init(base: Int64 = 1_000, cap: Int64 = 300_000, maximumAge: Int64 = 86_400_000) {
    self.base = base
    self.cap = cap
    self.maximumAge = maximumAge
  }

  package enum Decision: Equatable, Sendable {
    case retry(at: Int64)
    case giveUp
  }

  /// - Parameter attempt: Calls begun so far, 1 or more.
  /// - Parameter retryAfter: Seconds the other side asked for; obeyed up to one hour.
  package func decide(
    attempt: Int, enqueuedAt: Int64, now: Int64, retryAfter: Double?,
    using random: inout some RandomNumberGenerator
  ) -> Decision {
    let ceiling = min(cap, base << min(Int64(max(attempt, 1) - 1), 20))
    let jittered = Int64.random(in: 0...max(ceiling, 1), using: &random)
    // NaN is not more than 0 either.
    let asked = retryAfter.map { $0 > 0 ? Int64(min($0, 3_600) * 1_000) : 0 } ?? 0
    let at = now + max(jittered, asked)
    return at - enqueuedAt >= maximumAge ? .giveUp : .retry(at: at)
  }
}
