import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What Twilio tells us: messages, statuses, media.
struct TwilioTests {
  static let sample = Twilio.sample
  static let sid = "SMfedcba9876543210fedcba9876543210"
  static let reference = PartReference("01K7WPKZ3N8XQ4T6VDAF2B9C5E.1")

  private func events(_ form: String) -> Result<[WebhookEvent], WebhookError> {
    let webhook = ProviderSample.Webhook()
    return Result { () throws(WebhookError) in
      try Self.sample.provider().events(
        in: Self.sample.request(webhook, payload: Array(form.utf8)), now: ProviderSample.now)
    }
  }

  // MARK: - Fixtures

  private static func message(
    _ id: String, from contact: String = "+447700900123", _ content: MessageContent,
    name: String? = nil
  ) -> WebhookEvent {
    .message(
      InboundMessage(
        externalID: id, contact: try! ContactID(contact), content: content,
        profile: ContactProfile(name: name, phone: contact.hasPrefix("+") ? contact : nil)))
  }

  private static func status(_ status: DeliveryStatus, _ reason: String? = nil) -> WebhookEvent {
    .status(StatusReport(externalID: sid, status: status, reason: reason, reference: reference))
  }

  private static func media(_ message: String, _ number: Int) -> String {
    Attachment.privateURL(
      "https://api.twilio.com/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff/Messages/"
        + "\(message)/Media/ME0000000000000000000000000000000\(number)")
  }

  private static let mms = "MM0123456789abcdef0123456789abcdef"
  private static let audio = "MMaaaa222233334444555566667777aaaa"

