/// Phone numbers as providers write them, brought to E.164. Nothing is guessed: what is not clearly a
/// number of some country is no number.
package enum PhoneNumber {
  /// - Parameters:
  ///   - text: `+60 17-787 2890`, `0060177872890`, `60177872890`, or national as `017-787 2890`.
  ///     Spaces, hyphens, dots, slashes and brackets are passed over; a prefix like `tel:` or
  ///     `whatsapp:` is the caller's to remove.
  ///   - countryCode: The calling code that national numbers (those with one leading zero) belong to,
  ///     digits alone; `nil` leaves them unknown.
  /// - Returns: `+` and 7 to 15 digits; `nil` for short codes, names, and what is too long.
  package static func e164(_ text: String, countryCode: String? = nil) -> ContactID? {
    var digits = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      switch scalar {
      case "0"..."9": digits.unicodeScalars.append(scalar)
      case "+" where index == 0: break
      case " ", "-", ".", "/", "(", ")", "\u{A0}": break
      default: return nil
      }
    }
    // A `+` that somebody left unescaped in a form arrives as a space.
    let isInternational = text.hasPrefix("+") || text.hasPrefix(" ")
    if !isInternational {
      if digits.hasPrefix("00") {
        digits.removeFirst(2)
      } else if digits.hasPrefix("0") {
        guard let countryCode else { return nil }
        digits = countryCode + digits.dropFirst()
      } else if digits.utf8.count < 10 {
        return nil  // A short code, or a subscriber's number without its area.
      }
    }
    guard !digits.hasPrefix("0") else { return nil }
    return try? ContactID("+" + digits, type: .phoneNumber)
  }
}
