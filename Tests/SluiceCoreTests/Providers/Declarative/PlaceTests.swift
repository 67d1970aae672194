import Testing

@testable import SluiceCore

struct PlaceTests {
  private static func json(_ text: String) throws -> Received {
    try Received(
      HTTPRequest(
        method: "POST", path: "/", query: "id=q%201&empty=",
        headers: ["content-type": "application/json", "x-id": "h1"], body: Array(text.utf8)),
      .json, .utf8)
  }

  static let places: [(place: String, value: String?)] = [
    ("/a/b/0/c", "x"), ("/a/b/1/c", nil), ("/a/b/0", nil), ("/a/b/-1", nil), ("/a/b/+0/c", nil),
    ("/n", "12345678901234567"), ("/f", "1.5"), ("/t", "true"), ("/null", nil), ("/empty", nil),
    ("/s~1l~0", "tilde"), ("top", "level"), ("a", nil), ("//top", "level"), ("?id", "q 1"),
    ("?none", nil), ("header:X-Id", "h1"), ("/top|upper", "LEVEL"), ("/top|unhex", nil),
    (".", nil),
  ]
  @Test(arguments: places)
  func findsInJSON(place: String, value: String?) throws {
    let received = try Self.json(
      #"""
      {"a":{"b":[{"c":"x"}]},"n":12345678901234567,"f":1.5,"t":true,"null":null,"empty":"",
       "s/l~":"tilde","top":"level"}
      """#)
    #expect(received.value([try Place(place)]) == value)
    // The first that is not empty wins.
    #expect(received.value([try Place("/null"), try Place("/empty"), try Place("top")]) == "level")
  }

  @Test func findsInXML() throws {
    let received = try Received(
      HTTPRequest(
        method: "POST", path: "/",
        body: Array("<r v='2'><m id='1'><t>a</t></m><m id='2'/><e/></r>".utf8)), .xml, .utf8)
    #expect(received.value([try Place("/r/@v")]) == "2")
    #expect(received.value([try Place("/r/m/t")]) == "a")
    #expect(received.value([try Place("/r/e")]) == nil)
    let items = try #require(received.items(at: ["r", "m"]))
    #expect(try items.map { received.value([try Place("/@id")], in: $0) } == ["1", "2"])
    #expect(try items.map { received.value([try Place("//r/@v")], in: $0) } == ["2", "2"])
    #expect(received.items(at: ["r", "none"])?.isEmpty == true)
    #expect(received.items(at: ["x", "none"]) == nil)
  }

  static let patterns: [(pattern: String, text: String, piece: String?)] = [
    ("^OK: (\\d+)", "OK: 17 and more", "17"), ("\\d+", "id 17", "17"), ("^OK", "ERR", nil),
    ("a(b)?", "a", nil), ("(.)", "👍🏽", "👍"),
    ("^.*(z)$", String(repeating: "y", count: 2_000) + "z", nil),
  ]
  @Test(arguments: patterns)
  func findsPieces(pattern: String, text: String, piece: String?) throws {
    #expect(try #require(Pattern(pattern)).firstPiece(of: text) == piece)
  }

  @Test func refusesWhatIsNoPattern() { #expect(Pattern("(") == nil) }

  static let values: [(value: String, meaning: String?)] = [
    ("DELIVRD", "delivered"), ("delivrd", "delivered"), ("10", "range"), ("12", "range"),
    ("13", "other"), ("21", "open"), ("999999", "open"), ("-1", "minus"), ("+11", "other"),
    ("", "other"),
  ]
  @Test(arguments: values)
  func knowsValues(value: String, meaning: String?) {
    var table = ValueTable<String>()
    table.set("DELIVRD", "delivered")
    table.set("10-12", "range")
    table.set("21-", "open")
    table.set("-1", "minus")
    table.set("*", "other")
    #expect(table.meaning(of: value) == meaning)
    #expect(ValueTable<String>().meaning(of: value) == nil)
  }
}
