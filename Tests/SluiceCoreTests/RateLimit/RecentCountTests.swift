import SluiceTesting
import Testing

@testable import SluiceCore

struct RecentCountTests {
  private func count(_ times: [UInt64]) -> RecentCount {
    times.reduce(RecentCount(0)) { $0.adding(at: $1, length: 100) }
  }

  static let rows: [(label: String, times: [UInt64], now: UInt64, expected: Double)] = [
    ("nothing yet", [], 250, 0),
    ("this window", [200, 210, 299], 299, 3),
    ("half of the window before is left", [100, 110, 120, 130], 250, 2),
    ("all of it, at the very start", [100, 199], 200, 2),
    ("a window without any", [100, 199], 350, 0),
    ("long ago", [100], 900_000, 0),
    ("late, by a window", [200, 199], 250, 1.5),
  ]

  @Test(arguments: rows)
  func estimates(label: String, times: [UInt64], now: UInt64, expected: Double) {
    #expect(count(times).estimate(at: now, length: 100) == expected)
  }

  @Test("it survives its word, whatever that is, and never counts more than it can hold")
  func survives() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<10_000 {
      let word = random.next()
      #expect(RecentCount(word).word == word)
      let now = random.next() >> 1
      let next = RecentCount(RecentCount(word).adding(at: now, length: 1_000_000_000).word)
      #expect(next.estimate(at: now, length: 1_000_000_000) <= Double(1 << 19))
    }
  }
}
