import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What the Messages API tells us.
struct VonageTests {
  static let reference = "01J9ZK5V0A0000000000000000.0"
  static let sent = "cccccccc-bbbb-4ccc-8ddd-0123456789ab"

  static func sample(_ settings: String) -> ProviderSample {
    Vonage.account(settings: settings)
  }

  static func events(
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
    let events = try Self.events(
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
      try Self.events(Fixture.bytes("vonage/text.json")).get() == [
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
    let events = try Self.events(
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
    let events = try Self.events(Array(body.utf8), settings: "channel = \"mms\"").get()
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
    let events = try Self.events(Array(body.utf8), settings: "channel = \"whatsapp\"").get()
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
    guard case .failure(.notUnderstood) = Self.events(Array(json.utf8)) else {
      _ = Issue.record("\(Self.events(Array(json.utf8)))")
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
      try Self.events(Fixture.bytes("vonage/\(fixture).json")).get() == [
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
    guard case .status(let report) = try Self.events(Array(body.utf8)).get().first else {
      _ = Issue.record()
      return
    }
    #expect(report.reason == reason)
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
