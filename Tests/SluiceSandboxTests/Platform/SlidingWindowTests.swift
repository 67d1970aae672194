import SluiceCore
import Testing

@testable import SluiceSandbox

struct SlidingWindowTests {
  static let second: UInt64 = 1_000_000_000

  @Test func admitsUpToTheLimitInAnySecond() {
    var window = SlidingWindow(limit: 3)
    let times: [UInt64] = [
      0, 500_000_000, 999_999_999, 999_999_999, Self.second, 1_400_000_000, 1_500_000_000,
    ]
    let admitted = times.map { window.admits($0) }
    #expect(admitted == [true, true, true, false, true, false, true])
  }

  @Test func takesTimesALittleOutOfOrder() {
    var window = SlidingWindow(limit: 1)
    let admitted = [2_000, 1_000].map { window.admits($0) }
    #expect(admitted == [true, false])
  }

  @Test func findsTheBusiestSecond() {
    #expect(SlidingWindow.maximum(in: []) == 0)
    #expect(SlidingWindow.maximum(in: [0, Self.second]) == 1)
    #expect(SlidingWindow.maximum(in: [0, 1, Self.second - 1, Self.second, Self.second]) == 4)
  }

  /// The law: whatever comes, no second holds more than the limit.
  @Test(arguments: 1...20) func neverAdmitsMore(seed: UInt64) {
    var random = LinearRandom(state: seed)
    let limit = Int.random(in: 1...20, using: &random)
    var window = SlidingWindow(limit: limit)
    var now: UInt64 = 0
    var admitted: [UInt64] = []
    for _ in 0..<2_000 {
      now += UInt64.random(in: 0...(2 * Self.second / UInt64(limit)), using: &random)
      if window.admits(now) { admitted.append(now) }
    }
    #expect(SlidingWindow.maximum(in: admitted) <= limit)
    #expect(admitted.count > 500)
  }
}

/// Knuth's MMIX generator: the same numbers in each run.
struct LinearRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
