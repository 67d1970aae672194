import Foundation
import Logging
import SluiceCore
import SluiceTesting
import Testing

struct LineBudgetTests {
  /// Which of so many lines of one minute are written.
  private func written(_ count: UInt64, minute: UInt64, word: inout UInt64) -> [UInt64] {
    var times: [UInt64] = []
    for number in 1...count {
      let (next, verdict) = LineBudget.note(word: word, minute: minute)
      #expect(verdict.times == number)
      word = next
      if verdict.isWritten { times.append(verdict.times) }
    }
    return times
  }

  @Test("a few of a minute, then the tenth, the hundredth and so on")
  func thinsOut() {
    var word: UInt64 = 0
    #expect(written(2_500, minute: 7, word: &word) == [1, 2, 3, 4, 5, 10, 100, 1_000])
    #expect(written(3, minute: 8, word: &word) == [1, 2, 3])
  }

  static let counts: [(before: UInt64, leftOut: UInt64)] = [
    (1, 0), (5, 0), (6, 1), (9, 4), (10, 4), (11, 5), (2_500, 2_492),
  ]

  @Test("the next minute's first line says how many were left out", arguments: counts)
  func tellsWhatIsMissing(before: UInt64, leftOut: UInt64) {
    var word: UInt64 = 0
    _ = written(before, minute: 7, word: &word)
    let verdict = LineBudget.note(word: word, minute: 90).verdict
    #expect(verdict.isWritten && verdict.times == 1 && verdict.leftOut == leftOut)
  }

  @Test(
    "of a flood of 60,000 a minute at most eleven lines are written, and none is unaccounted for")
  func bounds() {
    var random = SplitMix64(seed: 3)
    var word: UInt64 = 0
    var (all, told): (UInt64, UInt64) = (0, 0)
    for minute in 1..<60 as Range<UInt64> {
      let count = UInt64.random(in: 1...60_000, using: &random)
      var lines = 0
      for _ in 0..<count {
        let (next, verdict) = LineBudget.note(word: word, minute: minute)
        word = next
        told += verdict.leftOut + (verdict.isWritten ? 1 : 0)
        lines += verdict.isWritten ? 1 : 0
      }
      #expect(lines <= 11)
      all += count
    }
    told += LineBudget.note(word: word, minute: 60).verdict.leftOut
    #expect(all == told)
  }
}

struct LineLimiterTests {
  private let directory = TemporaryDirectory()
  private let clocks = ManualClocks()
  private let recorded = RecordedLog()

  private func process() throws -> LineLimiter {
    LineLimiter(
      try CurrentSegment(path: directory.path + "/segment", stateDirectory: "/a", now: clocks.boot),
      clocks: clocks)
  }

  @Test("all processes share a budget; kinds and channels have one each")
  func isShared() throws {
    let (a, b) = (try #require(ChannelName("a")), try #require(ChannelName("b")))
    for _ in 0..<50 {
      let process = try process()
      process.write(.tokenRefused, of: a, to: log, ["channel": "a"])
      process.write(.tokenRefused, of: b, to: log, ["channel": "b"])
      process.write(.webhookRefused, of: a, to: log, ["channel": "a"])
      process.write(.consoleRefused, to: log, [:])
      process.write(.passwordRefused, to: log, [:])
    }
    #expect(lines.count == 5 * 6)
    #expect(lines.last?.contains("times_this_minute") == true)
    clocks.advance(milliseconds: 60_000)
    try process().write(.tokenRefused, of: a, to: log, ["channel": "a"])
    #expect(lines.count == 5 * 6 + 1)
    #expect(lines.last == "token refused channel=a left_out_before=44")
  }

  @Test("without a segment every line is written")
  func isNoJudgeAlone() {
    let limiter = LineLimiter(nil, clocks: clocks)
    for _ in 0..<50 { limiter.write(.tokenRefused, to: log, [:]) }
    #expect(lines.count == 50)
  }

  @Test("sluice-media's own segment has room for what is no channel's")
  func worksForMedia() throws {
    mkdir(directory.path + "/media", 0o700)
    let limiter = LineLimiter(CurrentSegment(ofMediaIn: directory.path), clocks: clocks)
    for _ in 0..<50 { limiter.write(.mediaKeyUnreadable, of: ChannelName("a"), to: log, [:]) }
    #expect(lines.count == 6)
  }

  private var log: Logger { recorded.logger }
  private var lines: [String] { recorded.lines }
}
