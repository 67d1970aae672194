import Glibc
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

struct CircuitBreakerTests {
  static let breaker = CircuitBreaker.standard

  /// The word after so many failures at `now`, none of them a probe.
  private func failing(_ count: Int, at now: UInt64 = 1_000, from word: UInt64 = 0) -> UInt64 {
    (0..<count).reduce(word) { word, _ in
      Self.breaker.failed(word: word, isProbe: false, now: now)
    }
  }

  @Test func opensAfterFiveFailuresInARow() {
    for count in 0..<5 {
      #expect(Self.breaker.state(word: failing(count), now: 1_000) == .closed)
    }
    #expect(Self.breaker.state(word: failing(5), now: 1_000) == .open(until: 6_000))
    #expect(Self.breaker.state(word: failing(5), now: 5_999) == .open(until: 6_000))
    guard case .halfOpen = Self.breaker.state(word: failing(5), now: 6_000) else {
      _ = Issue.record("not half open")
      return
    }
  }

  @Test("calls that were under way when it opened change nothing")
  func stragglersTellNothing() {
    #expect(failing(50) == failing(5))
    #expect(failing(20, at: 90_000, from: failing(5)) == failing(5))
  }

  @Test("while one probes nobody else does, unless it never reports")
  func oneProbes() {
    guard case .halfOpen(let claim) = Self.breaker.state(word: failing(5), now: 7_000) else {
      _ = Issue.record("not half open")
      return
    }
    #expect(Self.breaker.state(word: claim, now: 7_000) == .open(until: 37_000))
    #expect(Self.breaker.state(word: claim, now: 36_999) == .open(until: 37_000))
    guard case .halfOpen = Self.breaker.state(word: claim, now: 37_000) else {
      _ = Issue.record("stands still")
      return
    }
    // A straggler does not take the claim away.
    #expect(Self.breaker.failed(word: claim, isProbe: false, now: 8_000) == claim)
  }

  @Test func backOffDoublesToTheCap() {
    var word = failing(5)
    var now: UInt64 = 1_000
    var delays: [UInt64] = []
    for _ in 0..<300 {
      guard case .open(let until) = Self.breaker.state(word: word, now: now) else {
        _ = Issue.record("not open")
        return
      }
      delays.append(until - now)
      guard case .halfOpen(let claim) = Self.breaker.state(word: word, now: until) else {
        _ = Issue.record("not half open")
        return
      }
      now = until + 20
      word = Self.breaker.failed(word: claim, isProbe: true, now: now)
    }
    #expect(delays.prefix(5) == [5_000, 10_000, 20_000, 40_000, 60_000])
    #expect(delays.dropFirst(4).allSatisfy { $0 == 60_000 })
  }

  @Test("a probe that fails after somebody else's success is one failure of many")
  func lateProbe() {
    #expect(
      Self.breaker.state(
        word: Self.breaker.failed(word: 0, isProbe: true, now: 1_000), now: 1_000) == .closed)
  }

  /// The law: no word whatever keeps calls away for longer than a minute.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func damageDoesNotStandStill(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<1_000 {
      var word = random.next() >> UInt64.random(in: 0...63, using: &random)
      let now = UInt64.random(in: 0...(1 << 40), using: &random)
      for step in 0..<4 {
        if case .open(let until) = Self.breaker.state(word: word, now: now) {
          #expect(until > now && until <= now + 60_000)
        }
        word = Self.breaker.failed(word: word, isProbe: step % 2 == 0, now: now)
      }
    }
  }

  /// The law: against a model with plain variables, in any sequence of calls.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func agreesWithAModel(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let breaker = CircuitBreaker(
      threshold: UInt64.random(in: 1...6, using: &random), base: 100, cap: 1_500, probeWindow: 700)
    var (word, now) = (UInt64(0), UInt64.random(in: 0...(1 << 42), using: &random))
    var (failures, openings, shutUntil) = (0, 0, UInt64(0))
    for _ in 0..<500 {
      now += UInt64.random(in: 0...300, using: &random)
      let isShut = failures >= breaker.threshold
      var claim: UInt64?
      switch breaker.state(word: word, now: now) {
      case .closed: #expect(!isShut)
      case .open(let until): #expect(isShut && until == shutUntil && until > now)
      case .halfOpen(let word):
        #expect(isShut && shutUntil <= now)
        claim = word
      }
      switch Int.random(in: 0..<10, using: &random) {
      case 0: (word, failures, openings) = (0, 0, 0)
      case 1...6 where claim == nil:  // A failure that is no probe.
        word = breaker.failed(word: word, isProbe: false, now: now)
        if !isShut {
          failures += 1
          if failures >= breaker.threshold {
            shutUntil = now + min(1_500, 100 << UInt64(openings))
            openings += 1
          }
        }
      default:
        guard let claim else { continue }
        word = claim
        shutUntil = now + 700
        guard Bool.random(using: &random) else { continue }  // It never reports.
        now += UInt64.random(in: 0...699, using: &random)
        word = breaker.failed(word: word, isProbe: true, now: now)
        shutUntil = now + min(1_500, 100 << UInt64(min(openings, 16)))
        openings += 1
      }
    }
  }
}

