/// What a log says of a contact: enough to recognise one that is known, too little to learn one that
/// is not. Every log call that names a contact, or quotes somebody who might, goes through here; that
/// `log.contacts = "shown"` shows it all is ``LineHandler``'s doing.
package struct Masked: Sendable, Equatable, CustomStringConvertible {
  /// As it is. Never a message's text.
  let plain: String
  /// With contacts masked: `+49...789`.
  package let description: String

  package init(_ contact: ContactID) {
    plain = contact.description
    description = Self.masked(plain[...])
  }

  /// Somebody's words, in which any long number may be a contact's.
  /// - Parameter contact: Whom they are about, where that is known.
  package init(text: String, about contact: ContactID? = nil) {
    plain = text
    var rest = text[...]
    var masked = ""
    let name = contact?.description ?? ""
    while let character = rest.first {
      if !name.isEmpty, rest.hasPrefix(name) {
        masked += Self.masked(name[...])
        rest = rest.dropFirst(name.count)
      } else if character.isDigit {
        let digits = rest.prefix { $0.isDigit }
        masked += digits.utf8.count < Self.longNumber ? String(digits) : Self.masked(digits)
        rest = rest[digits.endIndex...]
      } else {
        masked.append(character)
        rest.removeFirst()
      }
    }
    description = masked
  }

  /// At most half of it stays, at most three characters at each end.
  private static func masked(_ text: Substring) -> String {
    let shown = min(3, text.utf8.count / 4)
    return "\(text.prefix(shown))...\(text.suffix(shown))"
  }

  /// Digits: shorter numbers are codes and counts.
  private static let longNumber = 7
}

extension Character {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
