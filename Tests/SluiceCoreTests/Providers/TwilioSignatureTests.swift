import SluiceCore
import SluiceTesting
import Testing

struct TwilioSignatureTests {
  struct Vector: CustomTestStringConvertible {
    let testDescription: String
    var token = "7f3c1a9be04d4c55a2d86f0e91b7c3aa"
    var method = "POST"
    let url: String
    var query = ""
    var contentType = "application/x-www-form-urlencoded"
    var body = ""
    let signature: String

    var request: HTTPRequest {
      HTTPRequest(
        method: method, path: "/", query: query,
        headers: ["content-type": contentType, "x-twilio-signature": signature],
        body: Array(body.utf8))
    }

    var isValid: Bool {
      TwilioSignature(tokens: [Secret(token.utf8)]).isValid(on: request, to: url)
    }
  }

  /// The official ones are those of `twilio/twilio-python: tests/unit/test_request_validator.py`;
  /// ours were computed with the `RequestValidator` there, version 9.13.
  static let vectors: [Vector] = [
    official(
      "official", body: call, signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    official(
      "official, signed with a port that the URL lacks", body: call,
      signature: "kvajT1Ptam85bY51eRf/AJRuM3w="),
    official(
      "official, the URL has a port", url: "https://mycompany.com:443/myapp.php", body: call,
      signature: "kvajT1Ptam85bY51eRf/AJRuM3w="),
    official(
      "official, signed without the port that the URL has",
      url: "https://mycompany.com:443/myapp.php", body: call,
      signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    official(
      "official, repeated fields",
      body: "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
      signature: "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    official(
      "official, JSON",
      query: "foo=1&bar=2"
        + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
      contentType: "application/json", body: #"{"property": "value", "boolean": true}"#,
      signature: "a9nBmqA0ju/hNViExpshrM61xv4="),
    Vector(
      testDescription: "ours, SMS", url: "https://hooks.example.net/twilio/in", query: "acct=42",
      body: Fixture.text("twilio/sms.form"), signature: "EPyYmdektUwBq8+mjxnRsYr6pfU="),
    Vector(
      testDescription: "ours, a status of WhatsApp", url: "https://hooks.example.net/twilio/status",
      body: Fixture.text("twilio/status-whatsapp-read.form"),
      signature: "H0yRMWwCRoOgJfhJZ7AuASQ5IMs="),
    Vector(
      testDescription: "ours, GET", method: "GET", url: "https://hooks.example.net/twilio/in",
      query: "acct=42&MessageSid=SM0123&From=%2B447700900123&Body=hi+there",
      signature: "HqYfPo3jdVSxYUGCD6JpelDofsc="),
  ]

  private static let call =
    "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
    + "&To=%2B18005551212"

  private static func official(
    _ label: String, url: String = "https://mycompany.com/myapp.php", query: String = "foo=1&bar=2",
    contentType: String = "application/x-www-form-urlencoded", body: String, signature: String
  ) -> Vector {
    Vector(
      testDescription: label, token: "12345", url: url, query: query, contentType: contentType,
      body: body, signature: signature)
  }

  @Test(arguments: vectors)
  func accepts(vector: Vector) { #expect(vector.isValid) }

  static let changes: [(label: String, change: @Sendable (Vector) -> Vector)] = [
    ("another token", { $0.with(token: $0.token + "x") }),
    ("another host", { $0.with(url: $0.url.replacing("https://", with: "https://x")) }),
    ("http", { $0.with(url: $0.url.replacing("https://", with: "http://")) }),
    ("another path", { $0.with(url: $0.url + "/") }),
    ("the query in another order", { $0.with(query: "z=1&" + $0.query) }),
    ("a signature cut off", { $0.with(signature: String($0.signature.dropLast(4))) }),
    ("no base64", { $0.with(signature: "?" + $0.signature.dropFirst()) }),
    ("an empty signature", { $0.with(signature: "") }),
  ]
  @Test(arguments: changes)
  func refuses(label: String, change: @Sendable (Vector) -> Vector) {
    for vector in Self.vectors { #expect(!change(vector).isValid, "\(vector.testDescription)") }
  }

  /// The form counts as it is decoded, so bytes are changed there: one in a name, one in a value.
  @Test func aChangedFieldIsNotAuthentic() {
    for vector in Self.vectors where !vector.body.isEmpty {
      for at in stride(from: 0, to: vector.body.utf8.count, by: 7) {
        var body = Array(vector.body.utf8)
        guard body[at] != UInt8(ascii: "%"), body[at] != UInt8(ascii: "+") else { continue }
        body[at] = body[at] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
        let changed = vector.with(body: String(decoding: body, as: UTF8.self))
        #expect(!changed.isValid, "\(vector.testDescription), byte \(at)")
      }
    }
  }

  @Test func neitherOrderNorEncodingOfFieldsMatters() {
    let vector = Self.vectors[0]
    let fields = vector.body.split(separator: "&").reversed().joined(separator: "&")
    #expect(vector.with(body: fields).isValid)
    #expect(vector.with(body: fields.replacing("CallSid", with: "%43all%53id")).isValid)
  }

  /// Of a thousand fields nobody knows who sent them, and sorting them takes time.
  @Test func manyFieldsAreNotLookedAt() {
    let fields = (0...200).map { "a\($0)=" }.joined(separator: "&")
    let request = HTTPRequest(method: "POST", path: "/", body: Array(fields.utf8))
    let signature = TwilioSignature(tokens: [Secret("12345".utf8)])
    #expect(signature.value(for: request, to: "https://a.example/") == nil)
  }

  @Test func takesTheTokenThatIsBeingReplaced() {
    let tokens = ["new", "12345"].map { Secret($0.utf8) }
    let vector = Self.vectors[0]
    #expect(TwilioSignature(tokens: tokens).isValid(on: vector.request, to: vector.url))
    #expect(!TwilioSignature(tokens: []).isValid(on: vector.request, to: vector.url))
  }
}

extension TwilioSignatureTests.Vector {
  fileprivate func with(
    token: String? = nil, url: String? = nil, query: String? = nil, body: String? = nil,
    signature: String? = nil
  ) -> Self {
    Self(
      testDescription: testDescription, token: token ?? self.token, method: method,
      url: url ?? self.url, query: query ?? self.query, contentType: contentType,
      body: body ?? self.body, signature: signature ?? self.signature)
  }
}
