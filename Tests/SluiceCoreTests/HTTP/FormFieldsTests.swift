import SluiceCore
import SluiceTesting
import Testing

struct FormFieldsTests {
  static let rows: [(label: String, text: String, pairs: [[String]]?)] = [
    ("empty", "", []),
    ("only separators", "&&&", []),
    ("pairs", "a=1&b=2", [["a", "1"], ["b", "2"]]),
    ("a name alone", "a&b=", [["a", ""], ["b", ""]]),
    ("a value alone", "=1", [["", "1"]]),
    ("an equals sign in the value", "a=b=c", [["a", "b=c"]]),
    ("plus is a space, its escape is not", "a+b=%2B+", [["a b", "+ "]]),
    ("escapes of either case", "a=%c3%A9", [["a", "é"]]),
    ("escapes in names", "%61=1", [["a", "1"]]),
    ("an escaped separator", "a=%26%3D", [["a", "&="]]),
    ("a semicolon separates nothing", "a=1;b=2", [["a", "1;b=2"]]),
    ("NUL", "a=%00", [["a", "\0"]]),
    ("raw UTF-8", "a=é", [["a", "é"]]),
    ("an escape cut off", "a=%4", nil),
    ("a percent sign alone", "a=100%", nil),
    ("no hexadecimal", "a=%4g", nil),
    ("a sign is no digit", "a=%+4", nil),
    ("not UTF-8", "a=%E9", nil),
    ("overlong UTF-8", "a=%C0%AF", nil),
    ("a surrogate", "a=%ED%A0%BD", nil),
  ]
  @Test(arguments: rows)
  func parses(label: String, text: String, pairs: [[String]]?) {
    #expect(FormFields(text.utf8)?.pairs.map { [$0.name, $0.value] } == pairs)
  }

  @Test func theFirstOfEqualNamesCounts() {
    let fields = FormFields("a=1&a=2&\u{E9}=3&e\u{301}=4".utf8)
    #expect(fields?["a"] == "1")
    #expect(fields?["e\u{301}"] == "4")
    #expect(fields?["b"] == nil)
  }

  @Test func takes200Fields() {
    let fields = Array(repeating: "a=1", count: 200)
    #expect(FormFields(fields.joined(separator: "&").utf8)?.pairs.count == 200)
    #expect(FormFields((fields + ["a=1"]).joined(separator: "&").utf8) == nil)
  }

  @Test func readsBackWhatIsEncoded() {
    var random = SplitMix64(seed: 1_866)
    for _ in 0..<500 {
      let pairs = (0..<Int.random(in: 1...5, using: &random)).map { index in
        (name: "\(index)&=+% é", value: text(&random))
      }
      let read = FormFields(FormFields.encode(pairs))
      #expect(read?.pairs.map(\.name) == pairs.map(\.name))
      #expect(read?.pairs.map { Array($0.value.utf8) } == pairs.map { Array($0.value.utf8) })
    }
  }

  @Test func encodesAllButTheUnreserved() {
    #expect(FormFields.percent("aZ09-._~") == "aZ09-._~")
    #expect(FormFields.percent(" +/é\n") == "%20%2B%2F%C3%A9%0A")
  }

  private func text(_ random: inout SplitMix64) -> String {
    let scalars = (0..<10).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random))
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
