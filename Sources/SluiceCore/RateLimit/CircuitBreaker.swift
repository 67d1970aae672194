/// Keeps calls from a destination that does not answer: some failures in a row open it for everyone,
/// after a while one call probes, and a success closes it. Like the token bucket it is one integer in
/// shared memory, so that a killed process leaves nothing locked. Times are milliseconds of boot
/// time.
///
/// The word, from its low end: 44 bits for when it may be probed, 8 for failures in a row, 8 for how
/// often it opened in a row. 0 is closed and healthy.
package struct CircuitBreaker: Sendable, Equatable {
  /// Failures in a row that open it.
  package let threshold: UInt64
  /// Milliseconds it stays open the first time; twice that the next, up to ``cap``.
  package let base: UInt64
  package let cap: UInt64
  /// Milliseconds for which a probe keeps others away, should it never report.
  package let probeWindow: UInt64

  package static let standard = CircuitBreaker(
    threshold: 5, base: 5_000, cap: 60_000, probeWindow: 30_000)

  package init(threshold: UInt64, base: UInt64, cap: UInt64, probeWindow: UInt64) {
    self.threshold = threshold
    self.base = base
    self.cap = cap
    self.probeWindow = probeWindow
  }

  package enum State: Equatable, Sendable {
    case closed
    /// Nobody calls before that time.
    case open(until: UInt64)
    /// One call may be made, by whoever stores the word.
    case halfOpen(claim: UInt64)
  }

  package func state(word: UInt64, now: UInt64) -> State {
    let fields = Fields(word)
    guard fields.failures >= threshold else { return .closed }
    // Further away than anyone could have set it is damage, and no reason to stand still.
    if fields.until > now, fields.until <= now + max(cap, probeWindow) {
      return .open(until: fields.until)
    }
    var claim = fields
    claim.until = now + probeWindow
    return .halfOpen(claim: claim.word)
  }

  /// The word after a call that failed.
  /// - Parameter isProbe: Whether the call was the half-open one; others that were under way when it
  ///   opened tell nothing new.
  package func failed(word: UInt64, isProbe: Bool, now: UInt64) -> UInt64 {
    var fields = Fields(word)
    guard fields.failures < threshold || isProbe else { return word }
    fields.failures = min(fields.failures + 1, 255)
    if fields.failures >= threshold {
      let delay = min(cap, base << min(fields.openings, 16))
      fields.openings = min(fields.openings + 1, 255)
      fields.until = now + delay
    }
    return fields.word
  }

  private struct Fields {
    var until: UInt64
    var failures: UInt64
    var openings: UInt64

    init(_ word: UInt64) {
      until = word & Self.timeMask
      failures = word >> 44 & 0xFF
      openings = word >> 52 & 0xFF
    }

    var word: UInt64 { until & Self.timeMask | failures << 44 | openings << 52 }

    private static let timeMask: UInt64 = 1 << 44 - 1
  }
}
