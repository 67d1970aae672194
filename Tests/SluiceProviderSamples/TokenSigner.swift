import Crypto
import FoundationEssentials
import SluiceCore

/// Signs what a provider signs with a JSON Web Token.
package enum TokenSigner {
  package static func token(
    _ claims: JSON, secret: String, header: String = #"{"typ":"JWT","alg":"HS256"}"#
  ) -> String {
    let text = Base64URL.text(Array(header.utf8)) + "." + Base64URL.text(claims.bytes)
    let key = SymmetricKey(data: Array(secret.utf8))
    let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
    return text + "." + Base64URL.text(code)
  }

  package static func hash(_ bytes: [UInt8]) -> JSON {
    .string(Hex.text(SHA256.hash(data: bytes)))
  }
}

extension TokenSigner {
  /// The older form of one provider's: a text and the bare digest of a body, keyed.
  package static func base64(_ text: [UInt8], andHashOf body: [UInt8], secret: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data(text) + Data(SHA256.hash(data: body)),
      using: SymmetricKey(data: Array(secret.utf8)))
    return Data(code).base64EncodedString()
  }
}
