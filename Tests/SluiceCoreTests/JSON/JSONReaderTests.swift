import SluiceCore
import SluiceTesting
import Testing

struct JSONReaderTests {
  static let accepted: [(label: String, text: String, json: JSON)] = [
    ("white space", " \t\r\n[ 1 , { \"a\" : null } ] ", [1, ["a": .null]]),
    ("nothing but a value", "true", true),
    ("empty containers", "[{},[]]", [[:], []]),
    (
      "integers", "[0,-0,-1,9223372036854775807,-9223372036854775808]",
      [0, 0, -1, .integer(.max), .integer(.min)]
    ),
    ("an integer beyond 64 bits", "9223372036854775808", .double(9_223_372_036_854_775_808)),
    (
      "fractions and exponents", "[1.0,1e2,1E+2,1.5e-1,-0.0]",
      [.double(1), .double(100), .double(100), .double(0.15), .double(-0.0)]
    ),
    (
      "the largest and the smallest double", "[1.7976931348623157e308,5e-324]",
      [.double(.greatestFiniteMagnitude), .double(.leastNonzeroMagnitude)]
    ),
    ("too small is zero", "1e-999", .double(0)),
    ("escapes", #""\"\\\/\b\f\n\r\t\u00e9\u20AC""#, "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{20AC}"),
    ("a surrogate pair", #""\ud83d\udc4d""#, "👍"),
    ("NUL", #""\u0000""#, "\0"),
    ("UTF-8 as it is", "\"é👍\u{7F}\u{2028}\"", "é👍\u{7F}\u{2028}"),
    (
      "keys that are only canonically equal", "{\"\u{E9}\":1,\"e\u{301}\":2}",
      .object([.init("\u{E9}", 1), .init("e\u{301}", 2)])
    ),
    ("the same key in two objects", #"{"a":{"a":1}}"#, ["a": ["a": 1]]),
  ]
  @Test(arguments: accepted)
  func reads(label: String, text: String, json: JSON) throws {
    #expect(identical(try JSONReader.read(text.utf8), json))
  }

  static let refused: [(label: String, bytes: [UInt8], error: JSONError)] = [
    ("nothing", [], .truncated(offset: 0)),
    ("only space", text("  "), .truncated(offset: 2)),
    ("an open array", text("[1"), .truncated(offset: 2)),
    ("an open object", text(#"{"a":"#), .truncated(offset: 5)),
    ("an open string", text("\"a"), .truncated(offset: 2)),
    ("an open escape", text("\"\\"), .truncated(offset: 2)),
    ("an open number", text("-"), .truncated(offset: 1)),
    ("two documents", text("{} {}"), .trailingBytes(offset: 3)),
    ("a NUL after it", text("{}\0"), .trailingBytes(offset: 2)),
    ("a trailing comma in an array", text("[1,]"), .unexpected(byte: 0x5D, offset: 3)),
    ("a trailing comma in an object", text(#"{"a":1,}"#), .unexpected(byte: 0x7D, offset: 7)),
    ("a key without quotes", text("{a:1}"), .unexpected(byte: 0x61, offset: 1)),
    ("single quotes", text("'a'"), .unexpected(byte: 0x27, offset: 0)),
    ("a comment", text("/**/1"), .unexpected(byte: 0x2F, offset: 0)),
    ("NaN", text("NaN"), .unexpected(byte: 0x4E, offset: 0)),
    ("a misspelt literal", text("nul1"), .unexpected(byte: 0x31, offset: 3)),
    ("a leading zero", text("01"), .trailingBytes(offset: 1)),
    ("a leading plus", text("+1"), .unexpected(byte: 0x2B, offset: 0)),
    ("a leading point", text(".5"), .unexpected(byte: 0x2E, offset: 0)),
    ("a point without digits", text("[1.]"), .unexpected(byte: 0x5D, offset: 3)),
    ("an exponent without digits", text("[1e]"), .unexpected(byte: 0x5D, offset: 3)),
    ("hexadecimal", text("0x10"), .trailingBytes(offset: 1)),
    ("a number too large", text("[1e999]"), .numberOutOfRange(offset: 1)),
    (
      "many digits too large", text(String(repeating: "9", count: 400)),
      .numberOutOfRange(offset: 0)
    ),
    ("a line feed in a string", text("\"\n\""), .unexpected(byte: 0x0A, offset: 1)),
    ("a control character after an escape", text("\"\\n\u{1}\""), .unexpected(byte: 1, offset: 3)),
    ("an unknown escape", text(#""\x""#), .unexpected(byte: 0x78, offset: 2)),
    ("an escape with a sign", text(#""\u+123""#), .unexpected(byte: 0x2B, offset: 3)),
    ("a high surrogate alone", text(#""\ud83d""#), .loneSurrogate(offset: 1)),
    ("two high surrogates", text(#""\ud83d\ud83d""#), .loneSurrogate(offset: 1)),
    ("a low surrogate first", text(#""\udc4d\ud83d""#), .loneSurrogate(offset: 1)),
    ("a surrogate and something else", text(#""\ud83d\n""#), .loneSurrogate(offset: 1)),
    ("a byte order mark", [0xEF, 0xBB, 0xBF] + text("1"), .unexpected(byte: 0xEF, offset: 0)),
    ("UTF-16", [0xFF, 0xFE, 0x31, 0], .unexpected(byte: 0xFF, offset: 0)),
    ("Latin-1", text("\"") + [0xE9] + text("\""), .invalidUTF8(offset: 1)),
    ("overlong UTF-8", text("\"") + [0xC0, 0xAF] + text("\""), .invalidUTF8(offset: 1)),
    (
      "a surrogate in UTF-8", text("\"") + [0xED, 0xA0, 0xBD] + text("\""), .invalidUTF8(offset: 1)
    ),
    (
      "beyond Unicode", text("\"") + [0xF4, 0x90, 0x80, 0x80] + text("\""), .invalidUTF8(offset: 1)
    ),
    ("broken UTF-8 after an escape", text("\"\\n") + [0xE9] + text("\""), .invalidUTF8(offset: 1)),
    ("a key twice", text(#"{"a":1,"a":1}"#), .duplicateKey("a", offset: 7)),
    ("a key twice, once escaped", text(#"{"a":1,"\u0061":1}"#), .duplicateKey("a", offset: 7)),
    (
      "a key twice among many, the first of them",
      text(manyMembers(100).dropLast() + #","m0":1}"#), .duplicateKey("m0", offset: 881)
    ),
    (
      "the last", text(manyMembers(33).dropLast() + #","m32":1}"#),
      .duplicateKey("m32", offset: 278)
    ),
    ("33 levels", text(String(repeating: "[", count: 33)), .tooDeep(offset: 32)),
    ("2001 members", manyKeys(2_001), .tooManyKeys),
  ]
  /// `{"m0":0,"m1":1,…}`
  private static func manyMembers(_ count: Int) -> String {
    "{" + (0..<count).map { #""m\#($0)":\#($0)"# }.joined(separator: ",") + "}"
  }

  /// Names that Swift takes for equal would, as strings, all fall into one place of a set.
  @Test func manyNamesTakeLinearTime() throws {
    let names = (0..<60_000).map { number in
      (0..<16).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined()
    }
    let body = "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    let json = try JSONReader.read(body.utf8, maximumKeys: 60_000)
    #expect(json.members?.count == 60_000)
  }

  @Test(arguments: refused)
  func refuses(label: String, bytes: [UInt8], error: JSONError) {
    #expect(throws: error) { try JSONReader.read(bytes) }
    // For whoever sent it: a sentence, in printable ASCII.
    #expect(error.description.hasSuffix("."))
    #expect(error.description.utf8.allSatisfy { (0x20...0x7E).contains($0) })
  }

  @Test func takesAllThatItsLimitsAllow() throws {
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(throws: Never.self) { try JSONReader.read(deep.utf8) }
    #expect(try JSONReader.read(Self.manyKeys(2_000)).array?.count == 2_000)
  }

  /// What the writer writes, the reader reads, bit for bit; and no prefix of it is a document.
  @Test func readsBackWhatIsWritten() throws {
    var random = SplitMix64(seed: 8_259)
    for _ in 0..<2_000 {
      let json = randomJSON(&random, depth: 4)
      let bytes = json.bytes
      #expect(identical(try JSONReader.read(bytes), json), "\(json.text)")
      guard json.members != nil || json.array != nil else { continue }
      let length = Int.random(in: 0..<bytes.count, using: &random)
      #expect(throws: JSONError.self) { try JSONReader.read(bytes[..<length]) }
    }
  }

  @Test func anyBytesAreAnAnswerOrAnError() {
    var random = SplitMix64(seed: 1)
    let alphabet = Array("{}[]:,\"\\u0123dD8eE+-. \ntrufalsn".utf8) + [0x80, 0xED, 0xF0, 0]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...24, using: &random)
      let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random)! }
      _ = try? JSONReader.read(bytes)
    }
  }

  // MARK: - Helpers

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Over many objects, so that the limit is seen to count all of them.
  private static func manyKeys(_ count: Int) -> [UInt8] {
    text("[" + Array(repeating: #"{"a":1}"#, count: count).joined(separator: ",") + "]")
  }

  /// `==` on strings and doubles takes more for equal than the bytes do.
  private func identical(_ a: JSON, _ b: JSON) -> Bool {
    switch (a, b) {
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.array(let a), .array(let b)): a.elementsEqual(b, by: identical)
    case (.object(let a), .object(let b)):
      a.elementsEqual(b) {
        $0.name.utf8.elementsEqual($1.name.utf8) && identical($0.value, $1.value)
      }
    default: a == b
    }
  }

  private func randomJSON(_ random: inout SplitMix64, depth: Int) -> JSON {
    switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2:
      return .integer(Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random))
    case 3:
      let number = Double(bitPattern: random.next())
      return .double(number.isFinite ? number : 0.1)
    case 4: return .string(randomText(&random))
    case 5:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          randomJSON(&random, depth: depth - 1)
        })
    default:
      return .object(
        (0..<Int.random(in: 0...4, using: &random)).map { index in
          .init("\(index)" + randomText(&random), randomJSON(&random, depth: depth - 1))
        })
    }
  }

  private func randomText(_ random: inout SplitMix64) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      let bits = [0x7F, 0x7FF, 0xFFFF, 0x1FFFFF].randomElement(using: &random)!
      guard let scalar = Unicode.Scalar(UInt32.random(in: 0...UInt32(bits), using: &random)) else {
        continue
      }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
