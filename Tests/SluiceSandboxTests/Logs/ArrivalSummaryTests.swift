import SluiceCore
import Testing

@testable import SluiceSandbox

struct ArrivalSummaryTests {
  static func arrival(
    _ number: Int, text: String = "", contact: String = "A", timestamp: Int64 = 0,
    isRepeat: Bool = false
  ) -> Arrival {
    Arrival(
      boot: UInt64(number) * 1_000_000, request: UInt32(truncatingIfNeeded: number), channel: 0,
      answer: 200, kind: .message, status: nil, isTaken: true, isRepeat: isRepeat,
      timestamp: timestamp, contact: contact, mID: "M\(number)", text: text)
  }

  @Test func findsDisorderPerContact() {
    let rows: [(String, String, Int64)] = [
      ("A", "a-1", 10), ("B", "b-9", 5), ("A", "a-2", 10), ("A", "a-1", 11), ("B", "b-10", 4),
      ("A", "no number", 9), ("A", "a-2", 12),
    ]
    let summary = ArrivalSummary(
      rows.enumerated().map { number, row in
        Self.arrival(number, text: row.1, contact: row.0, timestamp: row.2)
      })
    #expect(summary.json["disorder"]?["timestamps"] == ["total": 2, "contacts": ["A": 1, "B": 1]])
    #expect(summary.json["disorder"]?["numbers"] == ["total": 1, "contacts": ["A": 1]])
  }

  @Test func repeatsAreNoDisorder() {
    let summary = ArrivalSummary([
      Self.arrival(1, text: "2", timestamp: 2),
      Self.arrival(2, text: "1", timestamp: 1, isRepeat: true),
    ])
    #expect(summary.timestampDisorder.total == 0 && summary.numberDisorder.total == 0)
    #expect(summary.repeats == 1)
  }

  @Test(
    arguments: [
      ("", nil), ("x", nil), ("7", 7), ("a-007", 7), ("5 x", nil),
      ("123456789012345", 123_456_789_012_345),
      ("1234567890123456", nil), (String(repeating: "1", count: 120), nil),
    ] as [(String, Int64?)])
  func readsNumbers(text: String, number: Int64?) {
    #expect(ArrivalCounter.number(atEndOf: text) == number)
  }

  @Test func countsOnWhereTheLogForgets() {
    var log = RingLog<Arrival>(capacity: 1_000)
    var counter = ArrivalCounter()
    for number in 0..<250_000 {
      let arrival = Self.arrival(number, contact: "\(number % 500)", timestamp: Int64(number))
      log.append(arrival)
      counter.add(arrival)
    }
    #expect(counter.summary.requests == 250_000 && counter.summary.mIDs == 250_000)
    #expect(counter.summary.busiestSecond == 1_000, "one each millisecond")
    #expect(counter.summary.timestampDisorder.total == 0)
    #expect(log.start == 249_000)
  }

  @Test func bothWaysOfCountingAgree() {
    let bench = Bench(limit: 1_000)
    for number in 0..<300 {
      bench.platform(
        envelope(
          textEvent("t-\(number % 50)", mID: "M\(number % 200)"),
          contact: "+6017787289\(number % 10)"))
      bench.clocks.pass(milliseconds: number % 7)
    }
    func summary(_ texts: Int) -> [JSON.Member] {
      let summary = bench.get("arrivals", "summary=1&texts=\(texts)")["channels"]?["sms"]
      return (summary?.members ?? []).filter { $0.name != "texts" }
    }
    #expect(summary(0) == summary(1))
    #expect(summary(0).contains(.init("mIds", 200)) && summary(0).contains(.init("repeats", 100)))
  }
}

struct BusiestSecondTests {
  /// The law: a stream counts what a list of the same times counts, however late threads report.
  @Test(arguments: 1...10) func agreesWithTheList(seed: UInt64) {
    var random = LinearRandom(state: seed)
    var stream = BusiestSecond()
    var times: [UInt64] = []
    var now: UInt64 = 2_000_000_000
    for _ in 0..<30_000 {
      now += UInt64.random(in: 0...(100_000 * seed), using: &random)
      let late = now - UInt64.random(in: 0...900_000_000, using: &random)
      stream.add(late)
      times.append(late)
    }
    #expect(stream.most == SlidingWindow.maximum(in: times.sorted()))
  }
}
