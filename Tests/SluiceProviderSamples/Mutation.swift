import SluiceTesting

/// Payloads as nobody sends them.
package enum Mutation {
  /// A few bytes changed, doubled, dropped or swapped for what parsers stumble over, and numbers for those
  /// that do not fit.
  package static func of(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    let traps = [
      "\0", "%", "%zz", "\u{1F44D}", "\"", "}", "[[[[", "-1", "1e999", "null", "&=", "\\ud800",
    ]
    let numbers = [
      "0", "-1", "99999999999", "9999999999999999", "9223372036854775807", "9223372036854775808",
    ]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 3:
        let number = numbers.randomElement(using: &random) ?? ""
        bytes.replaceSubrange(Self.digits(in: bytes, from: at), with: number.utf8)
      default: bytes.replaceSubrange(at..<end, with: traps.randomElement(using: &random)!.utf8)
      }
    }
    return bytes
  }

  /// The first digits at or behind a place; empty at the end, where there are none.
  private static func digits(in bytes: [UInt8], from start: Int) -> Range<Int> {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    let first = bytes[start...].firstIndex(where: isDigit) ?? bytes.count
    return first..<(bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count)
  }

  /// The names of all fields and the first letter of every value changed: nobody knows any of them.
  package static func renamed(_ bytes: [UInt8]) -> [UInt8] {
    let starts = [UInt8(ascii: "\""), UInt8(ascii: "&"), UInt8(ascii: "<")]
    var out: [UInt8] = bytes.first == UInt8(ascii: "{") ? [] : [UInt8(ascii: "x")]
    for (byte, next) in zip(bytes, bytes.dropFirst() + [0]) {
      out.append(byte)
      let isLetter = (0x61...0x7A).contains(next | 0x20)
      if starts.contains(byte), isLetter { out.append(UInt8(ascii: "x")) }
    }
    return out
  }

  /// What of `bytes` cannot stand in a URL's query (RFC 3986, 3.4) escaped.
  package static func inURL(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case 0x21...0x7E where byte != UInt8(ascii: "#"): [byte]
      default:
        Array("%".utf8) + Array((byte < 0x10 ? "0" : "").utf8) + Array(String(byte, radix: 16).utf8)
      }
    }
  }
}
