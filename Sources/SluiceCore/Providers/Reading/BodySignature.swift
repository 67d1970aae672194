import Crypto

/// The HMAC-SHA256 of a webhook's raw body, by which many providers prove that they sent it.
package struct BodySignature: Sendable {
  /// Keyed once, and copied for each webhook. Several while a secret is being changed.
  private let keyed: [HMAC<SHA256>]

  package init(_ secrets: [Secret]) {
    keyed = secrets.map { HMAC(key: SymmetricKey(data: $0.bytes)) }
  }

  /// Whether `signature` is that of `body`, by one of the secrets. `nil` takes the same path, and
  /// never is.
  package func isProven(by signature: [UInt8]?, of body: [UInt8]) -> Bool {
    // Tries every secret, so that the time taken does not tell which one failed.
    let proven = keyed.map { keyed in
      var code = keyed
      code.update(data: body)
      // This `==` takes the same time wherever the two differ.
      return code.finalize() == signature ?? []
    }
    return proven.contains(true)
  }
}
