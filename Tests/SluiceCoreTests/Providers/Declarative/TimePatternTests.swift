import SluiceTesting
import Testing

@testable import SluiceCore

struct TimePatternTests {
  static let readable: [(format: String, text: String, time: Int64?)] = [
    ("seconds", "1767225600", 1_767_225_600_000),
    ("seconds", "1767225600.5", nil),
    ("milliseconds", "1767225600123", 1_767_225_600_123),
    ("milliseconds", "1767225600", nil),  // Seconds: 1970 is when no message was sent.
    ("rfc3339", "2026-01-01T00:00:00Z", 1_767_225_600_000),
    ("rfc3339", "2026-01-01T00:00:00.000+0000", 1_767_225_600_000),
    ("rfc3339", "2026-01-01 02:00:00.25+02:00", 1_767_225_600_250),
    ("rfc3339", "2026-01-01T00:00:00", 1_767_225_600_000),
    ("rfc3339", "2025-12-31T19:30:00-04:30", 1_767_225_600_000),
    ("rfc3339", "2026-02-29T00:00:00Z", nil),
    ("rfc3339", "2026-01-01T24:00:00Z", nil),
    ("rfc3339", "2026-01-01T00:00:00Zx", nil),
    ("rfc3339", "2026-1-1T00:00:00Z", nil),
    ("YYYYMMDDhhmmss", "20260101000000", 1_767_225_600_000),
    ("DD/MM/YYYY hh:mm", "01/01/2026 00:00", 1_767_225_600_000),
    ("DD/MM/YYYY", "1/1/2026", nil),
    (
      "EEE MMM DD YYYY hh:mm:ss GMTZ*", "Fri Nov 22 2013 12:12:13 GMT+0000 (UTC)",
      1_385_122_333_000
    ),
    ("MMM DD YYYY", "Foo 01 2026", nil),
    ("YYYY-MM-DD", "2026-01-01 and more", nil),
    ("YYYY-MM-DD", "", nil),
  ]
  @Test(arguments: readable)
  func reads(format: String, text: String, time: Int64?) {
    #expect(TimeFormat(format).read(text, zone: 0) == time)
  }

  @Test func aTextWithoutZoneTakesTheGivenOne() {
    let format = TimeFormat("YYYY-MM-DDhh:mm:ss")
    #expect(format.read("2016-03-3019:33:06", zone: 480) == 1_459_337_586_000)
    #expect(TimeFormat("rfc3339").read("2026-01-01T00:00:00Z", zone: 480) == 1_767_225_600_000)
  }

  /// The calendar's arithmetic agrees with the C library's, and with itself backwards.
  @Test func agreesWithTheSystem() {
    var random = SplitMix64(seed: 31)
    let pattern = TimePattern("YYYY-MM-DDThh:mm:ss.SSSZ")
    for _ in 0..<5_000 {
      let time = Int64.random(in: 0..<253_402_300_800_000, using: &random)
      let text = pattern.text(time)
      #expect(text == Timestamp.text(time))
      #expect(pattern.milliseconds(text, zone: 0) == time)
    }
  }
}
