import Crypto
import FoundationEssentials

/// The SMS API's signature: a parameter `sig` among the others. Source: `mheap/nexmo-developer:
/// _documentation/en/concepts/guides/signing-messages.md`; checked against the tests of
/// `Vonage/vonage-python-sdk`.
package enum VonageSignature {
  /// As the dashboard names them.
  package enum Method: String, CaseIterable, Sendable {
    /// Of text and secret together, the default; the others are keyed.
    case md5hash, md5, sha1, sha256, sha512
  }

  /// - Parameters:
  ///   - signature: Hexadecimal, of either case.
  ///   - fields: Decoded, without `sig`, in any order.
  package static func isValid(
    _ signature: String, of fields: [FormBytes.Pair], secret: Secret, method: Method
  ) -> Bool {
    guard let signature = Hex.bytes(signature) else { return false }
    let text = text(of: fields)
    let key = SymmetricKey(data: secret.bytes)
    // Each of these compares in constant time.
    return switch method {
    case .md5hash: Insecure.MD5.hash(data: text + secret.bytes) == signature
    case .md5: isValid(signature, of: text, key, Insecure.MD5.self)
    case .sha1: isValid(signature, of: text, key, Insecure.SHA1.self)
    case .sha256: isValid(signature, of: text, key, SHA256.self)
    case .sha512: isValid(signature, of: text, key, SHA512.self)
    }
  }

  private static func isValid<Hash: HashFunction>(
    _ signature: [UInt8], of text: [UInt8], _ key: SymmetricKey, _ hash: Hash.Type
  ) -> Bool {
    HMAC<Hash>.isValidAuthenticationCode(signature, authenticating: text, using: key)
  }

  /// What is signed: `&name=value` of all, by name, with what would look like another field replaced.
  package static func text(of fields: [FormBytes.Pair]) -> [UInt8] {
    fields.sorted { $0.name.lexicographicallyPrecedes($1.name) }.flatMap { field in
      [UInt8(ascii: "&")] + field.name + [UInt8(ascii: "=")]
        + field.value.map {
          $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "=") ? UInt8(ascii: "_") : $0
        }
    }
  }
}
