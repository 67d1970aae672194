import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct PlivoTests {
  static let sample = Plivo.sample
  static let inbound = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
  static let outbound = "db3ce55a-7f1d-11e1-8ea7-1231380bc196"
  static let reference = PartReference("01K7WPKZ3N8XQ4T6VDAF2B9C5E.1")

  /// The sample's account with other lines for its sender.
  private static func provider(_ lines: String) -> any Provider {
    let settings = sample.settings.replacing("from = \"+46710000002\"\ntype = \"mms\"", with: lines)
    return Self.sample.changed(settings: settings).provider()
  }

  private func events(
    _ form: String, provider: any Provider = Self.sample.provider()
  ) -> Result<[WebhookEvent], WebhookError> {
    let webhook = ProviderSample.Webhook()
    return Result { () throws(WebhookError) in
      try provider.events(
        in: Self.sample.request(webhook, payload: Array(form.utf8)), now: ProviderSample.now)
    }
  }

  // MARK: - Fixtures

  private static func message(
    _ id: String, from contact: String = "+46700000001", _ content: MessageContent
  ) -> WebhookEvent {
    .message(
      InboundMessage(
        externalID: id, contact: try! ContactID(contact), content: content,
        profile: ContactProfile(phone: contact)))
  }

  private static func status(_ status: DeliveryStatus, _ reason: String? = nil) -> WebhookEvent {
    .status(
      StatusReport(externalID: outbound, status: status, reason: reason, reference: reference))
  }

  private static let media = "https://media.plivo.com/Account/MAXX/Message/5b40/Media/"
  private static let mms = "ab0c6c44-0f2b-4c11-8a52-0d4c8f4ac0b2"

  static let fixtures: [(fixture: String, events: [WebhookEvent])] = [
    ("sms.form", [message(inbound, .text("Hej då"))]),
    ("sms.query", [message(inbound, .text("Hej då"))]),
    (
      "mms.form",
      [
        message(
          mms, from: "+14155550100",
          .attachment(Attachment(kind: .image, url: media + "a1.jpg", description: "look"))),
        message(
          mms + ".1", from: "+14155550100",
          .attachment(Attachment(kind: .file, url: media + "a2"))),
      ]
    ),
    ("status-sent.form", [status(.sent)]),
    ("status-delivered.form", [status(.delivered)]),
    (
      "status-part-failed.form",
      [status(.failed, "The phone is switched off or out of reach (Plivo code 80).")]
    ),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, events: [WebhookEvent]) throws {
    let webhook = Self.sample.webhooks.first { $0.fixture == "plivo/\(fixture)" }!
    #expect(
      try Self.sample.provider().events(in: Self.sample.request(webhook), now: ProviderSample.now)
        == events)
  }

  // MARK: - Webhooks

  static let statuses: [(label: String, fields: String, status: DeliveryStatus?)] = [
    ("queued", "Status=queued", nil),
    ("sent", "Status=sent&ErrorCode=000", .sent),
    ("delivered", "Status=delivered", .delivered),
    ("the first of two segments", "Status=delivered&PartInfo=1+of+2", nil),
    ("the second of two", "Status=delivered&PartInfo=2+of+2", .delivered),
    ("the only one", "Status=delivered&PartInfo=1+of+1", .delivered),
    ("no numbers of segments", "Status=delivered&PartInfo=x", .delivered),
    ("read", "Status=read", .read),
    ("undelivered", "Status=undelivered&ErrorCode=70", .failed),
    ("failed", "Status=failed&ErrorCode=420&PartInfo=1+of+2", .failed),
    ("rejected, without a code", "Status=rejected&ErrorCode=000", .failed),
    ("a code nobody explains", "Status=failed&ErrorCode=999%0A", .failed),
  ]
  @Test(arguments: statuses)
  func readsStatuses(label: String, fields: String, status: DeliveryStatus?) throws {
    let events = try events("MessageUUID=\(Self.outbound)&\(fields)").get()
    guard let status else {
      #expect(events.isEmpty)
      return
    }
    guard case .status(let report) = events.first else {
      _ = Issue.record("\(events)")
      return
    }
    #expect(report.status == status && (report.reason != nil) == (status == .failed))
    if let reason = report.reason {
      #expect(reason.hasSuffix(").") && !reason.contains(where: \.isNewline))
    }
  }

  static let senders: [(from: String, contact: String?)] = [
    ("46700000001", "+46700000001"), ("%2B46700000001", "+46700000001"), ("4790000", "+4790000"),
    ("72000", nil), ("MyBank", nil), ("", nil),
  ]
  @Test(arguments: senders)
  func readsSenders(from: String, contact: String?) throws {
    let result = events("MessageUUID=\(Self.inbound)&From=\(from)&To=46710000002&Text=Hi")
    guard let contact else {
      guard case .failure(.notUnderstood) = result else {
        _ = Issue.record("\(result)")
        return
      }
      return
    }
    #expect(try result.get() == [Self.message(Self.inbound, from: contact, .text("Hi"))])
  }

  static let contents: [(label: String, fields: String, content: MessageContent)] = [
    ("nothing", "", .text("(empty message)")),
    ("white space is text", "Text=+", .text(" ")),
    ("a caption without files", "Body=look", .text("look")),
    (
      "files count from 0", "Media0=https://a.example/1.MP4?x=1.jpg&Body=look",
      .attachment(
        Attachment(
          kind: .video, url: "https://a.example/1.MP4?x=1.jpg", description: "look"))
    ),
  ]
  @Test(arguments: contents)
  func readsContents(label: String, fields: String, content: MessageContent) throws {
    #expect(
      try events("MessageUUID=\(Self.inbound)&From=46700000001&To=46710000002&\(fields)").get()
        == [Self.message(Self.inbound, content)])
  }

  static let strange: [(label: String, form: String)] = [
    ("empty", ""),
    ("no ID", "From=46700000001&To=46710000002&Text=Hi"),
    (
      "an ID fit for a path traversal",
      "MessageUUID=../../../../../../../Account/x/y/z/a&Status=sent"
    ),
    ("another number", "MessageUUID=\(inbound)&From=46700000001&To=46710000003&Text=Hi"),
    ("no number", "MessageUUID=\(inbound)&From=46700000001&Text=Hi"),
    ("WhatsApp", "MessageUUID=\(inbound)&From=46700000001&To=46710000002&Type=whatsapp"),
    ("a status that nobody documents", "MessageUUID=\(outbound)&Status=lost"),
    ("a broken escape", "MessageUUID=\(inbound)&From=46700000001&To=46710000002&Text=%4"),
    (
      "media without encryption",
      "MessageUUID=\(inbound)&From=46700000001&To=46710000002&Media1=http://a.example/"
    ),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, form: String) {
    guard case .failure(.notUnderstood) = events(form) else {
      _ = Issue.record("\(events(form))")
      return
    }
  }

  @Test func aPowerpackTakesWhatComesToAnyOfItsNumbers() throws {
    let provider = Self.provider(#"powerpack_uuid = "P1""#)
    let form = "MessageUUID=\(Self.inbound)&From=46700000001&To=46710000003&Text=Hi"
    #expect(
      try events(form, provider: provider).get() == [Self.message(Self.inbound, .text("Hi"))])
  }

  /// Each endpoint has a URL of its own, and a signature for one is none for the other.
  @Test func aSignatureIsForOneEndpoint() {
    let good = Self.sample.request(Self.sample.webhooks[0])
    let elsewhere = HTTPRequest(
      method: "POST", path: "/sluice/demo/status", headers: good.headers, body: good.body)
    #expect(throws: WebhookError.unauthenticated) {
      try Self.sample.provider().events(in: elsewhere, now: ProviderSample.now)
    }
  }

  @Test func answersXMLThatDoesNothing() {
    let response = Self.sample.provider().webhookResponse
    #expect(response.header("content-type") == "text/xml")
    #expect(String(decoding: response.body, as: UTF8.self).hasSuffix("?><Response/>"))
  }

  // MARK: - Media

  @Test func fetchesPrivateMediaOnlyFromPlivo() throws {
    let provider = Self.provider("from = \"+46710000002\"\npublic_media = false")
    let webhook = Self.sample.webhooks[1]
    let events = try provider.events(in: Self.sample.request(webhook), now: ProviderSample.now)
    guard case .message(let message) = events.first, case .attachment(let image) = message.content,
      let reference = image.privateReference,
      case .content(let call) = provider.route(toMedia: reference)
    else {
      Issue.record("\(events)")
      return
    }
    #expect(call.method == "GET" && call.url == Self.media + "a1.jpg")
    #expect(call.headers.map(\.name) == ["authorization"])
    for other in [
      "https://evil.example/", "http://media.plivo.com/", "https://media.plivo.com@evil.example/",
      "https://evilplivo.com/", "https://evil.example?.plivo.com", "",
    ] {
      #expect(provider.route(toMedia: other) == nil, "\(other)")
    }
  }

  // MARK: - Sends

  static let sends: [(label: String, lines: String, part: MessagePart, members: JSON)] = [
    (
      "SMS", #"from = "+46710000002""#, .text("Hej då"),
      ["src": "46710000002", "dst": "46700000001", "type": "sms", "text": "Hej då"]
    ),
    (
      "a name", #"from = "MyShop""#, .text("Hej"),
      ["src": "MyShop", "dst": "46700000001", "type": "sms", "text": "Hej"]
    ),
    (
      "a powerpack", #"powerpack_uuid = "P1""#, .text("Hej"),
      ["powerpack_uuid": "P1", "dst": "46700000001", "type": "sms", "text": "Hej"]
    ),
    (
      "MMS", "from = \"+46710000002\"\ntype = \"mms\"",
      .attachment(Attachment(kind: .image, url: "https://a.example/b", description: "Look")),
      [
        "src": "46710000002", "dst": "46700000001", "type": "mms", "text": "Look",
        "media_urls": ["https://a.example/b"],
      ]
    ),
    (
      "MMS without a caption", "from = \"+46710000002\"\ntype = \"mms\"",
      .attachment(Attachment(kind: .file, url: "https://a.example/b")),
      [
        "src": "46710000002", "dst": "46700000001", "type": "mms",
        "media_urls": ["https://a.example/b"],
      ]
    ),
  ]
  @Test(arguments: sends)
  func writesJSON(label: String, lines: String, part: MessagePart, members: JSON) throws {
    let call = Self.provider(lines).call(
      sending: part, to: try ContactID("+46700000001"), reference: "REF.0", now: ProviderSample.now)
    #expect(call.method == "POST")
    #expect(call.url == "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/")
    #expect(
      call.headers.map { "\($0.name): \($0.value)" } == [
        // printf ID:TOKEN | base64 -w0
        "authorization: Basic TUFYWFhYWFhYWFhYWFhYWFhYWFg6cFZrM3ZROXhZdzdiVHpSNW1KMmhMOG5DNHBEN"
          + "nNGMWdaMGFCM2VXcQ==",
        "content-type: application/json",
      ])
    let rest: [JSON.Member] = [
      .init("url", "https://sluice.example.com/sluice/demo/status?ref=REF.0"),
      .init("method", "POST"),
    ]
    #expect(try JSONReader.read(call.body) == .object((members.members ?? []) + rest))
  }

  @Test func limitsComeFromTheType() {
    let text = PartLimits.Unit.smsSegments(maximum: 10)
    let sms = Self.provider(#"from = "+46710000002""#)
    #expect(sms.limits == PartLimits(text: text) && sms.defaultRate == 5)
    let mms = Self.sample.provider()
    #expect(mms.limits == PartLimits(text: text, media: .all(captions: text)))
    #expect(mms.defaultRate == 0.25 && !mms.isIdempotent)
  }

  // MARK: - Answers

  static let outcomes: [(label: String, status: Int, body: String, outcome: SendOutcome)] = [
    ("taken", 202, Fixture.text("plivo/send-queued.json"), .accepted(externalID: outbound)),
    (
      "no ID", 202, #"{"message_uuid":[]}"#,
      .unknown(reason: "Plivo's answer to the send has no message_uuid.")
    ),
    (
      "refused", 400, Fixture.text("plivo/send-bad-request.json"),
      .rejected(
        reason: "Plivo refused the message: dst is not a valid phone number (HTTP 400).")
    ),
    (
      "not let in", 401, Fixture.text("plivo/send-unauthorized.json"),
      .accountRefused(
        reason: "Plivo does not let us in. Ask your administrator to check the channel's auth_id"
          + " and auth_token (HTTP 401).")
    ),
    (
      "no JSON", 404, "<html>",
      .accountRefused(
        reason: "Plivo refused the request (HTTP 404). Ask your administrator to check the"
          + " channel's auth_id and base_url.")
    ),
    (
      "an error that is an object", 422, #"{"error":{"a":1}}"#,
      .accountRefused(
        reason: "Plivo refused the request (HTTP 422). Ask your administrator to check the"
          + " channel's auth_id and base_url.")
    ),
    (
      "too many requests", 429, "",
      .throttled(reason: "Plivo gets too many requests from this account (HTTP 429).", after: nil)
    ),
    (
      "too early", 425, "",
      .deferred(reason: "Plivo asked for the request again (HTTP 425).", after: nil)
    ),
    (
      "too slow for them", 408, "",
      .deferred(reason: "Plivo asked for the request again (HTTP 408).", after: nil)
    ),
    (
      "a gateway's error", 502, "",
      .unknown(reason: "Plivo failed while taking the message (HTTP 502).")
    ),
  ]
  @Test(arguments: outcomes)
  func classifies(label: String, status: Int, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
  }

  // MARK: - Settings

  static let mistakes: [(label: String, settings: String, keys: [String?])] = [
    ("an ID that is none", "auth_id = \"MA/../x\"\nfrom = \"+1\"", ["auth_token", "auth_id"]),
    (
      "two senders", "from = \"+46710000002\"\npowerpack_uuid = \"P1\"",
      ["auth_id", "auth_token", "from"]
    ),
  ]
  @Test(arguments: mistakes)
  func reportsMistakes(label: String, settings: String, keys: [String?]) throws {
    #expect(try Self.sample.problems(settings: settings).map(\.key) == keys)
  }
}
