import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// How Vonage proves that a webhook is its own.
struct VonageSignatureTests {
  private static let sample = Vonage.sample

  // MARK: - The token of the Messages API

  /// Checked with the official `vonage-jwt` and PyJWT.
  private static let secret = "Vonage-Signature-Secret-0123456789abcdef"
  private static let body =
    #"{"channel":"sms","message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","to":"447700900000","from":"447700900001","timestamp":"2025-02-03T12:14:25Z","message_type":"text","text":"Hello"}"#
  private static let token =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3Mzg1ODQ4NjUsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6IjZjZjU1ODg4ZmYwYmZhYzhkZDJiZWExZDkyOTlkZDllM2VmZGJjMWVkMzc5OGFiYTdkZWVmZWU2MTFiZmNlMGEiLCJhcGlfa2V5IjoiYWJjZDEyMzQiLCJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLTAxMjM0NTY3ODlhYiJ9.NLml_fhIFLDXq3msnGdV0viENsN64Qru-aQSc6Lnoas"
  private static let signedAt: Int64 = 1_738_584_865_000

  private static func isTaken(
    token: String? = token, body: String = body, method: String = "POST", query: String = "",
    type: String = "application/json", now: Int64 = signedAt, settings: String = ""
  ) -> Bool {
    let sample = Vonage.account(settings: settings).changed(
      secrets: [
        "api_secret": "x", "signature_secret": secret, "webhook_secret": "WhS3vQ9xYw7bTzR5mJ2h",
      ])
    var headers = ["content-type": type]
    if let token { headers["authorization"] = "Bearer " + token }
    let request = HTTPRequest(
      method: method, path: "/sluice/demo/inbound", query: query, headers: headers,
      body: Array(body.utf8))
    return (try? sample.provider().events(in: request, now: now).isEmpty) == false
  }

  @Test func takesTheVector() { #expect(Self.isTaken()) }

  static let times: [(label: String, seconds: Int64, isTaken: Bool)] = [
    ("a day and a bit later: Vonage repeats for 24 hours", 89_999, true),
    ("later than that", 90_001, false),
    ("our clock is behind", -299, true),
    ("far behind", -301, false),
  ]
  @Test(arguments: times)
  func looksAtTheTime(label: String, seconds: Int64, isTaken: Bool) {
    #expect(Self.isTaken(now: Self.signedAt + seconds * 1_000) == isTaken)
  }

  @Test func theWindowIsASetting() {
    let settings = "replay_window_seconds = 300"
    #expect(Self.isTaken(now: Self.signedAt + 299_000, settings: settings))
    #expect(!Self.isTaken(now: Self.signedAt + 301_000, settings: settings))
  }

  static let tokens: [(label: String, claims: JSON, isTaken: Bool)] = [
    ("all that is needed", claims(), true),
    ("not expired", claims(["exp": .integer(signedAt / 1_000 + 60)]), true),
    ("expired", claims(["exp": .integer(signedAt / 1_000 - 400)]), false),
    ("an expiry that is none", claims(["exp": "never"]), false),
    ("another issuer", claims(["iss": "vonage"]), false),
    ("another account", claims(["api_key": "abcd1235"]), false),
    ("no account", claims(["api_key": .null]), false),
    ("no time", claims(["iat": .null]), false),
    ("a time as text", claims(["iat": "1738584865"]), false),
    ("a time beyond counting", claims(["iat": .integer(.max)]), false),
    ("a negative time", claims(["iat": .integer(.min)]), false),
    ("no hash", claims(["payload_hash": .null]), false),
    ("a hash of nothing", claims(["payload_hash": TokenSigner.hash([])]), false),
    ("an empty hash", claims(["payload_hash": ""]), false),
    ("claims that are no object", [7], false),
  ]
  private static func claims(_ changes: [String: JSON] = [:]) -> JSON {
    let claims: [(String, JSON)] = [
      ("iat", .integer(signedAt / 1_000)), ("iss", "Vonage"), ("api_key", "abcd1234"),
      ("payload_hash", TokenSigner.hash(Array(body.utf8))), ("exp", .null),
    ]
    return .object(
      present: claims.map { name, value in
        let value = changes[name] ?? value
        return (name, value == .null ? nil : value)
      })
  }
  @Test(arguments: tokens)
  func looksAtEachClaim(label: String, claims: JSON, isTaken: Bool) {
    #expect(Self.isTaken(token: TokenSigner.token(claims, secret: Self.secret)) == isTaken)
  }

  @Test func theBodyIsSigned() {
    #expect(!Self.isTaken(body: Self.body.replacing("Hello", with: "Hallo")))
    #expect(!Self.isTaken(body: Self.body + " "))
  }

  /// A captured token and body must not carry somebody else's query.
  @Test func theTokenVouchesForNoQuery() {
    let query = "msisdn=447700900001&messageId=1&text=Pay+me&timestamp=\(Self.signedAt / 1_000)"
    #expect(!Self.isTaken(method: "GET", query: query))
    #expect(!Self.isTaken(query: query, type: "application/x-www-form-urlencoded"))
  }

  /// Vonage would not send again what got a 4xx.
  @Test func whatIsRefusedComesAgain() {
    #expect(!Self.isTaken(token: nil))
    #expect(Self.sample.provider().unauthenticatedStatus == 503)
  }

  @Test func aSecretInTheURLIsEnough() {
    let settings = "webhook_secret = \"file:webhook_secret\""
    let query = "secret=WhS3vQ9xYw7bTzR5mJ2h"
    #expect(Self.isTaken(token: nil, query: query, settings: settings))
    #expect(!Self.isTaken(token: nil, query: query + "x", settings: settings))
    #expect(!Self.isTaken(token: nil, settings: settings))
    #expect(Self.isTaken(settings: settings))
  }

  @Test func believesAnybodyWhereToldTo() {
    #expect(Self.isTaken(token: nil, settings: "verify = \"none\""))
  }

  // MARK: - The parameter of the SMS API

  private static let fields: [FormBytes.Pair] = [
    ("api-key", "abcd1234"), ("msisdn", "447700900001"), ("to", "447700900000"),
    ("messageId", "0A0000000123ABCD1"), ("text", "a=1&b=2 ok"), ("type", "text"),
    ("keyword", "A=1&B=2"), ("message-timestamp", "2020-01-01 12:00:00"),
    ("timestamp", "1577880000"), ("nonce", "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  @Test func signsThisText() {
    #expect(
      String(decoding: VonageSignature.text(of: Self.fields), as: UTF8.self)
        == "&api-key=abcd1234&keyword=A_1_B_2&message-timestamp=2020-01-01 12:00:00"
        + "&messageId=0A0000000123ABCD1&msisdn=447700900001"
        + "&nonce=aaaaaaaa-bbbb-cccc-dddd-0123456789ab&text=a_1_b_2 ok&timestamp=1577880000"
        + "&to=447700900000&type=text")
  }

  static let vectors: [(method: VonageSignature.Method, signature: String)] = [
    (.md5hash, "56c6fec053626a3c0969d35ae519bf1c"),
    (.md5, "06cc0d5408ce1e641d53a342f3c2a236"),
    (.sha1, "5999a6d72b4933e1063d56f731778c53bfcb23e1"),
    (.sha256, "c8558f91e46114e68780cd897503745b72cd0487e23e813baf939ec297c08855"),
    (
      .sha512,
      "a66abaf1807eaeb5306d6e9467353d26e7c63c6415e9d3978744b22d9a08f43497fbdb443964cfca938838f08362d15abaebf11f83ddaa319c92e8e496f6becd"
    ),
  ]
  @Test(arguments: vectors)
  func signsByEachMethod(method: VonageSignature.Method, signature: String) {
    func isValid(_ signature: String, secret: String = "kLmN8pQr5tUvWx2yZ") -> Bool {
      VonageSignature.isValid(
        signature, of: Self.fields, secret: Secret(secret.utf8), method: method)
    }
    #expect(isValid(signature))
    #expect(isValid(signature.uppercased()))
    #expect(!isValid(String(signature.dropLast(2))))
    #expect(!isValid(signature, secret: "kLmN8pQr5tUvWx2yz"))
    #expect(!isValid(""))
  }

  /// `Vonage/vonage-python-sdk: http_client/tests/test_auth.py`.
  @Test(arguments: [
    (
      VonageSignature.Method.sha256,
      "280c4320703dbc98bfa22db676655ed2acfbfe8792b062ff7622e67f1183c287"
    ),
    (.md5, "724c2bf6ca423c36e20631b11d1c5753"),
  ])
  func agreesWithTheOfficialTests(method: VonageSignature.Method, signature: String) {
    let fields = [("param1", "value1"), ("param2", "value2"), ("timestamp", "1234567890")]
    #expect(
      VonageSignature.isValid(
        signature, of: fields.map { (Array($0.0.utf8), Array($0.1.utf8)) },
        secret: Secret("signature_secret".utf8), method: method))
  }

