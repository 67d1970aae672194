/// `application/x-www-form-urlencoded` fields (WHATWG URL, 5.1), as bodies and queries carry them.
package struct FormFields: Sendable {
  package let pairs: [(name: String, value: String)]

  /// - Returns: `nil` where a percent escape is broken, a name or value is not UTF-8, or there are
  ///   more than 200 fields.
  package init?(_ bytes: some Sequence<UInt8>) { self.init(bytes, charset: .utf8) }

  /// - Parameter charset: Of the names and values, once their escapes are undone.
  init?(_ bytes: some Sequence<UInt8>, charset: Charset) {
    var pairs: [(String, String)] = []
    for field in ContiguousArray(bytes).split(separator: UInt8(ascii: "&")) {
      guard pairs.count < 200 else { return nil }
      let equals = field.firstIndex(of: UInt8(ascii: "="))
      let start = equals.map { $0 + 1 } ?? field.endIndex
      guard let name = Self.decode(field[..<(equals ?? field.endIndex)], charset),
        let value = Self.decode(field[start...], charset)
      else { return nil }
      pairs.append((name, value))
    }
    self.pairs = pairs
  }

  /// The first value of `name`, empty or not.
  package subscript(name: String) -> String? {
    pairs.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// One value of `bytes`, whatever the others look like: a field that cannot be read hides none.
  static func first(_ name: String, in bytes: some Sequence<UInt8>) -> String? {
    for field in ContiguousArray(bytes).split(separator: UInt8(ascii: "&")) {
      let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      guard let found = decode(field[..<equals], .utf8), found.utf8.elementsEqual(name.utf8)
      else { continue }
      return decode(field[equals...].dropFirst(), .utf8)
    }
    return nil
  }

  private static func decode(
    _ bytes: ContiguousArray<UInt8>.SubSequence, _ charset: Charset
  ) -> String? {
    unescape(bytes).flatMap { String(validating: charset.decode($0), as: UTF8.self) }
  }

  /// - Returns: `nil` where an escape is broken.
  static func unescape(_ bytes: some RandomAccessCollection<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): out.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(Hex.digit),
          let low = rest.popFirst().flatMap(Hex.digit)
        else { return nil }
        out.append(high << 4 | low)
      case let byte: out.append(byte)
      }
    }
    return out
  }

  /// Fields in the encoded form.
  package static func encode(_ pairs: [(name: String, value: String)]) -> [UInt8] {
    Array(pairs.map { percent($0.name) + "=" + percent($0.value) }.joined(separator: "&").utf8)
  }

  /// Percent-encodes all but RFC 3986's unreserved characters.
  package static func percent(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        out += byte < 0x10 ? "%0" : "%"
        out += String(byte, radix: 16, uppercase: true)
      }
    }
    return out
  }
}
