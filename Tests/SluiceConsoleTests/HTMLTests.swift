import SluicePages
import SluiceTesting
import Testing

struct HTMLTests {
  static let rows: [(label: String, input: String, expected: String)] = [
    ("plain", "Grüße, 你好", "Grüße, 你好"),
    ("element", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("attribute", "\" onload='x'", "&quot; onload=&#39;x&#39;"),
    ("entity", "&lt;", "&amp;lt;"),
    ("control characters", "a\u{0}b\u{1B}c\u{85}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
    ("lines stay", "a\r\n\tb", "a\r\n\tb"),
    ("reversed text", "a\u{202E}b\u{2066}", "a\u{FFFD}b\u{FFFD}"),
    ("a mark on a bracket", "<\u{301}b>", "&lt;\u{301}b&gt;"),
  ]

  @Test(arguments: rows)
  func escapes(label: String, input: String, expected: String) {
    #expect(
      ("<p title=\"\(input)\">\(input)</p>" as HTML).text
        == "<p title=\"\(expected)\">\(expected)</p>")
  }

  @Test func piecesAreNotEscapedAgain() {
    let inner: HTML = "<b>\("<")</b>"
    #expect(
      ("<p>\(inner)\([inner, inner])\(7)</p>" as HTML).text
        == "<p><b>&lt;</b><b>&lt;</b><b>&lt;</b>7</p>")
  }

  /// The law: whatever is put in, the markup is what the literal says.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func addsNoMarkup(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("<>&\"'/=ab \n\u{0}\u{301}\u{202E}é".unicodeScalars)
    var input = ""
    for _ in 0..<Int.random(in: 0...40, using: &random) {
      input.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
    }
    let scalars = ("<p title=\"\(input)\">\(input)</p>" as HTML).text.unicodeScalars
    #expect(scalars.count { $0 == "<" } == 2)
    #expect(scalars.count { $0 == ">" } == 2)
    #expect(scalars.count { $0 == "\"" } == 2)
  }
}
