import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct ClickSendTests {
  static let sample = ClickSend.sample
  static let inbound = "9E8D7C6B-5A49-4382-9170-6F5E4D3C2B1A"
  static let outbound = "4C0F2D1E-7A3B-4E5F-9A8B-0C1D2E3F4A5B"

  private func events(
    _ payload: String, as contentType: String = "application/x-www-form-urlencoded"
  ) -> Result<[WebhookEvent], WebhookError> {
    let webhook = ProviderSample.Webhook(contentType: contentType)
    return Result { () throws(WebhookError) in
      try Self.sample.provider().events(
        in: Self.sample.request(webhook, payload: Array(payload.utf8)), now: ProviderSample.now)
    }
  }

  private static func message(_ text: String) throws -> WebhookEvent {
    .message(
      InboundMessage(
        externalID: inbound, contact: try ContactID("+61411111111"), content: .text(text),
        timestamp: 1_759_730_500_000, profile: ContactProfile(phone: "+61411111111")))
  }

  // MARK: - Fixtures

  static let fixtures: [(fixture: String, event: WebhookEvent)] = [
    ("clicksend/inbound.form", try! message("Yes Thursday works 👍")),
    ("clicksend/inbound.json", try! message("Yes Thursday works")),
    ("clicksend/inbound-strings.json", try! message("Yes Thursday works")),
    ("clicksend/inbound.query", try! message("Yes Thursday works 👍")),
    (
      "clicksend/receipt-delivered.form",
      .status(StatusReport(externalID: outbound, status: .delivered))
    ),
    (
      "clicksend/receipt-delivered.json",
      .status(StatusReport(externalID: outbound, status: .delivered))
    ),
    (
      "clicksend/receipt-temporary.form", .status(StatusReport(externalID: outbound, status: .sent))
    ),
    (
      "clicksend/receipt-failed.form",
      .status(
        StatusReport(
          externalID: outbound, status: .failed,
          reason: "The message was not delivered: Absent subscriber (ClickSend code 27)."))
    ),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, event: WebhookEvent) throws {
    let webhook = Self.sample.webhooks.first { $0.fixture == fixture }!
    #expect(
      try Self.sample.provider().events(in: Self.sample.request(webhook), now: ProviderSample.now)
        == [event])
  }

  @Test func theSecretBeforeTheLastStillCounts() throws {
    let request = Self.sample.request(
      Self.sample.webhooks[0], secret: Self.sample.secrets["webhook_secret_previous"])
    #expect(try Self.sample.provider().events(in: request, now: ProviderSample.now).count == 1)
  }

  // MARK: - Messages

  static let senders: [(label: String, from: String, contact: String?)] = [
    ("E.164", "%2B61411111111", "+61411111111"),
    ("a plus that nobody escaped", "+61411111111", "+61411111111"),
    ("no plus", "61411111111", "+61411111111"),
    ("a national number", "0411111111", nil),
    ("a short code", "12345", nil),
    ("a name", "MyBank", nil),
    ("empty", "", nil),
  ]
  @Test(arguments: senders)
  func readsSenders(label: String, from: String, contact: String?) throws {
    let result = events("message_id=\(Self.inbound)&from=\(from)&body=Hi")
    guard let contact else {
      guard case .failure(.notUnderstood) = result else {
        _ = Issue.record("\(result)")
        return
      }
      return
    }
    guard case .message(let message) = try result.get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.contact.description == contact)
    #expect(message.timestamp == nil)
  }

  static let texts: [(label: String, fields: String, text: String)] = [
    ("body", "body=Hi", "Hi"),
    ("only its double", "message=Hi", "Hi"),
    ("body first", "message=old&body=new", "new"),
    ("empty", "body=&message=", "(empty message)"),
    ("white space is text", "body=+", " "),
    ("a tapback is no noise", "body=Liked+%E2%80%9CHello%E2%80%9D", "Liked “Hello”"),
  ]
  @Test(arguments: texts)
  func readsTexts(label: String, fields: String, text: String) throws {
    let result = try events("message_id=\(Self.inbound)&from=%2B61411111111&\(fields)").get()
    guard case .message(let message) = result.first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text(text))
  }

  static let strange: [(label: String, payload: String, contentType: String)] = [
    ("no ID", "from=%2B61411111111&body=Hi", "application/x-www-form-urlencoded"),
    (
      "an ID fit for a path traversal",
      "message_id=../../../../../../../../v3/account/x&from=%2B61411111111&body=Hi",
      "application/x-www-form-urlencoded"
    ),
    ("neither kind", "a=b", "application/x-www-form-urlencoded"),
    ("empty", "", "application/json"),
    ("a broken escape", "body=%4", "application/x-www-form-urlencoded"),
    ("an array", "[]", "application/json"),
    ("a key twice", #"{"body":"a","body":"b"}"#, "application/json"),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, payload: String, contentType: String) {
    guard case .failure(.notUnderstood) = events(payload, as: contentType) else {
      _ = Issue.record("\(events(payload, as: contentType))")
      return
    }
  }

  // MARK: - Receipts

  static let codes: [(code: String, status: DeliveryStatus?)] = [
    ("200", .sent), ("201", .delivered), ("300", .sent), ("301", .failed),
    ("302", nil), ("400", nil), ("499", nil), ("0", nil), ("", nil), ("+201", nil), (" 201", nil),
    ("delivered", nil),
  ]
  /// Codes that nobody documents are kept aside, and never taken for a failure.
  @Test(arguments: codes)
  func readsCodes(code: String, status: DeliveryStatus?) throws {
    let result = events(
      "message_id=\(Self.outbound.lowercased())&status_code=\(FormFields.percent(code))")
    guard let status else {
      guard case .failure(.notUnderstood) = result else {
        _ = Issue.record("\(result)")
        return
      }
      return
    }
    guard case .status(let report) = try result.get().first else {
      _ = Issue.record()
      return
    }
    #expect(report.status == status)
    #expect(report.externalID == Self.outbound)
    #expect((report.reason != nil) == (status == .failed))
  }

  @Test func receiptsOfCallsAndFaxesAreOfNoInterest() throws {
    #expect(
      try events("message_id=\(Self.outbound)&status_code=301&message_type=voice").get().isEmpty)
  }

  @Test func aFailureWithoutWordsSaysSo() throws {
    let result = try events("message_id=\(Self.outbound)&status_code=301&error_text=&error_code=")
      .get()
    #expect(
      result == [
        .status(
          StatusReport(
            externalID: Self.outbound, status: .failed,
            reason: "The message was not delivered: no reason given (ClickSend code 301)."))
      ])
  }

  // MARK: - Sends

  @Test func sends() throws {
    let call = Self.sample.provider().call(
      sending: .text("Hello"), to: try ContactID("+61411111111"), reference: "01J9ZK5V0A.0",
      now: ProviderSample.now)
    #expect(call.method == "POST")
    #expect(call.url == "https://rest.clicksend.com/v3/sms/send")
    // The vector of ClickSend's documentation, "Authentication".
    #expect(
      call.headers.first { $0.name == "authorization" }?.value
        == "Basic YXBpLXVzZXJuYW1lOmFwaS1wYXNzd29yZA==")
    #expect(call.headers.first { $0.name == "content-type" }?.value == "application/json")
    #expect(
      try JSONReader.read(call.body) == [
        "messages": [
          [
            "source": "sluice", "from": "+61400000001", "to": "+61411111111", "body": "Hello",
            "custom_string": "01J9ZK5V0A.0",
          ]
        ], "shorten_urls": false,
      ])
  }

  static let baseURLs = [
    "https://rest.example", "https://rest.example/", "https://rest.example/v3",
    "https://rest.example/v3/",
  ]
  @Test(arguments: baseURLs)
  func takesTheBaseURLWithAndWithoutTheVersion(baseURL: String) throws {
    let sample = Self.sample.changed(settings: Self.sample.settings + "\nbase_url = \"\(baseURL)\"")
    let call = sample.provider().call(
      sending: .text("Hello"), to: try ContactID("+61411111111"), reference: "1",
      now: ProviderSample.now)
    #expect(call.url == "https://rest.example/v3/sms/send")
  }

  enum Kind { case accepted, deferred, throttled, rejected, unknown }

  /// `status` stands in the envelope, or in the message where the envelope says SUCCESS.
  static let outcomes: [(label: String, http: Int, envelope: String, message: String, kind: Kind)] =
    [
      ("taken", 200, "SUCCESS", "SUCCESS", .accepted),
      ("HTTP 200 is no success", 200, "SUCCESS", "INVALID_RECIPIENT", .rejected),
      ("no credit", 200, "SUCCESS", "INSUFFICIENT_CREDIT", .rejected),
      ("a country that is off", 200, "SUCCESS", "COUNTRY_NOT_ENABLED", .rejected),
      ("the same text again is no rate limit", 200, "SUCCESS", "THROTTLED", .rejected),
      ("a code nobody documents", 200, "SUCCESS", "NEW_TROUBLE", .rejected),
      ("a code that is no code", 200, "SUCCESS", "oh\nno", .rejected),
      ("trouble of theirs", 200, "SUCCESS", "INTERNAL_ERROR", .unknown),
      ("trouble of theirs, in the envelope", 200, "SOMETHING_IS_WRONG", "", .unknown),
      ("refused in the envelope", 200, "INVALID_SENDER_ID", "", .rejected),
      ("bad credentials", 401, "UNAUTHORIZED", "", .rejected),
      ("forbidden", 403, "FORBIDDEN", "", .rejected),
      ("a bad address", 404, "NOT_FOUND", "", .rejected),
      ("a redirect", 302, "", "", .rejected),
      ("too slow for them", 408, "", "", .deferred),
      ("too many requests", 429, "TOO_MANY_REQUESTS", "", .throttled),
      ("too many requests in a 200", 200, "TOO_MANY_REQUESTS", "", .throttled),
      ("a refusal in a 500 may not be one", 500, "INVALID_RECIPIENT", "", .unknown),
      ("a gateway's error", 502, "", "", .unknown),
    ]
  @Test(arguments: outcomes)
  func classifies(label: String, http: Int, envelope: String, message: String, kind: Kind) {
    let body: JSON = [
      "http_code": .integer(Int64(http)), "response_code": .string(envelope),
      "data": [
        "messages": [
          ["message_id": .string(Self.outbound.lowercased()), "status": .string(message)]
        ]
      ],
    ]
    let outcome = Self.sample.provider().outcome(of: HTTPResponse(status: http, json: body))
    switch outcome {
    case .accepted(let id): #expect(kind == .accepted && id == Self.outbound)
    case .deferred: #expect(kind == .deferred)
    case .throttled: #expect(kind == .throttled)
    case .rejected(let reason), .accountRefused(let reason):
      #expect(kind == .rejected)
      // The agent's support needs the code to look it up.
      let code = message.isEmpty ? envelope : message
      #expect(reason.contains(code) || code.contains("\n") || code.isEmpty)
    case .unknown: #expect(kind == .unknown)
    }
  }

  @Test func takenWithoutAUsableIDIsStillTaken() {
    let body: JSON = [
      "response_code": "SUCCESS", "data": ["messages": [["message_id": "7", "status": "SUCCESS"]]],
    ]
    #expect(
      Self.sample.provider().outcome(of: HTTPResponse(status: 200, json: body))
        == .accepted(externalID: nil))
  }

  static let fixtureOutcomes: [(status: Int, fixture: String, outcome: SendOutcome)] = [
    (200, "send-success", .accepted(externalID: outbound)),
    (
      200, "send-invalid-recipient",
      .rejected(
        reason: "The phone number is not one that ClickSend can send to (INVALID_RECIPIENT).")
    ),
    (
      200, "send-throttled",
      .rejected(
        reason: "The same text went to this number moments ago, and ClickSend does not send it"
          + " twice (THROTTLED).")
    ),
    (
      401, "send-unauthorized",
      .accountRefused(
        reason: "The ClickSend account does not let us in; ask your administrator to check its"
          + " user name and API key (UNAUTHORIZED).")
    ),
    (
      429, "send-too-many-requests",
      .throttled(
        reason: "ClickSend gets too many requests from this account (HTTP 429).", after: nil)
    ),
  ]
  @Test(arguments: fixtureOutcomes)
  func readsAnswers(status: Int, fixture: String, outcome: SendOutcome) {
    let body = Fixture.bytes("clicksend/\(fixture).json")
    #expect(Self.sample.provider().outcome(of: HTTPResponse(status: status, body: body)) == outcome)
  }

  // MARK: - Settings

  @Test func reportsAllMistakesAtOnce() throws {
    let directory = TemporaryDirectory()
    directory.write("short", to: "webhook_secret")
    let text = """
      username = "a:b"
      api_key = "literal-key"
      webhook_secret = "file:webhook_secret"
      base_url = "rest.clicksend.com"
      form = "+61400000001"
      """
    var reader = SettingsReader(try SettingsFile(path: directory.path + "/s.toml", text: text))
    #expect(ClickSend(settings: &reader) == nil)
    reader.finish()
    #expect(
      reader.problems.map(\.key) == ["api_key", "webhook_secret", "base_url", "username", "form"])
    #expect(reader.problems.map(\.line) == [2, 3, 4, 1, 5])
    #expect(reader.problems.last?.message == "This key is unknown. Did you mean from?")
    #expect(!reader.problems.description.contains("literal-key"))
  }
}
