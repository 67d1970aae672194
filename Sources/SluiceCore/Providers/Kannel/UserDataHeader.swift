/// What an SMS carries before its text, as information elements of type, length and value. Source: 3GPP
/// TS 23.040, 9.2.3.24.
enum UserDataHeader {
  /// Which piece of a text the SMS is, by the element for concatenation, with an 8-bit reference (type
  /// 0) or a 16-bit one (type 8).
  /// - Parameter bytes: The header with its length before it, or without.
  /// - Returns: `nil` for an SMS that is no piece.
  static func fragment(_ bytes: [UInt8]) -> Fragment? {
    var rest = bytes[...]
    if let length = rest.first, Int(length) == rest.count - 1 { rest.removeFirst() }
    while rest.count >= 2 {
      let (type, length) = (rest.removeFirst(), Int(rest.removeFirst()))
      guard rest.count >= length else { return nil }
      let value = Array(rest.prefix(length))
      rest.removeFirst(length)
      guard (type, length) == (0, 3) || (type, length) == (8, 4) else { continue }
      return Fragment(
        reference: Hex.text(value.dropLast(2)), number: Int(value[length - 1]),
        total: Int(value[length - 2]))
    }
    return nil
  }
}
