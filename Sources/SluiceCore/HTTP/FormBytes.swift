/// The fields of a form as bytes, for signatures that cover them. Unlike ``FormFields`` it refuses
/// nothing that a signer lets pass: whether a request is authentic is one question, whether it is
/// well written another. A broken percent escape stands for itself (WHATWG URL, 1.3).
package struct FormBytes: Sendable {
  package typealias Pair = (name: [UInt8], value: [UInt8])

  /// In the order of the form.
  package let pairs: [Pair]

  /// - Returns: `nil` where there are more than 200 fields: sorting is not free, and who sent them is
  ///   not known yet.
  package init?(_ bytes: some Sequence<UInt8>) {
    var pairs: [Pair] = []
    for field in Array(bytes).split(separator: UInt8(ascii: "&")) {
      guard pairs.count < 200 else { return nil }
      let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      pairs.append((Self.decode(field[..<equals]), Self.decode(field[equals...].dropFirst())))
    }
    self.pairs = pairs
  }

  /// By name and then by value, as bytes; so code points of UTF-8 are in order too.
  package var sorted: [Pair] {
    pairs.sorted { a, b in
      a.name == b.name
        ? a.value.lexicographicallyPrecedes(b.value) : a.name.lexicographicallyPrecedes(b.name)
    }
  }

  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var at = bytes.startIndex
    while at < bytes.endIndex {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.endIndex,
        let high = Hex.digit(bytes[at + 1]), let low = Hex.digit(bytes[at + 2])
      {
        out.append(high << 4 | low)
        at += 3
      } else {
        out.append(bytes[at] == UInt8(ascii: "+") ? 0x20 : bytes[at])
        at += 1
      }
    }
    return out
  }
}
