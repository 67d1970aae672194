import SluiceCore
import Testing

struct JSONTests {
  @Test func looksUpMembersByTheirBytes() {
    let json: JSON = .object([.init("e\u{301}", 1), .init("\u{E9}", 2)])
    #expect(json["\u{E9}"] == 2)
    #expect(json["e\u{301}"] == 1)
    #expect(json["e"] == nil)
    #expect((["a"] as JSON)["a"] == nil)
    #expect((["a"] as JSON)[0] == "a")
    #expect((["a"] as JSON)[1] == nil)
  }

  @Test func valuesAreOneKindOnly() {
    #expect(JSON.integer(1).number == 1)
    #expect(JSON.double(1).integer == nil)
    #expect(JSON.string("1").integer == nil)
    #expect(JSON.bool(true).integer == nil)
    #expect(JSON.null.string == nil)
  }

  @Test func leavesOutMembersWithoutValue() {
    #expect(JSON.object(present: [("a", 1), ("b", nil), ("c", "x")]).text == #"{"a":1,"c":"x"}"#)
  }

  static let written: [(json: JSON, text: String)] = [
    ("\"\\/\n\r\t\u{8}\u{1F}\u{7F}é", #""\"\\/\n\r\t\u0008\u001f\u007fé""#),
    ("\u{80}a\u{9B}\u{9F}\u{A0}é\u{202E}", #""\u0080a\u009b\u009f"# + "\u{A0}é\u{202E}\""),
    (.double(1), "1.0"),
    (.double(1e20), "1e+20"),
    (.integer(.min), "-9223372036854775808"),
    (["a": [1, true, .null], "b": [:]], #"{"a":[1,true,null],"b":{}}"#),
  ]
  @Test(arguments: written)
  func writes(json: JSON, text: String) {
    #expect(Array(json.text.utf8) == Array(text.utf8))
  }
}
