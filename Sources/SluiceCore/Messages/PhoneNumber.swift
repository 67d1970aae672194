/// Phone numbers as providers write them, brought to E.164. Nothing is guessed: what is not clearly a
/// number of some country is no number.
package enum PhoneNumber {
  /// - Parameters:
  ///   - text: `+60 17-787 2890`, `0060177872890`, `60177872890`, or national as `017-787 2890`.
  ///     A number that could be either is national.
  ///     Spaces, hyphens, dots, slashes and brackets are passed over; a prefix like `tel:` or
  ///     `whatsapp:` is the caller's to remove.
  ///   - countryCode: The calling code that national numbers belong to, digits alone; `nil` leaves
  ///     them unknown. What is one is the country's ``NumberingPlan``.
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
      let plan = countryCode.map { NumberingPlan(callingCode: $0) }
      let exit = plan?.exitPrefix ?? NumberingPlan.usualExitPrefix
      if digits.hasPrefix(exit) {
        digits.removeFirst(exit.utf8.count)
      } else if let plan, let number = plan.significantNumber(digits) {
        digits = plan.callingCode + number
      } else if digits.utf8.count < 10 {
        return nil  // A short code, or a subscriber's number without its area.
      }
    }
    guard !digits.hasPrefix("0") else { return nil }
    return try? ContactID("+" + digits, type: .phoneNumber)
  }
}
