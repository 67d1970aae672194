import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceConsole

struct TimeFieldTests {
  static let rows: [(text: String, expected: Int64?)] = [
    ("1970-01-01", 0), ("2025-10-09T08:53:20", 1_760_000_000_000),
    ("2025-10-09 08:53:20Z", 1_760_000_000_000), ("2025-10-09T08:53", 1_759_999_980_000),
    ("2024-02-29", 1_709_164_800_000), ("2023-02-29", nil), ("2000-02-29", 951_782_400_000),
    ("2100-02-29", nil), ("2025-13-01", nil), ("2025-00-01", nil), ("2025-01-32", nil),
    ("2025-01-01T24:00", nil), ("2025-01-01T08:60", nil), ("2025-01-01T8:00", nil),
    ("1969-12-31", nil), ("", nil), ("T", nil), (" ", nil), ("yesterday", nil), ("2025-1-1", nil),
    ("2025-01-01T", nil), ("+025-01-01", nil), ("2025-01-01T08:00:00:00", nil),
  ]

  @Test(arguments: rows)
  func reads(text: String, expected: Int64?) {
    #expect(TimeField.milliseconds(text) == expected)
  }

  /// The law: what times are written as is read as the same.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func readsWhatIsWritten(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let time = Int64.random(in: 0..<253_402_300_800, using: &random)
    #expect(TimeField.milliseconds(String(Timestamp.text(time * 1_000).prefix(19))) == time * 1_000)
  }
}
