import SluiceCore
import Testing

@testable import SluiceConsole

struct WordsTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"),
    (-12_345, "-12,345"),
  ])
  func groupsDigits(number: Int, expected: String) { #expect(Words.count(number) == expected) }

  @Test(arguments: [
    (0.0, "0"), (0.04, "0"), (0.25, "0.3"), (12.5, "12.5"), (20, "20"), (123.4, "123"), (-1, "0"),
  ])
  func shortensRates(rate: Double, expected: String) { #expect(Words.rate(rate) == expected) }

  @Test func saysTheDateWhereItIsNotToday() {
    let now: Int64 = 1_760_000_000_000  // 2025-10-09T08:53:20Z
    #expect(Words.time(now, now: now).text.contains(">08:53:20<"))
    #expect(Words.time(now - 86_400_000, now: now).text.contains(">2025-10-08 08:53:20<"))
  }

  @Test func saysWhatAChartShows() {
    var points = (0..<60).map { HistoryPoint(start: 1_760_000_000_000 + Int64($0) * 60_000) }
    #expect(Chart(points: points, span: .hour).description == "Last hour: no messages.")
    points[7] = HistoryPoint(start: points[7].start, accepted: 1_200, delivered: 1_000, failed: 3)
    let chart = Chart(points: points, span: .hour)
    #expect(
      chart.description == "Last hour: 1,200 accepted, 1,000 delivered, 3 failed."
        + " At most 1,200 in a minute, from 09:00 UTC.")
    #expect(chart.spark.text.split(separator: "<rect").count == 3)
  }
}
