import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// How each generation proves that a webhook is its own.
struct MessageBirdSignatureTests {
  // MARK: - The token

  private static let secret = "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb"
  private static let header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

  /// Of `messagebird/go-rest-api: signature_jwt/testdata/reference.json`, all at
  /// 2021-07-05T12:00:00+02:00.
  static let references:
    [(label: String, url: String, body: String, token: String, isValid: Bool)] = [
      (
        "valid, no body", "https://example.com/", "",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI1OWEyNDRkYy1lOWFkLTRlMjMtOTc3OC0zNzFmYWEyMzhmNzIiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDcifQ.6Fp0rVOsRr1fj9S2GidXAfkmPVofKr8_RTffC6G6r2E",
        true
      ),
      (
        "valid, with a query", "https://example.com/path?bar=1&foo=2", "",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiJjOTQ2YWY3Ny1lMTgyLTRlYWEtYjJmZi0xYTU0NWI1ZTk5MWEiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA0YmFlNzUzZWNlNmMyNjAifQ.huo2ou6JDoDc7sV25d75UMWeYhBeavQlLsqIibSZuac",
        true
      ),
      (
        "valid, with a body", "https://example.com/path?bar=1&foo=2", "Hello, World!",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NTAwNi1hMGU4LTQ1MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2giOiJkZmZkNjAyMWJiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgxYzdmNzBhNGIyODY4OGEzNjIxODI5ODZmIn0._H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I",
        true
      ),
      (
        "before it was issued", "https://example.com/", "",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ4MjgwMCwiZXhwIjoxNjI1NDgyODYwLCJqdGkiOiJmOWY4YzM4Mi0yNDQ5LTQzMTEtYjcyYi0xZGY3MTY4NzkzMWUiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDcifQ.ZELgDFNGhjZH9CffQKcq3sytBe2I0KciLxpBhcfstHQ",
        false
      ),
      (
        "after it expired", "https://example.com/", "",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3NTYwMCwiZXhwIjoxNjI1NDc1NjYwLCJqdGkiOiI1ZjAyZjUyMi02MDMwLTQ2YzgtYjVhMy0wMTI0NjQ3OGQ4YmMiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDcifQ.45MSST3B_2PsjNUeiuW54_vUQgVw4rBXrdWrOUEz3lM",
        false
      ),
      (
        "the query in another order", "https://example.com/path?foo=1&bar=2", "",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiJhNzVjOTA5Ni1lODIzLTQ0MmItODVmMi03ZDNjOWQ5YjcyNmIiLCJ1cmxfaGFzaCI6IjZhMDIyZDgzNGMxODMzMGJhYWQ4YTJiZDYxMzUxNzNlZDIxNjEwYTQ1NDUxNmJlMGRmM2YxY2MwMTUxNjEwZWEifQ.z6Sw1XQIM0wuEQGBhXBdawDIIrtMg2XnmA_bpDq53pE",
        false
      ),
      (
        "another body", "https://example.com/", "Hello, World!",
        "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiIxNDUwMTUzMi05NmYyLTQ2ODQtOTgzMi02OGYwOTUxYWUzNDIiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDciLCJwYXlsb2FkX2hhc2giOiJmYjYyZjAyYWNkYTdkNzQxNzdhNzAxYTFjZTAwNmU2YmFjZDkwYzdkNGQ3YWI0ODE2OTJjMWRhNDdjODEwNzZiIn0.m79RCwO6dGa9pvzsQypkVuXQ6eM0CkRl6_U7MfWg6TM",
        false
      ),
    ]
  @Test(arguments: references)
  func agreesWithTheReference(
    label: String, url: String, body: String, token: String, isValid: Bool
  ) {
    #expect(
      MessageBirdSignature.isValid(
        token: Self.header + token, url: url, body: Array(body.utf8),
        secret: Secret(Self.secret.utf8), now: 1_625_479_200_000) == isValid)
  }

  private static let key = Secret("sign-key-0123456789".utf8)
  private static let url = "https://hub.example.org/in/mb-legacy?t=1"
  private static let body = "originator=46700000001&recipient=46710000002&body=Hej"
  private static let token =
    header
    + "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI1NjYwLCJqdGkiOiI1ZDZlOGI4YS01OGE2LTRhMGUtOWQ3Zi0yZjhiMWY3ZjBhMTEiLCJ1cmxfaGFzaCI6IjdkNzkwYzlmYjZmNDgxYTkyN2RmZTVkYWM5MzJiZWY1ZmI3NDdmYzI3YTZiODcyYzdlZDg4MzI3YTM3YTZlMzgiLCJwYXlsb2FkX2hhc2giOiIyNDNiZGMxMjcwNTZmNThiYTFjOTUwODI0N2Y0NjMxZDBhMTc2MTM1YjBkMmViMzBiNzM5MzllMzI0Y2Y4ZmUxIn0.Wo06qPlZAPyUQMqj8DAX_NWkO2AOwAllIwvqOb54eWA"

  static let uses: [(label: String, url: String, body: String, seconds: Int64, isValid: Bool)] = [
    ("as it came", url, body, 0, true),
    ("at its end", url, body, 60, true),
    ("our clock is half a minute ahead", url, body, 90, true),
    ("too late", url, body, 91, false),
    ("our clock is half a minute behind", url, body, -30, true),
    ("too early", url, body, -31, false),
    ("without the body", url, "", 0, false),
    ("another body", url, body + "!", 0, false),
    ("another query", url + "1", body, 0, false),
    ("another host", url.replacing("hub", with: "hob"), body, 0, false),
  ]
  @Test(arguments: uses)
  func looksAtURLBodyAndTime(
    label: String, url: String, body: String, seconds: Int64, isValid: Bool
  ) {
    #expect(
      MessageBirdSignature.isValid(
        token: Self.token, url: url, body: Array(body.utf8), secret: Self.key,
        now: 1_767_225_600_000 + seconds * 1_000) == isValid)
  }

  static let forgeries: [(label: String, claims: JSON)] = [
    ("no claims", [:]),
    ("another issuer", claims(["iss": "messagebird"])),
    ("no begin", claims(["nbf": .null])),
    ("no end", claims(["exp": .null])),
    ("ages", claims(["nbf": .integer(.max)])),
    ("and ages", claims(["exp": .integer(.min)])),
    ("no URL", claims(["url_hash": .null])),
    ("a body's hash without a body", claims(["payload_hash": TokenSigner.hash([])])),
  ]
  private static func claims(_ changes: [String: JSON]) -> JSON {
    let claims: [(String, JSON)] = [
      ("iss", "MessageBird"), ("nbf", 1_767_225_600), ("exp", 1_767_225_660),
      ("url_hash", TokenSigner.hash(Array(url.utf8))), ("payload_hash", .null),
    ]
    return .object(
      present: claims.map { name, value in
        let value = changes[name] ?? value
        return (name, value == .null ? nil : value)
      })
  }
  @Test(arguments: forgeries)
  func looksAtEachClaim(label: String, claims: JSON) {
    func isValid(_ claims: JSON) -> Bool {
      MessageBirdSignature.isValid(
        token: TokenSigner.token(claims, secret: "sign-key-0123456789"), url: Self.url, body: [],
        secret: Self.key, now: 1_767_225_600_000)
    }
    #expect(isValid(Self.claims([:])))
    #expect(!isValid(claims))
  }

  /// Some deployments sign a POST's URL without its query; a GET's query is all there is.
  @Test func aQueryMayBeLeftOutOnlyWhereItSaysNothing() throws {
    let sample = MessageBird.sample
    let webhook = sample.webhooks[0]
    let request = sample.request(webhook)
    func isTaken(_ method: String, _ query: String, _ body: [UInt8]) -> Bool {
      let request = HTTPRequest(
        method: method, path: request.path, query: query, headers: request.headers, body: body)
      return (try? sample.provider().events(in: request, now: ProviderSample.now)) != nil
    }
    #expect(isTaken("POST", "new=1", request.body))
    #expect(!isTaken("GET", Fixture.text("messagebird/inbound.query"), request.body))
    #expect(!isTaken("GET", Fixture.text("messagebird/inbound.query"), []))
  }

  // MARK: - The header before the token

  /// `messagebird/go-rest-api: signature/signature_test.go`.
  @Test(arguments: [
    ("secret", "", "", "LISw4Je7n0/MkYDgVSzTJm8dW6BkytKTXMZZk1IElMs="),
    (
      "other-secret", "abc=foo&def=bar", #"{"a key":"some value"}"#,
      "orb0adPhRCYND1WCAvPBr+qjm4STGtyvNDIDNBZ4Ir4="
    ),
    (
      "other-secret", "def=bar&abc=foo", #"{"a key":"some value"}"#,
      "orb0adPhRCYND1WCAvPBr+qjm4STGtyvNDIDNBZ4Ir4="
    ),
  ])
  func agreesWithTheOfficialTests(secret: String, query: String, body: String, signature: String) {
    func isValid(_ signature: String) -> Bool {
      MessageBirdSignature.isValid(
        signature, timestamp: "1544544948", line: MessageBirdSignature.sorted(query: query),
        body: Array(body.utf8), secret: Secret(secret.utf8))
    }
    #expect(isValid(signature))
    #expect(!isValid(String(signature.dropFirst(4))))
    #expect(!isValid(""))
  }

  @Test func sortsAQueryByNames() {
    #expect(
      MessageBirdSignature.sorted(query: "b=2+%2B&a=z&b=1&price%5Bamount%5D=%C3%A9")
        == "a=z&b=2+%2B&b=1&price%5Bamount%5D=%C3%A9")
  }

  @Test func takesTheOlderHeader() throws {
    let sample = MessageBird.sample
    let text = "1760000000\n\n"
    let body = Fixture.bytes("messagebird/inbound.form")
    func isTaken(now: Int64, timestamp: String = "1760000000") -> Bool {
      let request = HTTPRequest(
        method: "POST", path: "/sluice/demo/inbound",
        headers: [
          "content-type": "application/x-www-form-urlencoded",
          "messagebird-request-timestamp": timestamp,
          "messagebird-signature": TokenSigner.base64(
            Array(text.utf8), andHashOf: body, secret: sample.webhookSecret),
        ], body: body)
      return (try? sample.provider().events(in: request, now: now)) != nil
    }
    #expect(isTaken(now: ProviderSample.now))
    // Repeats have been seen hours later, with the first timestamp.
    #expect(isTaken(now: ProviderSample.now + 89_000_000))
    #expect(!isTaken(now: ProviderSample.now + 91_000_000))
    #expect(!isTaken(now: ProviderSample.now - 301_000))
    #expect(!isTaken(now: ProviderSample.now, timestamp: "1760000001"))
  }

  // MARK: - Bird

  @Test func takesTheVectorOfChannels() {
    let body = #"{"service":"channels","event":"sms.inbound","payload":{"id":"m-1"}}"#
    func isValid(url: String = "https://hub.example.org/in/bird", body: String = body) -> Bool {
      MessageBirdSignature.isValid(
        "RwXy6qhJ+qiknAsxpp2VC78VCsLwbtxt5l41FfYxXMg=", timestamp: "1767225600", line: url,
        body: Array(body.utf8), secret: Self.key)
    }
    #expect(isValid())
    #expect(!isValid(url: "https://hub.example.org/in/bird/"))
    #expect(!isValid(body: body + " "))
  }

  @Test func takesTheVectorOfTheAPI() {
    let body =
      #"{"type":"sms.received","timestamp":"2026-01-01T00:00:00Z","data":{"sms_id":"sms_01","from":"+46700000001","to":"+46710000002","text":"Hej"}}"#
    let signature = "v1,Dk/seFwVMhCoZ4XieX+xrC+JAUBfFWRYsNC5EbIHocE="
    func isValid(_ signature: String, id: String = "msg_01", time: String = "1767225600") -> Bool {
      MessageBirdSignature.isValid(
        standard: signature, id: id, timestamp: time, body: Array(body.utf8),
        key: Array("0123456789abcdef0123456789abcdef".utf8))
    }
    #expect(isValid(signature))
    #expect(isValid("v1,AAAA \(signature) v2,AAAA"))
    #expect(!isValid(signature.replacing("v1", with: "v2")))
    #expect(!isValid(signature, id: "msg_02"))
    #expect(!isValid(signature, time: "1767225601"))
    #expect(!isValid(""))
  }

  @Test(arguments: [MessageBird.birdChannels, MessageBird.bird])
  func birdRefusesWhatIsForgedOrOld(sample: ProviderSample) throws {
    let name = sample.settings.contains("channels") ? "channels-inbound" : "bird-received"
    let webhook = ProviderSample.Webhook("messagebird/\(name).json")
    let provider = sample.provider()
    let request = sample.request(webhook)
    #expect(try provider.events(in: request, now: ProviderSample.now).count == 1)
    for (request, now) in [
      (request, ProviderSample.now + 90_001_000), (request, ProviderSample.now - 301_000),
      (sample.request(webhook, secret: "whsec_AAAA"), ProviderSample.now),
      (HTTPRequest(method: "POST", path: "/", body: request.body), ProviderSample.now),
    ] {
      #expect(throws: WebhookError.unauthenticated) { try provider.events(in: request, now: now) }
    }
  }
}
