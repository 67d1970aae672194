import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct KannelTests {
  static let sample = Kannel.sample
  static let reference = "01J9ZK5V0A0000000000000000.1"

  private func events(_ query: String) -> Result<[WebhookEvent], WebhookError> {
    let webhook = ProviderSample.Webhook(method: "GET")
    return Result { () throws(WebhookError) in
      try Self.sample.provider().events(
        in: Self.sample.request(webhook, payload: Array(query.utf8)), now: ProviderSample.now)
    }
  }

  // MARK: - Fixtures

  private static func message(
    _ digit: Character, _ text: String
  ) throws -> WebhookEvent {
    .message(
      InboundMessage(
        externalID: "7f545b27-ce92-423f-b8e7-e2695f91b0d\(digit)",
        contact: try ContactID("+263770000001"), content: .text(text),
        timestamp: 1_795_369_131_000, profile: ContactProfile(phone: "+263770000001")))
  }

  private static func report(_ status: DeliveryStatus, _ reason: String? = nil) -> WebhookEvent {
    .status(
      StatusReport(
        externalID: reference, status: status, reason: reason, reference: PartReference(reference)))
  }

  static let fixtures: [(fixture: String, event: WebhookEvent)] = [
    ("inbound", try! message("8", "Hello from py")),
    ("inbound-recoded", try! message("9", "При 👍\n%")),
    ("report-delivered", report(.delivered)),
    (
      "report-undelivered",
      report(.failed, "The message was not delivered: stat:UNDELIV err:004 (Kannel status 2).")
    ),
    ("report-accepted", report(.sent)),
    (
      "report-refused",
      report(
        .failed, "The network refused the message: NACK/failure: bad number (Kannel status 16).")
    ),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, event: WebhookEvent) throws {
    #expect(try events(Fixture.text("kannel/\(fixture).query")).get() == [event])
  }

  static let texts: [(fixture: String, text: String)] = [
    ("inbound-utf16", "При👍"),
    ("inbound-binary", "(message of 3 bytes that is no text)"),
    ("inbound-courier", "Hello"),
  ]
  @Test(arguments: texts)
  func readsTexts(fixture: String, text: String) throws {
    guard
      case .message(let message) = try events(Fixture.text("kannel/\(fixture).query")).get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text(text))
    #expect(message.contact.description == "+263770000001")
    #expect(message.timestamp == 1_795_369_131_000)
  }

  // MARK: - Messages

  static let charsets: [(label: String, fields: String, text: String?)] = [
    ("empty", "text=", "(empty message)"),
    ("white space is text", "text=+", " "),
    ("UTF-8 without a charset", "text=%C3%A9", "é"),
    ("UCS-2 without a charset", "text=%00A&coding=2", "A"),
    ("half a pair at the end", "text=%00A%D8%3D&charset=UTF-16BE", "A\u{FFFD}"),
    ("an odd number of bytes", "text=%00A%04&charset=utf-16be", "A"),
    ("Latin-1", "text=%E9&charset=ISO-8859-1", "é"),
    ("broken UTF-8", "text=%E9", nil),
    ("no text at all", "", nil),
    ("a code that Kannel does not know stays as it is", "text=Hi&new=%N", "Hi"),
  ]
  @Test(arguments: charsets)
  func readsCharsets(label: String, fields: String, text: String?) throws {
    let result = events("id=1&from=263770000001&\(fields)")
    guard let text else {
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
    #expect(message.content == .text(text))
  }

  @Test("where Kannel joins nothing, the header says which piece of a text it is")
  func readsPieces() throws {
    let query = "id=1&from=263770000001&text=a&udh=%05%00%03%0C%02%01"
    guard case .message(let message) = try events(query).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text("a"))
    #expect(message.fragment == Fragment(reference: "0c", number: 1, total: 2))
  }

  static let senders: [(label: String, from: String, contact: String?)] = [
    ("international without a plus", "263770000001", "+263770000001"),
    ("a plus that nobody escaped", "+263770000001", "+263770000001"),
    ("double zero", "00263770000001", "+263770000001"),
    ("national", "0770000001", "+263770000001"),
    ("a short code", "12345", nil),
    ("a name", "MyBank", nil),
    ("empty", "", nil),
  ]
  @Test(arguments: senders)
  func readsSenders(label: String, from: String, contact: String?) throws {
    let result = events("id=1&from=\(from)&text=Hi")
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
  }

  @Test func theSecretBeforeTheLastStillCounts() throws {
    let request = Self.sample.request(
      Self.sample.webhooks[0], secret: Self.sample.secrets["webhook_secret_previous"])
    #expect(try Self.sample.provider().events(in: request, now: ProviderSample.now).count == 1)
  }

  /// Whatever the answer says would be sent to the contact.
  @Test func answersNothing() {
    let response = Self.sample.provider().webhookResponse
    #expect(response.status == 200 && response.body.isEmpty)
    #expect(response.header("content-type")?.hasPrefix("text/plain") == true)
  }

  // MARK: - Delivery reports

  static let reports: [(status: String, expected: DeliveryStatus?)] = [
    ("1", .delivered), ("2", .failed), ("4", .sent), ("8", .sent), ("16", .failed),
  ]
  @Test(arguments: reports)
  func readsReports(status: String, expected: DeliveryStatus?) throws {
    guard
      case .status(let report) = try events("reference=\(Self.reference)&status=\(status)").get()
        .first
    else {
      _ = Issue.record()
      return
    }
    #expect(report.status == expected)
    #expect(report.reference == PartReference(Self.reference))
    #expect((report.reason != nil) == (expected == .failed))
  }

  @Test func anInterimNoticeIsOfNoInterest() throws {
    #expect(try events("reference=\(Self.reference)&status=32").get().isEmpty)
  }

  @Test(arguments: ["3", "0", "-1", "%2B1", "%d", "delivered"])
  func keepsStrangeStatuses(status: String) {
    guard case .failure(.notUnderstood) = events("reference=\(Self.reference)&status=\(status)")
    else {
      _ = Issue.record()
      return
    }
  }

  @Test func aReportOfSomebodyElsesIsStrange() {
    guard case .failure(.notUnderstood) = events("reference=m1&status=1") else {
      _ = Issue.record()
      return
    }
  }

  // MARK: - Sends

  private func call(
    _ text: String, settings: String = "", secrets: [String: String] = sample.secrets
  ) throws -> HTTPCall {
    let sample = Self.sample.changed(
      settings: Self.sample.settings + "\n" + settings, secrets: secrets)
    return sample.provider().call(
      sending: .text(text), to: try ContactID("+263770000001"), reference: Self.reference,
      now: ProviderSample.now)
  }

  private func header(_ name: String, of call: HTTPCall) -> String? {
    call.headers.first { $0.name == name }?.value
  }

  @Test func sends() throws {
    let call = try call("Hello €", settings: "smsc = \"carrier-1\"")
    #expect(
      call
        == HTTPCall(
          method: "POST", url: "https://kannel.example/cgi-bin/sendsms",
          headers: [
            ("content-type", "text/plain; charset=UTF-8"), ("x-kannel-username", "sluice"),
            ("x-kannel-password", "sendsms-password"), ("x-kannel-to", "+263770000001"),
            ("x-kannel-dlr-mask", "31"),
            (
              "x-kannel-dlr-url",
              "https://sluice.example.com/sluice/demo/status?secret=kNl3vQ9xYw7bTzR5mJ2h"
                + "&reference=\(Self.reference)&status=%d&reply=%A"
            ),
            ("x-kannel-from", "12345"), ("x-kannel-smsc", "carrier-1"),
          ], body: Array("Hello €".utf8)))
  }

  @Test(arguments: [("Hello €", nil), ("Привет", "2"), ("👍", "2"), ("ñ", nil), ("ç", "2")])
  func asksForUCS2WhereItIsNeeded(text: String, coding: String?) throws {
    #expect(header("x-kannel-coding", of: try call(text)) == coding)
  }

  @Test func writesNumbersAsTheCarrierWantsThem() throws {
    let call = try call("Hi", settings: "number_format = \"digits\"")
    #expect(header("x-kannel-to", of: call) == "263770000001")
  }

  /// The URL is a template of Kannel's: `%%` is what it turns into a percent sign.
  @Test func escapesTheSecretForTheTemplate() throws {
    var secrets = Self.sample.secrets
    secrets["webhook_secret"] = "ab+c/d=e%f&ghijk"
    let call = try call("Hi", secrets: secrets)
    let url = try #require(header("x-kannel-dlr-url", of: call))
    #expect(url.contains("?secret=ab%%2Bc%%2Fd%%3De%%25f%%26ghijk&reference="))
    let filled = url.replacing("%d", with: "1").replacing("%A", with: "ACK%2F")
      .replacing("%%", with: "%")
    let fields = try #require(FormFields(filled.drop { $0 != "?" }.dropFirst().utf8))
    #expect(fields["secret"] == "ab+c/d=e%f&ghijk")
  }

  @Test func splitsAtTheSegmentsThatTheGatewayTakes() {
    let text = String(repeating: "a", count: 306)
    #expect(Self.sample.provider().limits.parts(of: .text(text)).count == 2)
    let sample = Self.sample.changed(settings: Self.sample.settings + "\nmax_segments = 2")
    #expect(sample.provider().limits.parts(of: .text(text)) == [.text(text)])
  }

  // MARK: - Answers

  enum Kind { case accepted, deferred, throttled, rejected, unknown }

  static let outcomes: [(label: String, http: Int, body: String, kind: Kind)] = [
    ("taken", 202, "0: Accepted for delivery", .accepted),
    ("kept until an SMSC is there", 202, "3: Queued for later delivery", .accepted),
    ("immediate-sendsms-reply", 202, "Sent. Message splits: 3", .accepted),
    ("not Kannel's words", 202, "ok", .unknown),
    ("not Kannel's status", 200, "0: Accepted for delivery", .unknown),
    ("busy", 503, "Temporal failure, try again later.", .deferred),
    ("a proxy without Kannel", 503, "<h1>Service Unavailable</h1>", .unknown),
    ("bearerbox away", 500, "Sending failed.", .deferred),
    ("a proxy's trouble", 500, "oh no", .unknown),
    ("a gateway that waited", 504, "", .unknown),
    ("too many", 429, "", .throttled),
    ("credentials", 403, "Authorization failed for sendsms", .rejected),
    ("no route", 403, "Not routable. Do not try again.", .rejected),
    ("no such address", 404, "", .rejected),
    ("a broken field", 400, "Charset or body misformed, rejected", .rejected),
  ]
  @Test(arguments: outcomes)
  func classifies(label: String, http: Int, body: String, kind: Kind) {
    let response = HTTPResponse(status: http, body: Array(body.utf8))
    let found: Kind =
      switch Self.sample.provider().outcome(of: response) {
      case .accepted: .accepted
      case .deferred: .deferred
      case .throttled: .throttled
      case .rejected, .accountRefused: .rejected
      case .unknown: .unknown
      }
    #expect(found == kind)
  }

  static let refusals: [(status: Int, fixture: String, isAccounts: Bool, reason: String)] = [
    (
      403, "send-unauthorized", true,
      "Kannel does not let us in; ask your administrator to check the channel's user name and"
        + " password (HTTP 403)."
    ),
    (
      403, "send-not-routable", true,
      "No carrier behind this channel takes messages to the number (HTTP 403)."
    ),
    (400, "send-denied", false, "Kannel does not accept the phone number (HTTP 400)."),
  ]
  @Test(arguments: refusals)
  func saysWhy(status: Int, fixture: String, isAccounts: Bool, reason: String) {
    let body = Fixture.bytes("kannel/\(fixture).txt")
    #expect(
      Self.sample.provider().outcome(of: HTTPResponse(status: status, body: body))
        == (isAccounts ? .accountRefused(reason: reason) : .rejected(reason: reason)))
  }

  @Test func aRefusalDoesNotQuoteThePassword() {
    let body = "You said sendsms-password\r\n" + String(repeating: "x", count: 500)
    let outcome = Self.sample.provider().outcome(
      of: HTTPResponse(status: 400, body: Array(body.utf8)))
    #expect(outcome.reason?.contains("sendsms-password") == false)
    #expect(
      outcome.reason?.hasPrefix("The gateway refused the message: You said [redacted]") == true)
  }

  // MARK: - Settings

  @Test func reportsAllMistakesAtOnce() throws {
    let directory = TemporaryDirectory()
    directory.write("a-password", to: "password")
    directory.write("short", to: "webhook_secret")
    let text = """
      url = "http://kannel.example/cgi-bin/sendsms"
      username = "tab\\there"
      password = "file:password"
      webhook_secret = "file:webhook_secret"
      from = "Zürich"
      number_format = "national"
      max_segments = 0
      """
    var reader = SettingsReader(try SettingsFile(path: directory.path + "/s.toml", text: text))
    #expect(Kannel(settings: &reader) == nil)
    reader.finish()
    #expect(
      reader.problems.map(\.key) == [
        "username", "webhook_secret", "from", "number_format", "max_segments", nil,
      ])
    #expect(reader.problems.last?.message.contains("public_url") == true)
    #expect(reader.warnings.map(\.key).contains("url"))
  }
}
