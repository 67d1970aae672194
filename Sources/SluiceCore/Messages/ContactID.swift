import Crypto

/// Whom a message is for: 1...50 bytes of `A-Z a-z 0-9 _ = + / @`, most often a phone number
/// (`+60177872890`). Source: respond.io help, "Custom Channel Quick Start", step 4.
package struct ContactID: Sendable, CustomStringConvertible {
  package let description: String
  /// The provider's ID that `description` is an alias of; `nil` for what is no alias, and for one that
  /// only the ledger can tell.
  package let providerID: String?

  package init(_ text: String) throws(ContactIDError) {
    guard (1...50).contains(text.utf8.count) else { throw .badLength(bytes: text.utf8.count) }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "A"..."Z", "a"..."z", "0"..."9", "_", "=", "+", "/", "@": continue
      default: throw .badScalar(scalar)
      }
    }
    description = text
    providerID = nil
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

extension ContactID: Hashable {
  package static func == (a: Self, b: Self) -> Bool {
    a.description.utf8.elementsEqual(b.description.utf8)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension ContactID {
  /// A provider's ID in the platform's alphabet, so that ``decoded`` gives it back: a byte outside
  /// `A-Z a-z 0-9 _ + / @` becomes `=` and two hexadecimal digits. Where that is more than 50 bytes,
  /// an alias: `==` and 40 digits of a digest, always the same for the same ID.
  /// - Parameter text: 1 to 512 bytes.
  package init(encoding text: String) throws(ContactIDError) {
    guard (1...Self.longestProviderID).contains(text.utf8.count) else {
      throw .badLength(bytes: text.utf8.count)
    }
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
        UInt8(ascii: "/"), UInt8(ascii: "@"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default: encoded += "=" + Hex.text([byte]).uppercased()
      }
    }
    if encoded.utf8.count > 50 {
      let digest = SHA256.hash(data: Array(text.utf8)).prefix(20)
      self.init(alias: Self.aliasPrefix + Hex.text(digest), of: text)
    } else {
      try self.init(encoded)
    }
  }

  /// The alias `description`, now that the ledger has told whose it is.
  package init(alias description: String, of providerID: String) {
    self.description = description
    self.providerID = providerID
  }

  /// Whether it stands for an ID that it does not hold. No encoded ID begins so.
  package var isAlias: Bool { description.hasPrefix(Self.aliasPrefix) }

  private static let aliasPrefix = "=="
  private static let longestProviderID = 512

  /// What ``init(encoding:)`` was given; `nil` for what did not come from it, and for an alias that the
  /// ledger has not been asked about.
  package var decoded: String? {
    if let providerID { return providerID }
    var bytes: [UInt8] = []
    var rest = description.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "=") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(Hex.digit),
        let low = rest.popFirst().flatMap(Hex.digit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
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
