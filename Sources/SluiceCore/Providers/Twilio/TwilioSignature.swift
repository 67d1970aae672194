import Crypto
import FoundationEssentials

/// `X-Twilio-Signature`: base64 of the HMAC-SHA1 of the URL as Twilio calls it, followed by the
/// form's decoded fields, keyed with the account's auth token. Nothing in it tells the time.
/// Sources: https://www.twilio.com/docs/usage/webhooks/webhooks-security and
/// `twilio/twilio-python: twilio/request_validator.py`.
package struct TwilioSignature: Sendable {
  /// Each one is enough.
  private let tokens: [Secret]

  package init(tokens: [Secret]) { self.tokens = tokens }

  /// - Parameter url: What Twilio calls, without the query.
  package func isValid(on request: HTTPRequest, to url: String) -> Bool {
    guard let header = request.headers["x-twilio-signature"],
      let code = Data(base64Encoded: header), let rest = Self.signedRest(of: request)
    else { return false }
    return Self.spellings(of: url).contains { url in
      tokens.contains { token in
        HMAC<Insecure.SHA1>.isValidAuthenticationCode(
          code, authenticating: url.utf8 + rest, using: SymmetricKey(data: token.bytes))
      }
    }
  }

  /// The header's value for `request`, had Twilio sent it; `nil` where it could not have.
  package func value(for request: HTTPRequest, to url: String) -> String? {
    guard let token = tokens.first, let rest = Self.signedRest(of: request) else { return nil }
    let code = HMAC<Insecure.SHA1>.authenticationCode(
      for: url.utf8 + rest, using: SymmetricKey(data: token.bytes))
    return Data(code).base64EncodedString()
  }

  /// What is signed behind the URL's path: the query as it was sent, and a form's fields in order,
  /// the same one once. A JSON body is not signed itself: its digest stands in the query.
  private static func signedRest(of request: HTTPRequest) -> [UInt8]? {
    let query = request.query.isEmpty ? [] : Array("?\(request.query)".utf8)
    if request.method == "GET" { return query }
    if request.contentType == "application/json" { return isBodyNamed(in: request) ? query : nil }
    guard let form = FormBytes(request.body) else { return nil }
    var rest = query
    var last: FormBytes.Pair?
    for field in form.sorted {
      if let last, last == field { continue }
      rest += field.name + field.value
      last = field
    }
    return rest
  }

  private static func isBodyNamed(in request: HTTPRequest) -> Bool {
    let field = FormBytes(request.query.utf8)?.pairs.first {
      $0.name.elementsEqual("bodySHA256".utf8)
    }
    guard let field, let digest = Hex.bytes(String(decoding: field.value, as: UTF8.self))
    else { return false }
    return SHA256.hash(data: request.body) == digest
  }

  /// The URL with and without its port: Twilio sometimes signs one that was not configured, and
  /// sometimes leaves out one that was.
  private static func spellings(of url: String) -> [String] {
    guard let scheme = url.firstRange(of: "://") else { return [url] }
    let end = url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex
    let authority = url[scheme.upperBound..<end]
    if let colon = authority.lastIndex(of: ":"),
      authority[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
    {
      return [url, String(url[..<colon] + url[end...])]
    }
    let port = url.hasPrefix("https://") ? ":443" : ":80"
    return [url, url[..<end] + port + url[end...]]
  }
}
