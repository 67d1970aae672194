import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct VonageTests {
  static let reference = "01J9ZK5V0A0000000000000000.0"
  static let sent = "cccccccc-bbbb-4ccc-8ddd-0123456789ab"

  private static func sample(_ settings: String) -> ProviderSample {
    Vonage.account(settings: settings)
  }

  private func events(
    _ payload: [UInt8], settings: String = "", type: String? = "application/json"
  ) -> Result<[WebhookEvent], WebhookError> {
    let sample = Self.sample(settings)
    let webhook = ProviderSample.Webhook(
      method: type == nil ? "GET" : "POST", contentType: type)
    return Result { () throws(WebhookError) in
      try sample.provider().events(
        in: sample.request(webhook, payload: payload), now: ProviderSample.now)
    }
  }

  private func message(
    _ json: String, channel: String = "sms"
  ) throws -> InboundMessage {
    let common =
      #"{"channel":"\#(channel)","message_uuid":"u-1","from":"447700900001","timestamp":"2025-02-03T12:14:25Z","#
    let events = try events(
      Array((common + json + "}").utf8), settings: "channel = \"\(channel)\""
    ).get()
    guard case .message(let message) = try #require(events.first) else {
      throw WebhookError.notUnderstood("a status")
    }
    return message
  }

  // MARK: - Messages API, inbound

  @Test func readsAText() throws {
    #expect(
      try events(Fixture.bytes("vonage/text.json")).get() == [
        .message(
          InboundMessage(
            externalID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
            contact: try ContactID("+447700900001"), content: .text("Hello"),
            timestamp: 1_738_584_865_000, profile: ContactProfile(phone: "+447700900001")))
      ])
  }

  static let whatsApp: [(fixture: String, content: MessageContent, last: String?)] = [
    (
      "whatsapp-location",
      .location(latitude: 51.5033, longitude: -0.1196, address: "London Eye, Riverside Building"),
      nil
    ),
    (
      "whatsapp-image",
      .attachment(
        Attachment(
          kind: .image, url: "https://media.example/1.jpg", fileName: "1.jpg",
          description: "The view")), "Ann Smith"
    ),
    ("whatsapp-reply", .text("Tomorrow"), nil),
  ]
  @Test(arguments: whatsApp)
  func readsWhatsApp(fixture: String, content: MessageContent, last: String?) throws {
    let events = try events(
      Fixture.bytes("vonage/\(fixture).json"), settings: "channel = \"whatsapp\""
    ).get()
    guard case .message(let message) = try #require(events.first) else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
    #expect(
      message.profile == ContactProfile(firstName: "Zoë", lastName: last, phone: "+447700900001"))
  }

  static let contents: [(label: String, json: String, content: MessageContent)] = [
    ("empty text", #""message_type":"text","text":"""#, .text("(empty message)")),
    (
      "audio", #""message_type":"audio","audio":{"url":"https://a.example/1"}"#,
      .attachment(Attachment(kind: .audio, url: "https://a.example/1"))
    ),
    (
      "a sticker is an image", #""message_type":"sticker","sticker":{"url":"https://a.example/1"}"#,
      .attachment(Attachment(kind: .image, url: "https://a.example/1"))
    ),
    (
      "a vCard is a file", #""message_type":"vcard","vcard":{"url":"https://a.example/1"}"#,
      .attachment(Attachment(kind: .file, url: "https://a.example/1"))
    ),
    (
      "media behind a private key",
      #""message_type":"image","image":{"url":"https://api-eu.nexmo.com/v3/media/1"}"#,
      .text("Image: https://api-eu.nexmo.com/v3/media/1")
    ),
    (
      "a URL that is none", #""message_type":"image","image":{"url":"file:///etc/passwd"}"#,
      .text("Image: file:///etc/passwd")
    ),
    (
      "a template's button", #""message_type":"button","button":{"payload":"p","text":"Yes"}"#,
      .text("Yes")
    ),
    ("a reaction", #""message_type":"reaction","reaction":{"emoji":"👍"}"#, .text("(reaction: 👍)")),
    (
      "a reaction taken back", #""message_type":"reaction","reaction":{"action":"unreact"}"#,
      .text("(reaction taken back)")
    ),
    (
      "a contact",
      #""message_type":"contact","contact":[{"name":{"formatted_name":"Ann"},"phones":[{"phone":"+1"}]}]"#,
      .text("Contact: Ann, +1")
    ),
    (
      "an order", #""message_type":"order","order":{}"#,
      .text("(message of type \"order\", which cannot be shown here)")
    ),
  ]
  @Test(arguments: contents)
  func readsContents(label: String, json: String, content: MessageContent) throws {
    #expect(try message(json, channel: "whatsapp").content == content)
  }

  @Test func anMMSOfSeveralPartsIsSeveralMessages() throws {
    let body =
      #"{"channel":"mms","message_uuid":"u-1","from":"14155550100","message_type":"image","content":[{"type":"image","url":"https://a.example/1"},{"type":"text","text":"two"},{"type":"odd"}]}"#
    let events = try events(Array(body.utf8), settings: "channel = \"mms\"").get()
    let messages = events.compactMap { event in
      if case .message(let message) = event { message } else { nil }
    }
    #expect(messages.map(\.externalID) == ["u-1", "u-1.2", "u-1.3"])
    #expect(
      messages.map(\.content) == [
        .attachment(Attachment(kind: .image, url: "https://a.example/1")), .text("two"),
        .text("(message of type \"odd\", which cannot be shown here)"),
      ])
  }

  @Test func anIDThatIsNoNumberComesBackAsItWas() throws {
    let body =
      #"{"channel":"whatsapp","message_uuid":"u-1","from":"US.13491208655302741918","message_type":"text","text":"Hi"}"#
    let events = try events(Array(body.utf8), settings: "channel = \"whatsapp\"").get()
    guard case .message(let message) = try #require(events.first) else {
      _ = Issue.record()
      return
    }
    #expect(message.profile?.phone == nil)
    let call = Self.sample("channel = \"whatsapp\"").provider().call(
      sending: .text("Hi"), to: message.contact, reference: Self.reference, now: 0)
    #expect(try JSONReader.read(call.body)["to"] == "US.13491208655302741918")
  }

  static let strange: [(label: String, json: String)] = [
    ("no ID", #"{"channel":"sms","from":"447700900001","message_type":"text","text":"Hi"}"#),
    ("no sender", #"{"channel":"sms","message_uuid":"1","message_type":"text","text":"Hi"}"#),
    ("no type", #"{"channel":"sms","message_uuid":"1","from":"447700900001"}"#),
    (
      "another channel's",
      #"{"channel":"whatsapp","message_uuid":"1","from":"447700900001","message_type":"text","text":"Hi"}"#
    ),
    (
      "an image without a URL",
      #"{"channel":"sms","message_uuid":"1","from":"447700900001","message_type":"image"}"#
    ),
    (
      "a place on no map",
      #"{"channel":"sms","message_uuid":"1","from":"447700900001","message_type":"location","location":{"lat":91,"long":0}}"#
    ),
    ("a new status", #"{"message_uuid":"1","status":"teleported"}"#),
    ("an array", "[]"), ("empty", ""),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, json: String) {
    guard case .failure(.notUnderstood) = events(Array(json.utf8)) else {
      _ = Issue.record("\(events(Array(json.utf8)))")
      return
    }
  }

  // MARK: - Messages API, statuses

  static let statuses: [(fixture: String, status: DeliveryStatus, reason: String?)] = [
    ("status-submitted", .sent, nil), ("status-delivered", .delivered, nil),
    ("status-rejected", .failed, "The number is not in service (Vonage 1190)."),
  ]
  @Test(arguments: statuses)
  func readsStatuses(fixture: String, status: DeliveryStatus, reason: String?) throws {
    #expect(
      try events(Fixture.bytes("vonage/\(fixture).json")).get() == [
        .status(
          StatusReport(
            externalID: Self.sent, status: status, reason: reason,
            reference: PartReference(Self.reference)))
      ])
  }

  static let errors: [(label: String, error: String, reason: String)] = [
    (
      "opted out", #"{"title":"1240"}"#,
      "The contact has opted out of messages from this sender (Vonage 1240)."
    ),
    (
      "window closed", #"{"type":"https://x.example/messages#1340","title":"Outside window"}"#,
      "The contact has not written within the last 24 hours, so WhatsApp takes only templates"
        + " (Vonage 1340)."
    ),
    (
      "a code nobody documents", #"{"title":"1999","detail":"Odd.\r\nVery."}"#,
      "The message was not delivered: Odd. Very (Vonage 1999)."
    ),
    (
      "no code", #"{"title":"Trouble"}"#,
      "The message was not delivered: Trouble (Vonage gave no code)."
    ),
    ("nothing", "null", "The message was not delivered: no reason given (Vonage gave no code)."),
  ]
  @Test(arguments: errors)
  func saysWhyItFailed(label: String, error: String, reason: String) throws {
    let body = #"{"message_uuid":"1","status":"undeliverable","error":\#(error)}"#
    guard case .status(let report) = try events(Array(body.utf8)).get().first else {
      _ = Issue.record()
      return
    }
    #expect(report.reason == reason)
  }

  // MARK: - Messages API, sends

  private func body(_ part: MessagePart, settings: String = "") throws -> JSON {
    let call = Self.sample(settings).provider().call(
      sending: part, to: try ContactID("+447700900001"), reference: Self.reference, now: 0)
    #expect(call.url == "https://api.nexmo.com/v1/messages")
    // abcd1234:Abcdef0123456789
    #expect(
      call.headers.first { $0.name == "authorization" }?.value
        == "Basic YWJjZDEyMzQ6QWJjZGVmMDEyMzQ1Njc4OQ==")
    return try JSONReader.read(call.body)
  }

  @Test func sendsAText() throws {
    #expect(
      try body(.text("Hello")) == [
        "channel": "sms", "to": "447700900001", "from": "447700900000",
        "client_ref": .string(Self.reference),
        "webhook_url": "https://sluice.example.com/sluice/demo/status", "webhook_version": "v1",
        "message_type": "text", "text": "Hello",
      ])
  }

  static let parts: [(label: String, channel: String, part: MessagePart, content: JSON)] = [
    (
      "a picture", "whatsapp",
      .attachment(
        Attachment(
          kind: .image, url: "https://a.example/1.jpg", fileName: "1.jpg", description: "Hi")),
      ["message_type": "image", "image": ["url": "https://a.example/1.jpg", "caption": "Hi"]]
    ),
    (
      "a file has a name", "whatsapp",
      .attachment(Attachment(kind: .file, url: "https://a.example/1.pdf", fileName: "1.pdf")),
      ["message_type": "file", "file": ["url": "https://a.example/1.pdf", "name": "1.pdf"]]
    ),
    (
      "a place", "whatsapp", .location(latitude: 51.5, longitude: -0.125, address: "Here"),
      [
        "message_type": "custom",
        "custom": [
          "type": "location",
          "location": ["latitude": .double(51.5), "longitude": .double(-0.125), "address": "Here"],
        ],
      ]
    ),
    (
      "buttons", "whatsapp", .quickReply(title: "When?", replies: ["Today", "Later"]),
      [
        "message_type": "custom",
        "custom": [
          "type": "interactive",
          "interactive": [
            "type": "button", "body": ["text": "When?"],
            "action": [
              "buttons": [
                ["type": "reply", "reply": ["id": "1", "title": "Today"]],
                ["type": "reply", "reply": ["id": "2", "title": "Later"]],
              ]
            ],
          ],
        ],
      ]
    ),
    (
      "suggestions", "rcs", .quickReply(title: "When?", replies: ["Today"]),
      [
        "message_type": "text", "text": "When?",
        "suggestions": [["type": "reply", "text": "Today", "postback_data": "1"]],
      ]
    ),
    (
      "an MMS", "mms", .attachment(Attachment(kind: .video, url: "https://a.example/1.mp4")),
      ["message_type": "video", "video": ["url": "https://a.example/1.mp4"]]
    ),
  ]
  @Test(arguments: parts)
  func sendsEachPart(label: String, channel: String, part: MessagePart, content: JSON) throws {
    let body = try body(part, settings: "channel = \"\(channel)\"")
    #expect(body["channel"]?.string == channel)
    for member in content.members ?? [] { #expect(body[member.name] == member.value) }
  }

  @Test func theTextOfAnMMSNumberIsAnSMS() throws {
    #expect(try body(.text("Hi"), settings: "channel = \"mms\"")["channel"] == "sms")
  }

  enum Kind { case accepted, deferred, throttled, rejected, unknown }

  private static func kind(_ outcome: SendOutcome) -> Kind {
    switch outcome {
    case .accepted: .accepted
    case .deferred: .deferred
    case .throttled: .throttled
    case .rejected, .accountRefused: .rejected
    case .unknown: .unknown
    }
  }

  static let outcomes: [(label: String, http: Int, body: String, kind: Kind)] = [
    ("taken", 202, #"{"message_uuid":"u"}"#, .accepted),
    ("taken, and nobody knows what", 202, "{}", .unknown),
    ("not documented", 200, #"{"message_uuid":"u"}"#, .unknown),
    ("credentials", 401, #"{"title":"Unauthorized"}"#, .rejected),
    ("no credit", 402, #"{"type":"x#1080"}"#, .rejected),
    ("a bad field", 422, #"{"type":"x#1150"}"#, .rejected),
    ("internal, they say", 422, #"{"type":"x#1030"}"#, .deferred),
    ("throttled in other words", 422, #"{"type":"x#1000"}"#, .throttled),
    ("too many", 429, "{}", .throttled),
    ("a refusal in a 500 may not be one", 500, #"{"type":"x#1120"}"#, .unknown),
    ("a gateway's error", 502, "", .unknown),
    ("a redirect", 302, "", .rejected),
  ]
  @Test(arguments: outcomes)
  func classifies(label: String, http: Int, body: String, kind: Kind) {
    let response = HTTPResponse(status: http, body: Array(body.utf8))
    #expect(Self.kind(Self.sample("").provider().outcome(of: response)) == kind)
  }

  static let answers: [(status: Int, fixture: String, outcome: SendOutcome)] = [
    (202, "send-accepted", .accepted(externalID: sent)),
    (
      422, "send-invalid",
      .accountRefused(
        reason: "The sender of this channel is not allowed; ask your administrator to check"
          + " \"from\" (Vonage 1120).")
    ),
    (
      422, "send-parameters",
      .rejected(reason: "Vonage refused the message: ttl: `ttl` is out of range (Vonage 1150).")
    ),
    (
      429, "send-throttled",
      .throttled(
        reason: "Vonage did not take the message: Please wait, then retry your request (HTTP 429).",
        after: nil)
    ),
  ]
  @Test(arguments: answers)
  func readsAnswers(status: Int, fixture: String, outcome: SendOutcome) {
    let body = Fixture.bytes("vonage/\(fixture).json")
    #expect(
      Self.sample("").provider().outcome(of: HTTPResponse(status: status, body: body)) == outcome)
  }

  // MARK: - SMS API

  @Test func readsAnSMS() throws {
    #expect(
      try events(Fixture.bytes("vonage/sms-inbound.query"), type: nil).get() == [
        .message(
          InboundMessage(
            externalID: "0A0000000123ABCD1", contact: try ContactID("+447700900001"),
            content: .text("Hello world"), timestamp: 1_577_880_000_000,
            profile: ContactProfile(phone: "+447700900001")))
      ])
  }

  private static let form = "application/x-www-form-urlencoded"

  @Test func saysWhichPartOfALongMessageItIs() throws {
    let events = try events(Fixture.bytes("vonage/sms-inbound.form"), type: Self.form).get()
    guard case .message(let message) = events.first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text("a=1&b=2 П"))
    #expect(message.fragment == Fragment(reference: "447700900000 17", number: 2, total: 3))
  }

  @Test func readsAReceipt() throws {
    #expect(
      try events(Fixture.bytes("vonage/sms-receipt.form"), type: Self.form).get() == [
        .status(
          StatusReport(
            externalID: Self.reference, status: .failed,
            reason: "The number is not in service (failed, Vonage error 3).",
            reference: PartReference(Self.reference)))
      ])
  }

  @Test(arguments: [
    ("accepted", DeliveryStatus?.some(.sent)), ("buffered", .sent), ("delivered", .delivered),
    ("expired", .failed), ("rejected", .failed), ("unknown", nil),
  ])
  func readsReceipts(word: String, status: DeliveryStatus?) throws {
    let events = try events(
      Array("msisdn=447700900001&messageId=1&status=\(word)".utf8), type: Self.form
    ).get()
    guard let status else {
      #expect(events.isEmpty)
      return
    }
    guard case .status(let report) = events.first else {
      _ = Issue.record()
      return
    }
    #expect(report.status == status && report.externalID == "1")
  }

  @Test func sendsAnSMS() throws {
    let call = Self.sample("api = \"sms\"").provider().call(
      sending: .text("Grüße ☀"), to: try ContactID("+447700900001"), reference: Self.reference,
      now: 0)
    #expect(call.url == "https://rest.nexmo.com/sms/json")
    let fields = try #require(FormFields(call.body))
    #expect(
      fields.pairs.map { "\($0.name)=\($0.value)" } == [
        "from=447700900000", "to=447700900001", "text=Grüße ☀", "type=unicode",
        "client-ref=\(Self.reference)", "status-report-req=1",
        "callback=https://sluice.example.com/sluice/demo/status",
      ])
  }

  static let smsOutcomes: [(label: String, http: Int, statuses: [String], outcome: SendOutcome)] = [
    ("taken", 200, ["0", "0"], .accepted(externalID: nil)),
    (
      "throttled, with milliseconds", 200, ["1"],
      .throttled(
        reason: "Vonage gets too many messages from this account (Vonage status 1).", after: 0.25)
    ),
    (
      "trouble of theirs", 200, ["5"],
      .deferred(reason: "Vonage has trouble of its own (Vonage status 5).", after: nil)
    ),
    (
      "a bad number", 200, ["6"],
      .rejected(reason: "The number is not one that Vonage can send to (Vonage status 6).")
    ),
    (
      "a code nobody documents", 200, ["99"],
      .rejected(
        reason: "Vonage refused the message: Please wait [ 250 ] and retry (Vonage status 99).")
    ),
    (
      "half of it", 200, ["0", "1", "0"],
      .rejected(
        reason: "Only 2 of 3 segments were sent. Vonage gets too many messages from this account"
          + " (Vonage status 1).")
    ),
    ("nothing", 200, [], .unknown(reason: "Vonage's answer to the send cannot be read.")),
    (
      "a status that is none", 200, ["ok"],
      .unknown(reason: "Vonage's answer to the send cannot be read.")
    ),
    (
      "a gateway's error", 502, [],
      .unknown(reason: "Vonage failed while taking the message (HTTP 502).")
    ),
  ]
  @Test(arguments: smsOutcomes)
  func classifiesSMS(label: String, http: Int, statuses: [String], outcome: SendOutcome) {
    let body: JSON = [
      "message-count": .string("\(statuses.count)"),
      "messages": .array(
        statuses.map { ["status": .string($0), "error-text": "Please wait [ 250 ] and retry"] }),
    ]
    #expect(
      Self.sample("api = \"sms\"").provider().outcome(of: HTTPResponse(status: http, json: body))
        == outcome)
  }

  @Test(arguments: [
    ("sms-send-accepted", Kind.accepted), ("sms-send-throttled", .throttled),
    ("sms-send-credentials", .rejected),
  ])
  func readsAnswersOfTheSMSAPI(fixture: String, kind: Kind) {
    let body = Fixture.bytes("vonage/\(fixture).json")
    let outcome = Self.sample("api = \"sms\"").provider().outcome(
      of: HTTPResponse(status: 200, body: body))
    #expect(Self.kind(outcome) == kind)
  }

  // MARK: - The rest

  @Test func answersTheDashboardsCheck() throws {
    let provider = Self.sample("").provider()
    #expect(try provider.handshake(HTTPRequest(method: "GET", path: "/"))?.status == 200)
    #expect(try provider.handshake(HTTPRequest(method: "GET", path: "/", query: "a=b")) == nil)
    #expect(try provider.handshake(HTTPRequest(method: "POST", path: "/")) == nil)
  }

  @Test func theSMSAPISendsOnlySMS() throws {
    var reader = SettingsReader(
      try SettingsFile(path: "s.toml", text: "api = \"sms\"\nchannel = \"whatsapp\""))
    #expect(Vonage(settings: &reader) == nil)
    #expect(reader.problems.map(\.key).contains("channel"))
  }
}
