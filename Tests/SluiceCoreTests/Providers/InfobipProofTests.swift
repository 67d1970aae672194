import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// The ways in which a webhook can prove that it is Infobip's.
struct InfobipProofTests {
  private static let body =
    #"{"results":[{"messageId":"817790313235066447","from":"46700000001","to":"46710000002","text":"Hej","receivedAt":"2026-01-01T00:00:00.000+0000","smsCount":1}],"messageCount":1,"pendingMessageCount":0}"#

  private static func isTaken(
    _ settings: String, secret: String, headers: [String: String] = [:], query: String = "",
    body: String = body
  ) -> Bool {
    let sample = Infobip.account(settings: settings).changed(secrets: ["webhook_secret": secret])
    let request = HTTPRequest(
      method: "POST", path: "/sluice/demo/inbound", query: query, headers: headers,
      body: Array(body.utf8))
    return (try? sample.provider().events(in: request, now: 0)) != nil
  }

  static let codes: [(signature: InfobipSignature, code: String)] = [
    (
      InfobipSignature(header: "x"),
      "2c912caae5bc970e630eb1126ee93ac606c5a45d89470b74b2bd737ae78b1b59"
    ),
    (
      InfobipSignature(header: "x", encoding: .base64),
      "LJEsquW8lw5jDrESbuk6xgbFpF2JRwt0sr1zeueLG1k="
    ),
    (
      InfobipSignature(header: "x", algorithm: .sha1), "cde4d6e6397296c17cd633f6e62f6c550573caab"
    ),
    (
      InfobipSignature(header: "x", prefix: "sha256="),
      "sha256=2c912caae5bc970e630eb1126ee93ac606c5a45d89470b74b2bd737ae78b1b59"
    ),
  ]
  @Test(arguments: codes)
  func takesTheVectors(signature: InfobipSignature, code: String) {
    func isValid(_ code: String, body: String = Self.body, secret: String = "shared-secret") -> Bool
    {
      signature.isValid(code, of: Array(body.utf8), secret: Secret(secret.utf8))
    }
    #expect(isValid(code))
    #expect(!isValid(code, body: Self.body + " "))
    #expect(!isValid(code, secret: "shared-secreT"))
    #expect(!isValid("x" + code))
    #expect(!isValid(String(code.dropLast(4))))
    #expect(!isValid(""))
  }

  @Test func takesBasicAuthentication() {
    func isTaken(_ header: String?) -> Bool {
      Self.isTaken(
        "proof = \"basic\"\nwebhook_user = \"bridge\"", secret: "s3cret-0123456789",
        headers: header.map { ["authorization": $0] } ?? [:])
    }
    #expect(isTaken("Basic YnJpZGdlOnMzY3JldC0wMTIzNDU2Nzg5"))
    #expect(!isTaken("Basic QnJpZGdlOnMzY3JldC0wMTIzNDU2Nzg5"))  // Bridge
    #expect(!isTaken("Basic YnJpZGdlOnMzY3JldC0wMTIzNDU2Nzg4"))  // …8
    #expect(!isTaken("Basic YnJpZGdlOg=="))
    #expect(!isTaken(nil))
  }

  @Test func takesASecretInTheURL() {
    let secret = "InF3vQ9xYw7b+zR5mJ2h"
    #expect(Self.isTaken("", secret: secret, query: "secret=InF3vQ9xYw7b%2BzR5mJ2h"))
    #expect(!Self.isTaken("", secret: secret, query: "secret=InF3vQ9xYw7b%2BzR5mJ2"))
    #expect(!Self.isTaken("", secret: secret))
  }

  @Test func believesAnybodyWhereToldTo() throws {
    #expect(Self.isTaken("verify = \"none\"", secret: "InF3vQ9xYw7bTzR5mJ2h"))
  }

  /// Many at once is what Infobip sends; of whoever else, nobody takes as much.
  @Test func aStrangersWebhookIsShort() {
    let result = Self.body.dropFirst(#"{"results":["#.utf8.count).prefix { $0 != "]" }
    let body =
      #"{"results":["# + [String](repeating: String(result), count: 400).joined(separator: ",")
      + "]}"
    let secret = "InF3vQ9xYw7bTzR5mJ2h"
    #expect(Self.isTaken("", secret: secret, query: "secret=\(secret)", body: body))
    #expect(!Self.isTaken("verify = \"none\"", secret: secret, body: body))
  }

  static let mistakes: [(settings: String, keys: [String?])] = [
    ("", ["base_url", "api_key", "sender", "webhook_secret"]),
    ("proof = \"basic\"", ["base_url", "api_key", "sender", "webhook_user", "webhook_secret"]),
    ("proof = \"hmac\"", ["base_url", "api_key", "sender", "signature_header", "webhook_secret"]),
    ("proof = \"trust\"", ["base_url", "api_key", "sender", "proof", "webhook_secret"]),
    ("verify = \"none\"", ["base_url", "api_key", "sender"]),
  ]
  @Test(arguments: mistakes)
  func reportsAllMistakesAtOnce(settings: String, keys: [String?]) throws {
    var reader = SettingsReader(try SettingsFile(path: "s.toml", text: settings))
    #expect(Infobip(settings: &reader) == nil)
    #expect(reader.problems.map(\.key) == keys)
  }
}
