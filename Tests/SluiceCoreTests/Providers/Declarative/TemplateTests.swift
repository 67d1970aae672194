import Testing

@testable import SluiceCore

struct TemplateTests {
  private static func scope() -> Scope {
    var scope = Scope()
    scope["text"] = #"Say "hi" & å/€ 👋"#
    scope["to"] = "+46700000001"
    scope["now"] = "1767225600000"
    return scope
  }

  /// The vectors of the survey: one text in each place.
  static let escapings: [(escaping: Escaping, text: String)] = [
    (.none, #"Say "hi" & å/€ 👋"#),
    (.percent, "Say%20%22hi%22%20%26%20%C3%A5%2F%E2%82%AC%20%F0%9F%91%8B"),
    (.json, #"Say \"hi\" & å/€ 👋"#),
    (.xml, "Say &quot;hi&quot; &amp; å/€ 👋"),
    (.header, #"Say "hi" & / "#),
  ]
  @Test(arguments: escapings)
  func escapes(escaping: Escaping, text: String) throws {
    #expect(try Template("{text}").text(Self.scope(), escaping) == text)
    #expect(try Template("<{text}>").text(Self.scope(), escaping) == "<\(text)>")
  }

  static let rendered: [(template: String, text: String?)] = [
    ("{to}", "+46700000001"),
    ("{to|digits}", "46700000001"),
    ("{to|strip:+46}", "700000001"),
    ("0{to|strip:+46}", "0700000001"),
    ("{to|strip:+47}", "+46700000001"),
    ("{to|digits|plus}", "+46700000001"),
    ("{to|plus}", "+46700000001"),
    ("{to|before:0}", "+467"),
    ("{to|before:x}", "+46700000001"),
    ("{{{to|digits}}}", "{46700000001}"),
    ("{missing}", nil),
    ("a{missing}b", "ab"),
    ("", ""),
    ("{now|seconds}", "1767225600"),
    ("{now|time:DD/MM/YYYY hh:mm:ss.SSSZ}", "01/01/2026 00:00:00.000Z"),
    ("{to|seconds}", nil),
    (
      "{text|utf16be|hex|upper}",
      "0053006100790020002200680069002200200026002000E5002F20AC0020D83DDC4B"
    ),
    ("{text|base64url}", "U2F5ICJoaSIgJiDDpS_igqwg8J-Riw"),
    ("{text|unhex}", nil),
  ]
  @Test(arguments: rendered)
  func renders(template: String, text: String?) throws {
    #expect(try Template(template).text(Self.scope()) == text)
  }

  /// `å€` in other charsets, percent-encoded as bytes: the survey's vectors.
  @Test func bytesStayBytes() throws {
    var scope = Scope()
    scope["text"] = "å€"
    #expect(try Template("{text|utf16be}").text(scope, .percent) == "%00%E5%20%AC")
    scope["text"] = "å"
    #expect(try Template("{text|latin1}").text(scope, .percent) == "%E5")
    scope["text"] = "%04%1F%04%40%048"
    #expect(try Template("{text|unpercent|from_utf16be}").text(scope) == "При")
  }

  static let mistakes: [(text: String, error: TemplateError)] = [
    ("{to", .loneBrace), ("to}", .loneBrace), ("{", .loneBrace), ("{}", .badName("")),
    ("{a b}", .badName("a b")), ("{to|shout}", .unknownFunction("shout")),
    ("{to|strip}", .badArgument("strip")), ("{to|strip:}", .badArgument("strip:")),
    ("{to|digits:3}", .unknownFunction("digits:3")),
  ]
  @Test(arguments: mistakes)
  func refuses(text: String, error: TemplateError) {
    #expect(throws: error) { try Template(text) }
    #expect(!error.description.isEmpty)
  }

  @Test func aHeaderStaysOneLine() throws {
    var scope = Scope()
    scope["text"] = "a\r\nx-evil: 1"
    #expect(try Template("{text}").text(scope, .header) == "ax-evil: 1")
  }

  @Test func leavesOutWhatXMLCannotHold() throws {
    var scope = Scope()
    scope["text"] = "a\0\u{1B}\u{FFFE}<\n"
    #expect(try Template("{text}").text(scope, .xml) == "a&lt;\n")
  }

  @Test func buildsJSON() throws {
    let template = try JSONTemplate(
      [
        "to": ["{to}"], "text": "{text}", "media": ["{media.url}"], "n": "{now|number}",
        "word": "{to|number}", "flag": true, "nested": ["only": "{missing}"], "empty": [],
      ])
    #expect(
      template.json(Self.scope()) == [
        "to": ["+46700000001"], "text": #"Say "hi" & å/€ 👋"#, "n": 1_767_225_600_000,
        "word": "+46700000001", "flag": true, "empty": [],
      ])
  }
}
