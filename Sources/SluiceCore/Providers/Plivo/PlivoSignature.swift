import Crypto
import FoundationEssentials

/// Plivo's signatures, base64 of an HMAC-SHA256 over the public URL and a nonce, keyed with the auth
/// token. Version 2 covers neither query nor body; version 3 does, and counts where it is there. Either
/// has a second header made with the main account's token, for numbers of a subaccount. Nothing in
/// them tells the time. Sources: `plivo/plivo-python: plivo/utils/__init__.py` and
/// `plivo/utils/signature_v3.py`.
package struct PlivoSignature: Sendable {
  package enum Version: String, Sendable {
    case v2, v3

    var headers: [String] { ["x-plivo-signature-\(self)", "x-plivo-signature-ma-\(self)"] }
    var nonceHeader: String { "x-plivo-signature-\(self)-nonce" }
  }

  private let token: Secret

  package init(token: Secret) { self.token = token }

  /// - Parameter url: What Plivo calls, without the query.
  package func isValid(on request: HTTPRequest, to url: String) -> Bool {
    let version: Version =
      Version.v3.headers.contains { request.headers[$0] != nil } ? .v3 : .v2
    guard let nonce = request.headers[version.nonceHeader],
      let text = Self.signedText(version, of: request, to: url, nonce: nonce)
    else { return false }
    return version.headers.contains { header in
      // While a token is being changed, Plivo signs with both.
      (request.headers[header] ?? "").split(separator: ",").prefix(8).contains { value in
        guard let code = Data(base64Encoded: value.filter { $0 != " " }) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
          code, authenticating: text, using: SymmetricKey(data: token.bytes))
      }
    }
  }

  /// The first header's value for `request`, had Plivo sent it; `nil` where it could not have.
  package func value(
    _ version: Version, for request: HTTPRequest, to url: String, nonce: String
  ) -> String? {
    Self.signedText(version, of: request, to: url, nonce: nonce).map { text in
      let key = SymmetricKey(data: token.bytes)
      return Data(HMAC<SHA256>.authenticationCode(for: text, using: key)).base64EncodedString()
    }
  }

  private static func signedText(
    _ version: Version, of request: HTTPRequest, to url: String, nonce: String
  ) -> [UInt8]? {
    if version == .v2 { return Array((url + nonce).utf8) }
    guard let query = FormBytes(request.query.utf8),
      let form = FormBytes(request.method == "GET" ? [] : request.body)
    else { return nil }
    let parts = [
      Array(
        query.sorted.map { $0.name + [UInt8(ascii: "=")] + $0.value }.joined(separator: [0x26])),
      form.sorted.flatMap { $0.name + $0.value },
    ].filter { !$0.isEmpty }
    let fields = parts.isEmpty ? [] : [UInt8(ascii: "?")] + parts.joined(separator: [0x2E])
    return Array(url.utf8) + fields + Array(".\(nonce)".utf8)
  }
}
