import Crypto

/// A shared secret a caller has to present: a bearer token, a secret in a webhook's URL. Only its
/// digest is kept, so that comparison takes the same time whatever was presented, and so that no
/// dump of this value gives the secret away.
package struct Proof: Sendable {
  private let digest: SHA256Digest

  package init(of secret: Secret) { digest = SHA256.hash(data: secret.bytes) }

  /// A proof nobody can present; used for unknown channels, so that they cost what known ones do.
  package static let impossible = Proof(of: Secret((0..<32).map { _ in UInt8.random(in: 0...255) }))

  /// Whether `presented` is the secret, byte for byte. `nil` takes the same path, and never is.
  package func isProven(by presented: String?) -> Bool {
    let other = SHA256.hash(data: Array((presented ?? "").utf8))
    // Digests compare in constant time (swift-crypto, `Digest`).
    return digest == other && presented != nil
  }

  /// The token of an `Authorization: Bearer …` header; the scheme's case does not matter (RFC 9110,
  /// 11.1).
  package static func bearerToken(in request: HTTPRequest) -> String? {
    guard let value = request.headers["authorization"] else { return nil }
    let words = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }
}
