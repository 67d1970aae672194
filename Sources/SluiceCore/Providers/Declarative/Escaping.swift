/// How a value is written so that it stays one value where it goes.
enum Escaping: Sendable {
  case none
  /// URLs and form bodies: all but RFC 3986's unreserved characters as `%XX`.
  case percent
  /// Inside a JSON string's quotes.
  case json
  /// XML's text, and its attributes in either kind of quotes.
  case xml
  /// A header's value: one line of printable ASCII.
  case header

  func escape(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .none: bytes
    case .percent: bytes.flatMap(Self.percent)
    case .json:
      // The writer's string, without its quotes.
      Array(JSON.string(String(decoding: bytes, as: UTF8.self)).bytes.dropFirst().dropLast())
    case .xml: Self.xml(String(decoding: bytes, as: UTF8.self))
    case .header: bytes.filter { (0x20...0x7E).contains($0) }
    }
  }

  /// On bytes and not on text: what a function made of a text need not be UTF-8.
  private static func percent(_ byte: UInt8) -> [UInt8] {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      [byte]
    default: Array("%\(Hex.text([byte]).uppercased())".utf8)
    }
  }

  /// What XML 1.0 cannot hold at all (2.2: most control characters) is left out.
  private static func xml(_ text: String) -> [UInt8] {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&apos;"
      case "\t", "\n": out.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": continue
      default: out.unicodeScalars.append(scalar)
      }
    }
    return Array(out.utf8)
  }
}