/// The breaker in shared memory: two mappings of one file stand for two processes.
struct SharedBreakerTests {
  private let directory = TemporaryDirectory()
  private let clocks = ManualClocks()
  private let channel = ChannelName("sms")!

  private func mapping() throws -> SharedBuckets {
    SharedBuckets(
      try CurrentSegment(
        path: directory.path + "/segment", stateDirectory: "/var/lib/sluice", now: clocks.boot))
  }

  private func note(_ buckets: SharedBuckets, success: Bool = false, isProbe: Bool = false) {
    buckets.note(success: success, isProbe: isProbe, .provider, of: channel, now: clocks.boot)
  }

  private func admission(_ buckets: SharedBuckets) -> Admission {
    buckets.admission(.provider, of: channel, now: clocks.boot)
  }

  @Test("failures of two processes are failures in a row, and open it for both")
  func isShared() throws {
    let (first, second) = (try mapping(), try mapping())
    for number in 0..<5 {
      #expect(admission(first) == .admitted)
      note(number % 2 == 0 ? first : second)
    }
    let until = clocks.boot + 5_000_000_000
    #expect(admission(first) == .refused(until: until))
    #expect(admission(second) == .refused(until: until))
    #expect(!first.claimProbe(.provider, of: channel, now: clocks.boot))
    // Other destinations and channels are none the wiser.
    #expect(second.admission(.platform, of: channel, now: clocks.boot) == .admitted)
    #expect(
      second.admission(.provider, of: ChannelName("other")!, now: clocks.boot) == .admitted)
    clocks.advance(milliseconds: 5_000)
    #expect(admission(first) == .probe)
    #expect(admission(second) == .probe)
    #expect(second.claimProbe(.provider, of: channel, now: clocks.boot))
    #expect(!first.claimProbe(.provider, of: channel, now: clocks.boot))
    #expect(admission(first) == .refused(until: clocks.boot + 30_000_000_000))
    note(second, success: true, isProbe: true)
    #expect(admission(first) == .admitted)
  }

  @Test("a success in between starts the count anew")
  func successResets() throws {
    let buckets = try mapping()
    for _ in 0..<3 {
      for _ in 0..<4 { note(buckets) }
      note(buckets, success: true)
    }
    #expect(admission(buckets) == .admitted)
    for _ in 0..<5 { note(buckets) }
    #expect(admission(buckets) != .admitted)
  }

  @Test("of many threads that want to probe exactly one may")
  func oneWins() throws {
    let mappings = [try mapping(), try mapping()]
    let (clocks, channel, rounds, threads) = (clocks, channel, 2_000, 4)
    let winners = Atomic<Int>(0)
    let arrived = Atomic<Int>(0)
    for _ in 0..<5 { note(mappings[0]) }
    clocks.advance(milliseconds: 5_000)
    let failures = concurrently(threads: threads) { thread in
      for round in 0..<rounds {
        // All at once: whoever comes last lets the others go, and opens the next window.
        let now = clocks.boot + UInt64(round) * 30_000_000_000
        arrived.wrappingAdd(1, ordering: .acquiringAndReleasing)
        while arrived.load(ordering: .acquiring) < (round + 1) * threads { sched_yield() }
        if mappings[thread % 2].claimProbe(.provider, of: channel, now: now) {
          winners.wrappingAdd(1, ordering: .relaxed)
        }
      }
    }
    #expect(failures.isEmpty)
    #expect(winners.load(ordering: .relaxed) == rounds)
  }

  @Test("threads that report failures at once open it once, for the first time")
  func countsExactly() throws {
    let mappings = [try mapping(), try mapping()]
    let (clocks, channel) = (clocks, channel)
    let failures = concurrently(threads: 8) { thread in
      for _ in 0..<200 {
        mappings[thread % 2].note(
          success: false, isProbe: false, .provider, of: channel, now: clocks.boot)
      }
    }
    #expect(failures.isEmpty)
    #expect(admission(mappings[0]) == .refused(until: clocks.boot + 5_000_000_000))
  }
}
