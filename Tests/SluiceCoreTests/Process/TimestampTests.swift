import SluiceCore
import SluiceTesting
import Testing

struct TimestampTests {
  static let rows: [(label: String, text: String, milliseconds: Int64?)] = [
    ("the epoch", "1970-01-01T00:00:00Z", 0),
    ("before it", "1969-12-31T23:59:59.999Z", -1),
    ("a fraction", "2026-01-01T00:00:00.100+00:00", 1_767_225_600_100),
    ("a short fraction", "2026-01-01T00:00:00.1Z", 1_767_225_600_100),
    ("nanoseconds", "2026-01-01T00:00:00.123456789Z", 1_767_225_600_123),
    ("east", "2026-01-01T01:30:00+01:30", 1_767_225_600_000),
    ("west, without a colon", "2025-12-31T19:00:00-0500", 1_767_225_600_000),
    ("a leap day", "2024-02-29T12:00:00Z", 1_709_208_000_000),
    ("the day after", "2024-03-01T00:00:00Z", 1_709_251_200_000),
    ("a century without leap day", "1900-03-01T00:00:00Z", -2_203_891_200_000),
    ("no zone", "2026-01-01T00:00:00", nil),
    ("a space", "2026-01-01 00:00:00Z", nil),
    ("no fraction behind the point", "2026-01-01T00:00:00.Z", nil),
    ("month 13", "2026-13-01T00:00:00Z", nil),
    ("day 0", "2026-01-00T00:00:00Z", nil),
    ("hour 24", "2026-01-01T24:00:00Z", nil),
    ("a sign", "+026-01-01T00:00:00Z", nil),
    ("half an offset", "2026-01-01T00:00:00+01", nil),
    ("something behind it", "2026-01-01T00:00:00Z ", nil),
    ("empty", "", nil),
  ]
  @Test(arguments: rows)
  func reads(label: String, text: String, milliseconds: Int64?) {
    #expect(Timestamp.milliseconds(text) == milliseconds)
  }

  @Test func readsWhatItWrites() {
    var random = SplitMix64(seed: 17)
    for _ in 0..<2_000 {
      let time = Int64.random(in: 0...253_402_300_799_999, using: &random)
      #expect(Timestamp.milliseconds(Timestamp.text(time)) == time)
    }
  }
}
