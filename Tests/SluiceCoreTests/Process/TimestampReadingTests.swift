import SluiceCore
import SluiceTesting
import Testing

struct TimestampReadingTests {
  static let rows: [(text: String, milliseconds: Int64?)] = [
    ("1970-01-01T00:00:00Z", 0),
    ("2025-02-03T12:14:25Z", 1_738_584_865_000),
    ("2026-01-01T00:00:00.000+0000", 1_767_225_600_000),
    ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
    ("2025-12-31T19:30:00-04:30", 1_767_225_600_000),
    ("2026-01-01T00:00:00 00:00", 1_767_225_600_000),
    ("2026-01-01 00:00:00", 1_767_225_600_000),
    ("2026-01-01T00:00:00.5Z", 1_767_225_600_500),
    ("2026-01-01T00:00:00.123456789Z", 1_767_225_600_123),
    ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ("2000-03-01T00:00:00Z", 951_868_800_000),
    ("2016-12-31T23:59:60Z", 1_483_228_800_000),
    ("1969-12-31T23:59:59Z", -1_000),
    ("", nil), ("2026", nil), ("2026-01-01", nil), ("2026-13-01T00:00:00Z", nil),
    ("2026-01-01T24:00:00Z", nil), ("2026-01-01T00:00:00.Z", nil),
    ("2026-01-01T00:00:00+1", nil), ("2026-01-01T00:00:00Zulu", nil),
    ("+026-01-01T00:00:00Z", nil), ("2026-01-01T00:00:0٣Z", nil),
    ("2026-01-01T00:00:00+00:00:00", nil),
  ]
  @Test(arguments: rows)
  func reads(text: String, milliseconds: Int64?) {
    #expect(Timestamp.milliseconds(ofDate: text) == milliseconds)
  }

  @Test func readsWhatItWrites() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<10_000 {
      let time = Int64.random(in: 0...253_402_300_799_999, using: &random)
      #expect(Timestamp.milliseconds(ofDate: Timestamp.text(time)) == time)
    }
  }

  static let seconds: [(text: String, milliseconds: Int64?)] = [
    ("1795369131", 1_795_369_131_000), ("99999999999", 99_999_999_999_000),
    ("0", nil), ("", nil), ("+5", nil), (" 5", nil), ("1.5", nil), ("999999999999", nil),
  ]
  @Test(arguments: seconds)
  func readsSeconds(text: String, milliseconds: Int64?) {
    #expect(Timestamp.milliseconds(ofSeconds: text) == milliseconds)
  }
}
