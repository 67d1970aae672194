import SluiceCore
import SluiceTesting
import Testing

struct TokenBucketTests {
  static let second: UInt64 = 1_000_000_000
  static let limits: [Double] = [1, 2, 3, 7, 20, 100, 999, 0.5, 2.5, 19.99]

  /// The law: whenever and however far ahead slots are asked for, no second holds more than the
  /// limit (for a fraction, the next whole number: a second cannot hold half a call), and whoever
  /// keeps asking gets at least 97 % of it.
  @Test(arguments: limits)
  func noSlidingSecondHoldsMoreThanTheLimit(limit: Double) {
    let bucket = TokenBucket(limitPerSecond: limit)
    var random = SplitMix64(seed: UInt64(limit * 100))
    var (word, now) = (UInt64(0), UInt64.random(in: 0...(1 << 50), using: &random))
    var slots: [UInt64] = []
    while slots.count < 3_000 {
      // Rush, dawdle, and sometimes pause.
      let steps: [UInt64] = [0, bucket.interval / 3, bucket.interval * 2, 3 * Self.second]
      let weight = Int.random(in: 0..<100, using: &random)
      now += steps[weight < 80 ? 0 : weight < 95 ? 1 : weight < 99 ? 2 : 3]
      let horizon = UInt64.random(in: 0...(Self.second * 3), using: &random)
      switch bucket.decide(word: word, now: now, horizon: horizon) {
      case .take(let slot, let next):
        #expect(slot >= now && slot - now <= horizon)
        slots.append(slot)
        word = next
      case .wait(let until):
        #expect(until > now)
        // The same call succeeds then, and not before.
        guard case .take = bucket.decide(word: word, now: until, horizon: horizon) else {
          _ = Issue.record("\(until) is too early")
          return
        }
        if until - now > 1, case .take = bucket.decide(word: word, now: until - 1, horizon: horizon)
        {
          Issue.record("\(until) is too late")
        }
        now = until
      }
    }
    let most = Int(limit.rounded(.up))
    for first in 0..<(slots.count - most) where slots[first + most] - slots[first] < Self.second {
      Issue.record("\(most + 1) slots within a second from \(slots[first])")
    }
  }

  @Test func aBacklogGetsCloseToTheLimit() {
    let bucket = TokenBucket(limitPerSecond: 20)
    var (word, now, count) = (UInt64(0), UInt64(5), 0)
    while now < 100 * Self.second {
      switch bucket.decide(word: word, now: now, horizon: 0) {
      case .take(_, let next): (word, count) = (next, count + 1)
      case .wait(let until): now = until
      }
    }
    #expect((1_940...1_960).contains(count))
  }

  @Test func aPauseEarnsNoBurst() {
    let bucket = TokenBucket(limitPerSecond: 20)
    let now = 1_000 * Self.second
    guard case .take(let slot, let next) = bucket.decide(word: 1, now: now, horizon: 0) else {
      _ = Issue.record()
      return
    }
    #expect(slot == now)
    #expect(bucket.decide(word: next, now: now, horizon: 0) == .wait(until: now + bucket.interval))
  }

  @Test func withoutALimitEveryMomentIsASlot() {
    for word: UInt64 in [0, 5, .max] {
      let decision = TokenBucket.unlimited.decide(word: word, now: 7, horizon: 0)
      #expect(decision == .take(slot: 7, next: word))
      #expect(TokenBucket.unlimited.charge(word: word, slot: 7, now: .max / 2) == word)
    }
  }

  @Test func aLateSlotMovesTheNextOnesAlong() {
    let bucket = TokenBucket(interval: 50_000_000)
    let late = 100_000_000 + TokenBucket.tolerance
    #expect(bucket.charge(word: 150_000_000, slot: 100_000_000, now: late) == 150_000_000)
    #expect(bucket.charge(word: 150_000_000, slot: 100_000_000, now: late + 7) == 150_000_007)
  }

  @Test func aSlotUsedAmongLaterOnesIsPaidAgain() {
    let bucket = TokenBucket(interval: 50_000_000)
    #expect(bucket.charge(word: 200_000_000, slot: 100_000_000, now: 190_000_000) == 250_000_000)
    #expect(bucket.charge(word: 200_000_000, slot: 100_000_000, now: 300_000_000) == 350_000_000)
  }

  /// Calls that leave late, by a little or a lot, never make a second of more than the limit.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func holdsTheLimitWithLateCalls(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let limit = [5, 20, 100][Int(seed % 3)]
    let bucket = TokenBucket(limitPerSecond: Double(limit))
    var word: UInt64 = Self.second
    var now = Self.second
    var departures: [UInt64] = []
    var pending: [(slot: UInt64, leaves: UInt64)] = []
    while departures.count < 400 {
      now += UInt64.random(in: 0...bucket.interval, using: &random)
      for call in pending.filter({ $0.leaves <= now }).sorted(by: { $0.leaves < $1.leaves }) {
        departures.append(call.leaves)
        word = bucket.charge(word: word, slot: call.slot, now: call.leaves)
      }
      pending.removeAll { $0.leaves <= now }
      guard pending.count < 2,
        case .take(let slot, let next) = bucket.decide(word: word, now: now, horizon: 30_000_000)
      else { continue }
      word = next
      let isLate = Int.random(in: 0..<10, using: &random) == 0
      let delay = UInt64.random(in: 0...(isLate ? 300_000_000 : 2_000_000), using: &random)
      pending.append((slot, slot + delay))
    }
    departures.sort()
    var first = 0
    for index in departures.indices {
      while departures[index] - departures[first] >= Self.second { first += 1 }
      #expect(index - first + 1 <= limit, "seed \(seed)")
    }
  }

  /// Damage costs about a second, whatever the horizon; it must not stop a channel for ever.
  @Test(arguments: [0, 1_000_000, 60_000_000_000] as [UInt64])
  func recoversFromADamagedWord(horizon: UInt64) {
    let bucket = TokenBucket(limitPerSecond: 20)
    for word: UInt64 in [.max, .max - 1, 1 << 63, 1 << 60] {
      var now = 10 * Self.second
      let start = now
      for _ in 0..<100 {
        switch bucket.decide(word: word, now: now, horizon: horizon) {
        case .take(let slot, let next):
          #expect(slot >= now && slot <= start + 2 * Self.second)
          #expect(next == slot + bucket.interval)
          now = 0
        case .wait(let until): now = until
        }
        if now == 0 { break }
      }
      #expect(now == 0, "no slot for a word of \(word)")
    }
  }
}
