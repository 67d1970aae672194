/// The alphabet of an SMS: which text fits GSM 7-bit, and how many septets it takes there. National
/// shift tables are left out: hardly any network honours them. Source: 3GPP TS 23.038, 6.2.1 and
/// 6.2.1.1.
package enum GSM7 {
  /// Code points by septet value. 0x1B, the escape to the extension table, is no character; its
  /// place is held by NUL, which is none either.
  private static let alphabet: [Unicode.Scalar] = Array(
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
      + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)

  /// Reached through the escape: two septets each.
  private static let extended: [Unicode.Scalar] = Array("\u{0C}^{}\\[~]|€".unicodeScalars)

  private static let septets: [Unicode.Scalar: Int] = {
    var table: [Unicode.Scalar: Int] = [:]
    for scalar in alphabet where scalar != "\0" { table[scalar] = 1 }
    for scalar in extended { table[scalar] = 2 }
    return table
  }()

  /// - Returns: 1 or 2; `nil` where the alphabet has no such character.
  package static func septets(of scalar: Unicode.Scalar) -> Int? {
    guard scalar.value < 128 else { return septets[scalar] }
    let count = asciiSeptets[Int(scalar.value)]
    return count > 0 ? count : nil
  }

  /// The same for ASCII, by code: 0 where the alphabet has no such character.
  private static let asciiSeptets = (0..<128).map { septets[Unicode.Scalar(UInt8($0))] ?? 0 }

  /// - Returns: `nil` where some character is outside the alphabet, and the text needs UCS-2.
  package static func septets(in text: some StringProtocol) -> Int? {
    var sum = 0
    for scalar in text.unicodeScalars {
      guard let count = septets(of: scalar) else { return nil }
      sum += count
    }
    return sum
  }
}
