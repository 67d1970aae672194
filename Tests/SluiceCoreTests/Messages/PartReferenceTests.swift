import SluiceCore
import SluiceTesting
import Testing

struct PartReferenceTests {
  @Test(arguments: 0..<100 as Range<UInt64>)
  func comesBackAsItWent(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let reference = PartReference(
      message: MessageID(
        milliseconds: Int64.random(in: 0...(1 << 48 - 1), using: &random), using: &random),
      part: Int.random(in: 0...9_999, using: &random))
    #expect(PartReference(reference.description) == reference)
    #expect(reference.description.utf8.count <= 32)
    #expect(
      reference.description.utf8.allSatisfy { Array("0123456789.".utf8).contains($0) || $0 > 64 })
  }

  static let id = "01K6VZ9Q00ABCDEFGHJKMNPQRS"
  static let texts: [(label: String, text: String?, part: Int?)] = [
    ("ours", id + ".0", 0), ("lower case", id.lowercased() + ".12", 12),
    ("long", id + ".9999", 9_999),
    ("none", nil, nil), ("empty", "", nil), ("a bare ID", id, nil), ("no part", id + ".", nil),
    ("five digits", id + ".10000", nil), ("a sign", id + ".+1", nil), ("minus", id + ".-1", nil),
    ("a second dot", id + ".0.0", nil), ("letters", id + ".a", nil), ("space", id + ".1 ", nil),
    ("other digits", id + ".\u{0661}", nil), ("no ID", ".0", nil), ("short", "01K6.0", nil),
    ("a letter that no ID has", "01K6VZ9Q00ABCDEFGHJKMNPQRU.0", nil),
    ("more than 128 bits", "81K6VZ9Q00ABCDEFGHJKMNPQRS.0", nil),
    ("before it", " " + id + ".0", nil), ("an end inside", id + ".0\0", nil),
    ("very long", String(repeating: "0", count: 100_000), nil),
  ]
  @Test(arguments: texts)
  func readsOnlyOurs(label: String, text: String?, part: Int?) {
    let reference = PartReference(text)
    #expect(reference?.part == part)
    #expect(reference == nil || reference?.message == MessageID(Self.id))
  }

  static let reasons: [(part: Int, count: Int, text: String)] = [
    (0, 1, "No."), (0, 0, "No."), (0, 2, "Part 1 of 2 failed: No."),
    (11, 12, "Part 12 of 12 failed: No."),
  ]
  @Test(arguments: reasons)
  func reasonsNameThePart(part: Int, count: Int, text: String) {
    #expect(PartReason.text("No.", part: part, of: count) == text)
  }
}