  /// The same signed fields, in each of the forms that an account can be set to.
  @Test(arguments: ["query", "form", "json"])
  func takesEachForm(form: String) throws {
    let webhook = ProviderSample.Webhook(method: "GET")
    let get = Self.sample.request(
      webhook, payload: Fixture.bytes("vonage/sms-inbound.query"))
    let fields = try #require(FormFields(get.query.utf8))
    let request =
      switch form {
      case "query": get
      case "form":
        HTTPRequest(
          method: "POST", path: "/", headers: ["content-type": "application/x-www-form-urlencoded"],
          body: Array(get.query.utf8))
      default:
        HTTPRequest(
          method: "POST", path: "/", headers: ["content-type": "application/json"],
          body: JSON.object(present: fields.pairs.map { ($0.name, .string($0.value)) }).bytes)
      }
    let provider = Self.sample.provider()
    #expect(try provider.events(in: request, now: ProviderSample.now).count == 1)
    for now in [ProviderSample.now + 90_001_000, ProviderSample.now - 301_000] {
      #expect(throws: WebhookError.unauthenticated) { try provider.events(in: request, now: now) }
    }
  }

  // MARK: - Settings

  @Test func startsWithNoProofOnlyWhereToldTo() throws {
    func problems(_ settings: String) throws -> [String?] {
      let directory = TemporaryDirectory()
      directory.write("Abcdef0123456789", to: "secret")
      let text = """
        api_key = "abcd1234"
        api_secret = "file:secret"
        from = "447700900000"
        \(settings)
        """
      var reader = SettingsReader(try SettingsFile(path: directory.path + "/s.toml", text: text))
      let provider = Vonage(settings: &reader)
      reader.finish()
      #expect((provider == nil) == !reader.problems.isEmpty)
      return reader.problems.map(\.key)
    }
    #expect(try problems("") == ["signature_secret"])
    #expect(try problems("verify = \"none\"") == [])
    #expect(try problems("webhook_secret = \"file:secret\"") == [])
    #expect(try problems("signature_secret = \"file:secret\"") == [])
    #expect(try problems("signature_secret = \"file:none\"") == ["signature_secret"])
  }
}