  static let fixtures: [(fixture: String, events: [WebhookEvent])] = [
    ("sms.form", [message("SM0123456789abcdef0123456789abcdef", .text("Héllo & bye = 50% off 👍"))]),
    (
      "sms.query", [message("SM0123456789abcdef0123456789abcdef", .text("Héllo & bye = 50% off 👍"))]
    ),
    (
      "mms.form",
      [
        message(
          mms, from: "+14155550100",
          .attachment(
            Attachment(
              kind: .image, url: media(mms, 1), mimeType: "image/jpeg", description: "Here I am"))),
        message(
          mms + ".1", from: "+14155550100",
          .attachment(Attachment(kind: .file, url: media(mms, 2), mimeType: "text/x-vcard"))),
      ]
    ),
    (
      "whatsapp-audio.form",
      [
        message(
          audio,
          .attachment(Attachment(kind: .audio, url: media(audio, 3), mimeType: "audio/ogg")),
          name: "Zoë van Dijk")
      ]
    ),
    (
      "whatsapp-location.form",
      [
        message(
          "SM11112222333344445555666677778888",
          .location(
            latitude: 51.5033, longitude: -0.1196, address: "London Eye, Riverside Building"),
          name: "Zoë")
      ]
    ),
    (
      "whatsapp-button.form",
      [message("SM99992222333344445555666677778888", .text("Confirm"), name: "Zoë")]
    ),
    (
      "whatsapp-hidden-number.form",
      [
        message(
          "SM22222222333344445555666677778888", from: "US=2E13491208655302741918", .text("Hi"),
          name: "Zoë")
      ]
    ),
    ("status-delivered.form", [status(.delivered)]),
    (
      "status-undelivered.form",
      [status(.failed, "The phone is switched off or out of reach (Twilio code 30003).")]
    ),
    ("status-whatsapp-read.form", [status(.read)]),
    (
      "status-whatsapp-failed.form",
      [
        status(
          .failed, "The message was not delivered: Message undeliverable (Twilio code 63099).")
      ]
    ),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, events: [WebhookEvent]) throws {
    let webhook = Self.sample.webhooks.first { $0.fixture == "twilio/\(fixture)" }!
    #expect(
      try Self.sample.provider().events(in: Self.sample.request(webhook), now: ProviderSample.now)
        == events)
  }

  // MARK: - Webhooks

  static let statuses: [(word: String, status: DeliveryStatus?)] = [
    ("accepted", nil), ("scheduled", nil), ("queued", nil), ("sending", nil), ("sent", .sent),
    ("delivered", .delivered), ("partially_delivered", .delivered), ("read", .read),
    ("undelivered", .failed), ("failed", .failed), ("canceled", .failed),
  ]
  @Test(arguments: statuses)
  func readsStatuses(word: String, status: DeliveryStatus?) throws {
    let events = try events("MessageSid=\(Self.sid)&MessageStatus=\(word)&ErrorCode=30005").get()
    guard let status else {
      #expect(events.isEmpty)
      return
    }
    guard case .status(let report) = events.first else {
      _ = Issue.record("\(events)")
      return
    }
    #expect(report.status == status && (report.reason != nil) == (status == .failed))
  }

  static let senders: [(label: String, from: String, contact: String?)] = [
    ("E.164", "%2B447700900123", "+447700900123"),
    ("a plus that nobody escaped", "+447700900123", "+447700900123"),
    ("WhatsApp", "whatsapp%3A%2B447700900123", "+447700900123"),
    ("WhatsApp without a plus", "whatsapp:447700900123", "+447700900123"),
    ("a hidden number", "whatsapp:US.1234", "US=2E1234"),
    ("a prefix is no set of letters", "whatsapp:pta1234", "pta1234"),
    ("a short code", "12345", nil), ("a name", "MyBank", nil), ("nobody", "whatsapp:", nil),
    ("another channel", "messenger:1234567890123", nil), ("empty", "", nil),
  ]
  @Test(arguments: senders)
  func readsSenders(label: String, from: String, contact: String?) throws {
    let result = events("MessageSid=\(Self.sid)&From=\(from)&Body=Hi")
    guard let contact else {
      guard case .failure(.notUnderstood) = result else {
        _ = Issue.record("\(result)")
        return
      }
      return
    }
    #expect(try result.get() == [Self.message(Self.sid, from: contact, .text("Hi"))])
  }

  static let contents: [(label: String, fields: String, content: MessageContent)] = [
    ("nothing", "", .text("(empty message)")),
    ("white space is text", "Body=+", .text(" ")),
    ("a button without text", "Body=&ButtonText=Yes&ButtonPayload=y", .text("Yes")),
    ("a list's choice", "Body=&ListTitle=Tuesday&ListId=2", .text("Tuesday")),
    (
      "a place without a name", "Latitude=-1.5&Longitude=180",
      .location(latitude: -1.5, longitude: 180, address: nil)
    ),
    ("off the globe", "Body=a&Latitude=91&Longitude=0", .text("a")),
    ("no number", "Body=a&Latitude=nan&Longitude=0", .text("a")),
    (
      "media from elsewhere is public",
      "MediaUrl0=https://cdn.example/a&MediaContentType0=VIDEO/MP4",
      .attachment(Attachment(kind: .video, url: "https://cdn.example/a", mimeType: "VIDEO/MP4"))
    ),
    (
      "a host that only looks like Twilio's", "MediaUrl0=https://api.twilio.com@evil.example/a",
      .attachment(Attachment(kind: .file, url: "https://api.twilio.com@evil.example/a"))
    ),
  ]
  @Test(arguments: contents)
  func readsContents(label: String, fields: String, content: MessageContent) throws {
    #expect(
      try events("MessageSid=\(Self.sid)&From=%2B447700900123&\(fields)").get()
        == [Self.message(Self.sid, content)])
  }

  static let strange: [(label: String, form: String)] = [
    ("empty", ""),
    ("no ID", "From=%2B447700900123&Body=Hi"),
    ("an ID of a call", "MessageSid=CA0123456789abcdef0123456789abcdef&From=%2B447700900123"),
    ("an ID fit for a path traversal", "MessageSid=SM../../../../../../../../../../x&From=a"),
    ("a status that nobody documents", "MessageSid=\(sid)&MessageStatus=lost"),
    ("a broken escape", "MessageSid=\(sid)&From=%2B447700900123&Body=%4"),
    ("no UTF-8", "MessageSid=\(sid)&From=%2B447700900123&Body=%FF"),
    ("media without encryption", "MessageSid=\(sid)&From=%2B447700900123&MediaUrl0=http://a.b/"),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, form: String) {
    guard case .failure(.notUnderstood) = events(form) else {
      _ = Issue.record("\(events(form))")
      return
    }
  }

  @Test func keepsJSON() throws {
    let query = "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    func request(_ signature: String?) -> HTTPRequest {
      HTTPRequest(
        method: "POST", path: "/sluice/demo/inbound", query: query,
        headers: ["content-type": "application/json", "x-twilio-signature": signature ?? ""],
        body: Array("{}".utf8))
    }
    let signature = TwilioSignature(tokens: [Secret(Self.sample.webhookSecret.utf8)])
      .value(for: request(nil), to: ProviderSample.channelURL + "/inbound")
    guard
      case .failure(.notUnderstood) = Result(catching: {
        () throws(WebhookError) in
        try Self.sample.provider().events(in: request(signature), now: 0)
      })
    else {
      Issue.record()
      return
    }
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

  @Test func answersTwiMLThatSendsNothing() {
    let response = Self.sample.provider().webhookResponse
    #expect(response.header("content-type") == "text/xml")
    #expect(
      String(decoding: response.body, as: UTF8.self)
        == #"<?xml version="1.0" encoding="UTF-8"?><Response/>"#)
  }

  // MARK: - Media

  @Test func fetchesMediaWithCredentialsOnlyFromTwilio() throws {
    let provider = Self.sample.provider()
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    guard case .content(let call) = provider.route(toMedia: url) else {
      Issue.record()
      return
    }
    #expect(call.method == "GET" && call.url == url)
    #expect(call.headers.first?.value.hasPrefix("Basic ") == true)
    for other in [
      "https://evil.example/", "http://api.twilio.com/", "https://api.twilio.com@evil.example/",
      "https://api.twilio.com.evil.example/", "https://eviltwilio.com/",
      #"https://evil.example\.twilio.com/"#, "https://evil.example?.twilio.com/",
      "https://evil.example#.twilio.com/", "https://api.twilio.com:444/", "",
      "https://api.twilio.com/" + String(repeating: "a", count: 1_000),
    ] {
      #expect(provider.route(toMedia: other) == nil, "\(other)")
    }
  }

  @Test func publicMediaStayWhereTheyAre() throws {
    let provider = TwilioSendTests.provider(
      "from = \"+14155550111\"\ntype = \"mms\"\npublic_media = true")
    let webhook = Self.sample.webhooks[1]
    let events = try provider.events(in: Self.sample.request(webhook), now: ProviderSample.now)
    guard case .message(let message) = events.first, case .attachment(let image) = message.content
    else {
      Issue.record()
      return
    }
    #expect(image.url.hasPrefix("https://api.twilio.com/") && image.privateReference == nil)
  }

  // MARK: - Settings

  static let mistakes: [(label: String, settings: String, keys: [String?])] = [
    (
      "identifiers",
      "account_sid = \"SK00112233445566778899aabbccddeeff\"\nfrom = \"+447700900456\"",
      ["auth_token", "account_sid"]
    ),
    (
      "half an API key", "account_sid = \"AC1\"\napi_key_sid = \"SK1\"\nfrom = \"+447700900456\"",
      ["auth_token", "api_key_secret", "account_sid"]
    ),
    (
      "a number for WhatsApp", "from = \"+447700900456\"\ntype = \"whatsapp\"",
      ["account_sid", "auth_token", "from"]
    ),
    (
      "WhatsApp for SMS", "from = \"whatsapp:+447700900456\"\ntype = \"sms\"",
      ["account_sid", "auth_token", "from"]
    ),
  ]
  @Test(arguments: mistakes)
  func reportsMistakes(label: String, settings: String, keys: [String?]) throws {
    #expect(try Self.sample.problems(settings: settings).map(\.key) == keys)
  }
}
