import Crypto
import FoundationEssentials

/// An HMAC of a webhook's raw body, as a notification profile can be told to send it. Which header it
/// comes in, and how it is written there, no documentation says: all of it is a setting.
package struct InfobipSignature: Sendable {
  package enum Algorithm: String, CaseIterable, Sendable { case md5, sha1, sha256, sha384, sha512 }
  package enum Encoding: String, CaseIterable, Sendable { case hex, base64 }

  /// In lower case.
  let header: String
  private let prefix: String
  private let algorithm: Algorithm
  private let encoding: Encoding

  package init(
    header: String, prefix: String = "", algorithm: Algorithm = .sha256, encoding: Encoding = .hex
  ) {
    self.header = header.lowercased()
    self.prefix = prefix
    self.algorithm = algorithm
    self.encoding = encoding
  }

  package func isValid(_ value: String, of body: [UInt8], secret: Secret) -> Bool {
    guard value.utf8.starts(with: prefix.utf8),
      let text = String(value.utf8.dropFirst(prefix.utf8.count)),
      let code = bytes(text)
    else { return false }
    let key = SymmetricKey(data: secret.bytes)
    return switch algorithm {
    case .md5: isValid(code, body, key, Insecure.MD5.self)
    case .sha1: isValid(code, body, key, Insecure.SHA1.self)
    case .sha256: isValid(code, body, key, SHA256.self)
    case .sha384: isValid(code, body, key, SHA384.self)
    case .sha512: isValid(code, body, key, SHA512.self)
    }
  }

  private func bytes(_ text: String) -> [UInt8]? {
    switch encoding {
    case .hex: Hex.bytes(text)
    case .base64: Data(base64Encoded: text).map { Array($0) }
    }
  }

  private func isValid<Hash: HashFunction>(
    _ code: [UInt8], _ body: [UInt8], _ key: SymmetricKey, _ hash: Hash.Type
  ) -> Bool {
    HMAC<Hash>.isValidAuthenticationCode(code, authenticating: body, using: key)
  }
}
