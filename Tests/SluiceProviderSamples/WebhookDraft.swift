import Crypto
import FoundationEssentials
import SluiceCore

/// A webhook on its way to us, while its provider writes it.
package struct WebhookDraft {
  /// Which one it is.
  package let fixture: String
  package let method: String
  /// Of the endpoint, as the provider knows it, without the query.
  package let url: String
  package var query: String
  /// By lower-case name.
  package var headers: [String: String]
  package var body: [UInt8]
  /// What the provider proves itself with.
  package let secret: String
  /// Unix milliseconds.
  package let now: Int64

  init(
    _ webhook: ProviderSample.Webhook, payload: [UInt8], secret: String, url: String, now: Int64
  ) {
    fixture = webhook.fixture
    method = webhook.method
    self.url = url
    query = method == "GET" ? String(decoding: payload, as: UTF8.self) : webhook.query
    headers = webhook.contentType.map { ["content-type": $0] } ?? [:]
    body = method == "GET" ? [] : payload
    self.secret = secret
    self.now = now
  }

  package var request: HTTPRequest {
    HTTPRequest(method: method, path: path, query: query, headers: headers, body: body)
  }

  /// The URL with its query.
  package var wholeURL: String { query.isEmpty ? url : "\(url)?\(query)" }

  /// The HMAC-SHA256 of `bytes`, keyed with the secret.
  package func code(_ bytes: [UInt8]) -> Data {
    Data(
      HMAC<SHA256>.authenticationCode(
        for: bytes, using: SymmetricKey(data: Array(secret.utf8))))
  }

  private var path: String {
    let host = url.firstRange(of: "://").flatMap { url[$0.upperBound...].firstIndex(of: "/") }
    return host.map { String(url[$0...]) } ?? "/"
  }
}
