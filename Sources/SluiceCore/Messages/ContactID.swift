/// Whom a message is for: 1...50 bytes of `A-Z a-z 0-9 _ = + / @`, most often a phone number
/// (`+60177872890`). Source: respond.io help, "Custom Channel Quick Start", step 4.
package struct ContactID: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ text: String) throws(ContactIDError) {
    guard (1...50).contains(text.utf8.count) else { throw .badLength(bytes: text.utf8.count) }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "A"..."Z", "a"..."z", "0"..."9", "_", "=", "+", "/", "@": continue
      default: throw .badScalar(scalar)
      }
    }
    description = text
  }

  /// Also checks the rule of the channel's ID type: a phone number is `+` and 7 to 15 digits
  /// (E.164 allows 15).
  package init(_ text: String, type: IDType) throws(ContactIDError) {
    try self.init(text)
    guard type == .phoneNumber else { return }
    guard text.utf8.first == UInt8(ascii: "+"), (8...16).contains(text.utf8.count),
      text.utf8.dropFirst().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw .notAPhoneNumber(text) }
  }
}

/// What the administrator chose for the channel on the platform.
package enum IDType: String, Sendable, CaseIterable {
  case phoneNumber = "phone"
  case custom
}

package enum ContactIDError: Error, Equatable, CustomStringConvertible {
  case badLength(bytes: Int)
  case badScalar(Unicode.Scalar)
  case notAPhoneNumber(String)

  package var description: String {
    switch self {
    case .badLength(let bytes):
      "contactId has \(bytes) bytes; 1 to 50 are allowed. Send the ID that the platform assigned."
    case .badScalar(let scalar):
      "contactId contains \(scalar.escaped(asASCII: true)); allowed are A-Z a-z 0-9 _ = + / @."
        + " Write a phone number without spaces or dashes: +60177872890."
    case .notAPhoneNumber(let text):
      "contactId \"\(text.escaped)\" is not a phone number, which this channel's ID type asks for."
        + " Write + and the country code, without spaces or dashes: +60177872890."
    }
  }
}
