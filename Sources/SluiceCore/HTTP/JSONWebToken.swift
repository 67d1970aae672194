import Crypto
import FoundationEssentials

/// A token that a provider signed with a secret we share (RFC 7515, 7519). Whoever reads ``claims`` has
/// to check what they say: of which body, and when.
package struct JSONWebToken: Sendable {
  /// RFC 7518, 3.2. Nothing else is ever taken: `none` proves nothing, and to take a public key's
  /// algorithm with a secret for its key would let anybody sign.
  package enum Algorithm: String, Sendable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
  }

  package let claims: JSON

  /// - Parameter text: Header, claims and signature in base64url, joined by dots; at most 8 kB.
  /// - Returns: `nil` where it is not one that somebody with the secret signed by one of `algorithms`.
  package init?(_ text: String, secret: Secret, algorithms: Set<Algorithm>) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard text.utf8.count <= 8_192, parts.count == 3,
      let header = Base64URL.bytes(String(parts[0]) ?? "").flatMap({ try? JSONReader.read($0) }),
      let algorithm = header["alg"]?.string.flatMap(Algorithm.init), algorithms.contains(algorithm),
      let signature = Base64URL.bytes(String(parts[2]) ?? "")
    else { return nil }
    let signed = Data(text.utf8.prefix(parts[0].count + 1 + parts[1].count))
    guard algorithm.isValid(signature, of: signed, secret),
      let claims = Base64URL.bytes(String(parts[1]) ?? "").flatMap({ try? JSONReader.read($0) })
    else { return nil }
    self.claims = claims
  }
}

extension JSONWebToken.Algorithm {
  fileprivate func isValid(_ signature: [UInt8], of data: Data, _ secret: Secret) -> Bool {
    let key = SymmetricKey(data: secret.bytes)
    return switch self {
    case .hs256: HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: data, using: key)
    case .hs384: HMAC<SHA384>.isValidAuthenticationCode(signature, authenticating: data, using: key)
    case .hs512: HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: data, using: key)
    }
  }
}

extension JSON {
  /// Whether this is the lower-case hexadecimal SHA-256 of `bytes`, as such tokens claim it.
  func isHash(of bytes: [UInt8]) -> Bool {
    guard let claimed = string.flatMap(Hex.bytes) else { return false }
    return SHA256.hash(data: bytes) == claimed
  }
}
