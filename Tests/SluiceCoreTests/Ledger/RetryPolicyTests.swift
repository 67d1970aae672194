import SluiceCore
import SluiceTesting
import Testing

struct RetryPolicyTests {
  /// Full jitter: any delay up to a ceiling that doubles, up to the cap, and not much less than it.
  @Test func delaysAreDrawnFromDoublingCeilings() {
    let policy = RetryPolicy(base: 1_000, cap: 10_000)
    var random = SplitMix64(seed: 13)
    for (attempt, ceiling) in [
      (1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 10_000), (99, 10_000),
    ] {
      let delays = (0..<500).map { _ in delay(policy, attempt: attempt, &random) }
      #expect(delays.allSatisfy { (0...Int64(ceiling)).contains($0) })
      #expect(delays.max()! > Int64(ceiling) * 9 / 10)
      #expect(delays.min()! < Int64(ceiling) / 10)
    }
  }

  static let asked: [(seconds: Double, atLeast: Int64)] = [
    (30, 30_000), (0.25, 250), (-5, 0), (86_400, 3_600_000), (.infinity, 3_600_000), (.nan, 0),
  ]
  /// An hour at most: longer pauses are a mistake or an attack.
  @Test(arguments: asked)
  func obeysRetryAfter(seconds: Double, atLeast: Int64) {
    var random = SplitMix64(seed: 14)
    let delay = delay(RetryPolicy(base: 10), attempt: 1, retryAfter: seconds, &random)
    #expect((atLeast...(atLeast + 10)).contains(delay))
  }

  @Test func givesUpAtTheMaximumAge() {
    let policy = RetryPolicy(base: 1, cap: 1, maximumAge: 1_000)
    var random = SplitMix64(seed: 15)
    for (now, givesUp) in [(Int64(0), false), (998, false), (1_000, true), (5_000, true)] {
      let decision = policy.decide(
        attempt: 1, enqueuedAt: 0, now: now, retryAfter: nil, using: &random)
      #expect((decision == .giveUp) == givesUp)
    }
    // No point in waiting for a try that would come too late.
    #expect(
      policy.decide(attempt: 1, enqueuedAt: 0, now: 0, retryAfter: 1, using: &random) == .giveUp)
  }

  @Test func extremesDoNotTrap() {
    var random = SplitMix64(seed: 16)
    let policy = RetryPolicy(base: 3_600_000, cap: 86_400_000, maximumAge: .max)
    for attempt in [Int.min, -1, 0, 1, 64, .max] {
      #expect((0...86_400_000).contains(delay(policy, attempt: attempt, &random)))
    }
    #expect(delay(RetryPolicy(base: 0, cap: 0), attempt: 1, &random) <= 1)
  }

  private func delay(
    _ policy: RetryPolicy, attempt: Int, retryAfter: Double? = nil, _ random: inout SplitMix64
  ) -> Int64 {
    let now: Int64 = 1_760_000_000_000
    switch policy.decide(
      attempt: attempt, enqueuedAt: now, now: now, retryAfter: retryAfter, using: &random)
    {
    case .retry(let at): return at - now
    case .giveUp: return -1
    }
  }
}
