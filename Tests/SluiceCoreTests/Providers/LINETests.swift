import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct LINETests {
  static let sample = LINE.sample
  static let user = "U4af4980629f5a7c2b0d6a1f8f2e1c0d9"
  static let authorization = ("authorization", "Bearer LiNeFakeAccessToken+/4711=")

  // MARK: - Fixtures

  static let fixtures: [(fixture: String, id: String, content: MessageContent, at: Int64)] = [
    (
      "text", "01KDW1A2B3C4D5E6F7G8H9J0K0", .text("Hello 👋 (love)"), 1_767_225_600_100
    ),
    (
      "location", "01KDW1A2B3C4D5E6F7G8H9J0K1",
      .location(latitude: 35.67966, longitude: 139.73669, address: "Office, 1-3 Kioicho"),
      1_767_225_600_123
    ),
    ("postback", "01KDW1A2B3C4D5E6F7G8H9J0K2", .text("choice=yes"), 1_767_225_601_000),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, id: String, content: MessageContent, at: Int64) throws {
    #expect(
      try Self.sample.events(Fixture.bytes("line/\(fixture).json")).get() == [
        .message(
          InboundMessage(
            externalID: id, contact: ContactID(Self.user), content: content, timestamp: at))
      ])
  }

  @Test func readsSeveralUsers() throws {
    #expect(
      try Self.sample.events(Fixture.bytes("line/mixed.json")).get() == [
        .message(
          InboundMessage(
            externalID: "01KDW1A2B3C4D5E6F7G8H9J0K4", contact: ContactID(Self.user),
            content: .attachment(
              Attachment(kind: .image, url: Attachment.privateURL("444573844083572738"))),
            timestamp: 1_767_225_602_100)),
        .message(
          InboundMessage(
            externalID: "01KDW1A2B3C4D5E6F7G8H9J0K5",
            contact: ContactID("U0123456789abcdef0123456789abcdef"),
            content: .attachment(
              Attachment(
                kind: .file, url: Attachment.privateURL("444573844083572739"),
                fileName: "plan.pdf", size: 20_480)),
            timestamp: 1_767_225_602_200)),
      ])
  }

  // MARK: - Events

  static func event(_ fields: String, source: String = #"{"type":"user","userId":"U1"}"#) -> String
  {
    #"{"webhookEventId":"01K","timestamp":1,"mode":"active","source":\#(source),\#(fields)}"#
  }

  static func message(_ fields: String) -> String {
    event(#""type":"message","message":{"id":"7",\#(fields)}"#)
  }

  static func webhook(_ events: String...) -> String {
    #"{"destination":"U0","events":[\#(events.joined(separator: ","))]}"#
  }

  static let contents: [(label: String, event: String, content: MessageContent)] = [
    ("an empty text", message(#""type":"text","text":"""#), .text("(empty message)")),
    (
      "a video", message(#""type":"video","duration":1000,"contentProvider":{"type":"line"}"#),
      .attachment(Attachment(kind: .video, url: Attachment.privateURL("7")))
    ),
    (
      "media that lies elsewhere",
      message(
        #""type":"audio","contentProvider":{"type":"external","originalContentUrl":"https://a.example/a.m4a"}"#
      ),
      .attachment(Attachment(kind: .audio, url: "https://a.example/a.m4a"))
    ),
    (
      "a bare location", message(#""type":"location","latitude":1,"longitude":-2.5"#),
      .location(latitude: 1, longitude: -2.5, address: nil)
    ),
    (
      "a sticker",
      message(#""type":"sticker","packageId":"1","stickerId":"2","keywords":["Hi","a"]"#),
      .text("(sticker Hi)")
    ),
    ("a sticker without words", message(#""type":"sticker""#), .text("(sticker)")),
    ("something new", message(#""type":"hologram""#), .text("(hologram)")),
    (
      "an edited text",
      event(#""type":"messageEdited","message":{"id":"7","type":"text","text":"Friday"}"#),
      .text("(edited) Friday")
    ),
    (
      "a date that was picked",
      event(#""type":"postback","postback":{"data":"when","params":{"date":"2026-01-02"}}"#),
      .text("when\n2026-01-02")
    ),
  ]
  @Test(arguments: contents)
  func readsContent(label: String, event: String, content: MessageContent) throws {
    guard case .message(let message) = try Self.sample.events(Self.webhook(event)).get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
    #expect(message.contact.description == "U1")
  }

  static let groups: [(label: String, source: String, contact: String, text: String)] = [
    (
      "a group", #"{"type":"group","groupId":"C1","userId":"U4af4980629"}"#, "C1",
      "Member 0629: a"
    ),
    ("a room", #"{"type":"room","roomId":"R1","userId":"U1"}"#, "R1", "Member U1: a"),
    ("a group that says no more", #"{"type":"group","groupId":"C1"}"#, "C1", "Somebody: a"),
  ]
  @Test("a group is a contact, and its messages say who wrote", arguments: groups)
  func readsGroups(label: String, source: String, contact: String, text: String) throws {
    let payload = Self.webhook(
      Self.event(#""type":"message","message":{"id":"7","type":"text","text":"a"}"#, source: source)
    )
    guard case .message(let message) = try Self.sample.events(payload).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text(text))
    #expect(message.isFromGroup)
    #expect(message.contact.description == contact)
  }

  static let ignored: [(label: String, payload: String)] = [
    ("a trial of the URL", webhook()),
    ("a block", webhook(event(#""type":"unfollow""#))),
    ("a withdrawal", webhook(event(#""type":"unsend","unsend":{"messageId":"7"}"#))),
    (
      "a chat that another program has",
      webhook(
        #"{"webhookEventId":"01K","mode":"standby","source":{"type":"user","userId":"U1"},"type":"message","message":{"id":"7","type":"text","text":"a"}}"#
      )
    ),
    ("no source", webhook(#"{"webhookEventId":"01K","type":"module"}"#)),
    ("a postback without data", webhook(event(#""type":"postback","postback":{}"#))),
  ]
  @Test(arguments: ignored)
  func passesOver(label: String, payload: String) throws {
    #expect(try Self.sample.events(payload).get().isEmpty)
  }

  static let strange: [(label: String, payload: String)] = [
    ("empty", ""), ("no events", "{}"), ("an event that is text", webhook(#""a""#)),
    (
      "no ID",
      webhook(
        #"{"source":{"type":"user","userId":"U1"},"type":"message","message":{"id":"7","type":"text","text":"a"}}"#
      )
    ),
    (
      "nobody",
      webhook(
        event(
          #""type":"message","message":{"id":"7","type":"text","text":"a"}"#,
          source: #"{"type":"user"}"#))
    ),
    (
      "media that leads elsewhere",
      webhook(event(#""type":"message","message":{"id":"../7","type":"image"}"#))
    ),
    (
      "media at no URL",
      webhook(
        message(
          #""type":"image","contentProvider":{"type":"external","originalContentUrl":"file:///etc"}"#
        ))
    ),
    ("off the globe", webhook(message(#""type":"location","latitude":1"#))),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, payload: String) {
    #expect(Self.sample.events(payload).isNotUnderstood)
  }

  @Test func whatIsStrangeHoldsNothingElseBack() throws {
    let payload = Self.webhook("7", Self.message(#""type":"text","text":"Hi""#))
    let reading = try Self.sample.reading(payload)
    #expect(reading.events.count == 1)
    #expect(reading.problem != nil)
  }

  // MARK: - Proof

  static let presented: [(label: String, body: String, signature: String?, isTaken: Bool)] = {
    let body = #"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#
    let good = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
    let withNewline = "CC54dpCl0cw8A6LNe/rC+IkUUC/JmffHzEwHOKhXem8="
    return [
      ("the vector", body, good, true), ("with a newline", body + "\n", withNewline, true),
      ("a newline more than was signed", body + "\n", good, false),
      ("a newline less", body, withNewline, false), ("none", body, nil, false),
      ("empty", body, "", false), ("no base64", body, good + "*", false),
      ("short", body, String(good.dropLast(4)), false),
      ("another case", body, good.lowercased(), false),
    ]
  }()
  @Test(arguments: presented)
  func provesTheSender(label: String, body: String, signature: String?, isTaken: Bool) {
    let secrets = ["channel_secret": "8c570fa6dd201bb328f1c1eac23a96d8"]
    let provider = Self.sample.changed(secrets: secrets).provider()
    let result = Result { () throws(WebhookError) in
      try provider.events(
        in: .webhook("x-line-signature", signature, body: Array(body.utf8)),
        now: ProviderSample.now)
    }
    #expect(result == (isTaken ? .success([]) : .failure(.unauthenticated)))
  }

  @Test func theSecretBeforeTheLastStillCounts() throws {
    let request = Self.sample.request(
      Self.sample.webhooks[0], secret: Self.sample.secrets["channel_secret_previous"])
    #expect(try Self.sample.provider().events(in: request, now: ProviderSample.now).count == 1)
  }

  // MARK: - Media

  @Test func fetchesMedia() {
    let provider = Self.sample.provider()
    #expect(
      provider.route(toMedia: "444573844083572738")
        == .content(
          HTTPCall(
            method: "GET",
            url: "https://api-data.line.me/v2/bot/message/444573844083572738/content",
            headers: [Self.authorization])))
    for reference in ["", "../7", "7/preview", "7?a", "+7", String(repeating: "7", count: 41)] {
      #expect(provider.route(toMedia: reference) == nil)
    }
  }

  // MARK: - Sends

  static let withVideo = sample.changed(
    settings: sample.settings + "\nvideo_preview_url = \"https://files.example/play.jpg\"")

  static func attachment(
    _ kind: SluiceCore.Attachment.Kind, _ url: String, caption: String? = nil
  ) -> MessagePart {
    .attachment(Attachment(kind: kind, url: url, description: caption))
  }

  static let calls: [(label: String, part: MessagePart, messages: String)] = [
    ("text", .text("Hello"), #"{"type":"text","text":"Hello"}"#),
    (
      "image with its caption", attachment(.image, "https://files.example/a.jpg", caption: "Look"),
      #"{"type":"image","originalContentUrl":"https://files.example/a.jpg","previewImageUrl":"https://files.example/a.jpg"},{"type":"text","text":"Look"}"#
    ),
    (
      "image that LINE does not show", attachment(.image, "https://files.example/a.webp"),
      #"{"type":"text","text":"Image: https://files.example/a.webp"}"#
    ),
    (
      "image over plain HTTP", attachment(.image, "http://files.example/a.jpg", caption: "Look"),
      #"{"type":"text","text":"Look\nImage: http://files.example/a.jpg"}"#
    ),
    (
      "video", attachment(.video, "https://files.example/a.mp4"),
      #"{"type":"video","originalContentUrl":"https://files.example/a.mp4","previewImageUrl":"https://files.example/play.jpg"}"#
    ),
    (
      "place", .location(latitude: 1.5, longitude: 2.5, address: "Office, 1 High St"),
      #"{"type":"location","title":"Office","address":"1 High St","latitude":1.5,"longitude":2.5}"#
    ),
    (
      "bare location", .location(latitude: 1.5, longitude: 2.5, address: nil),
      #"{"type":"location","title":"Location","address":"1.5, 2.5","latitude":1.5,"longitude":2.5}"#
    ),
    (
      "buttons", .quickReply(title: "Well?", replies: ["Yes", "No"]),
      #"{"type":"text","text":"Well?","quickReply":{"items":[{"type":"action","action":{"type":"message","label":"Yes","text":"Yes"}},{"type":"action","action":{"type":"message","label":"No","text":"No"}}]}}"#
    ),
  ]
  @Test(arguments: calls)
  func sends(label: String, part: MessagePart, messages: String) throws {
    let call = Self.withVideo.provider().call(
      sending: part, to: try ContactID(Self.user), reference: "01J9ZK5V0A.0",
      now: ProviderSample.now)
    #expect(
      call
        == HTTPCall(
          url: "https://api.line.me/v2/bot/message/push",
          headers: [
            Self.authorization, ("content-type", "application/json"),
            // By Python's uuid.uuid5 of our namespace and the reference.
            ("x-line-retry-key", "e6c7f77b-92d1-5190-b58e-4ade4c6684a6"),
          ], body: Array(#"{"to":"\#(Self.user)","messages":[\#(messages)]}"#.utf8)))
  }

  @Test func anAddressTooLongForAPinIsText() throws {
    let address = String(repeating: "a", count: 101)
    let part = MessagePart.location(latitude: 1, longitude: 2, address: address)
    let call = Self.sample.provider().call(
      sending: part, to: try ContactID("U1"), reference: "1", now: ProviderSample.now)
    #expect(
      try JSONReader.read(call.body)["messages"]
        == [["type": "text", "text": .string(part.plainText)]])
  }

  @Test func whatLINEHasNoFormForIsALink() {
    let audio = MessageContent.attachment(Attachment(kind: .audio, url: "https://a.example/a.mp3"))
    let video = MessageContent.attachment(Attachment(kind: .video, url: "https://a.example/a.mp4"))
    let limits = Self.sample.provider().limits
    #expect(limits.parts(of: audio) == [.text("Audio: https://a.example/a.mp3")])
    #expect(limits.parts(of: video) == [.text("Video: https://a.example/a.mp4")])
    #expect(limits.parts(of: .text(String(repeating: "👋", count: 2_501))).count == 2)
  }

  static let refusal = "LINE refused the message"
  static let outcomes: [(status: Int, isKnown: Bool, body: String, outcome: SendOutcome)] = [
    (
      200, false, Fixture.text("line/send-success.json"),
      .accepted(externalID: "461230966842064897")
    ),
    (200, false, "{}", .unknown(reason: "LINE's answer to the send cannot be read.")),
    (
      409, true, Fixture.text("line/send-repeated.json"),
      .accepted(externalID: "461230966842064897")
    ),
    (409, true, "", .accepted(externalID: nil)),
    (
      409, false, #"{"message":"Conflict"}"#, .rejected(reason: "\(refusal) (409: Conflict).")
    ),
    (
      400, false, Fixture.text("line/send-bad-request.json"),
      .rejected(reason: "\(refusal) (400: The request body has 1 error(s) May not be empty).")
    ),
    (
      429, false, Fixture.text("line/send-monthly-limit.json"),
      .accountRefused(
        reason: "The LINE account has sent all messages of this month; ask your administrator to"
          + " raise its plan (429: You have reached your monthly limit).")
    ),
    (
      429, false, #"{"message":"The API rate limit has been exceeded."}"#,
      .throttled(reason: "LINE gets too many messages from this account (HTTP 429).", after: nil)
    ),
    (
      401, false, Fixture.text("line/send-unauthorized.json"),
      .accountRefused(
        reason: "LINE does not know the access token; ask your administrator to renew access_token"
          + " (401: Authentication failed. Confirm that the access token in the authorization"
          + " header is valid).")
    ),
    (
      500, false, "", .deferred(reason: "LINE did not take the message (HTTP 500).", after: nil)
    ),
  ]
  @Test(arguments: outcomes)
  func classifies(status: Int, isKnown: Bool, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(
      status: status, headers: isKnown ? [("x-line-accepted-request-id", "a1b2")] : [],
      body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
    #expect(Self.sample.provider().isIdempotent)
  }

  // MARK: - Settings

  @Test func failsClosed() throws {
    let problems = try Self.sample.problems(settings: "access_token = \"file:access_token\"")
    #expect(problems.map(\.key) == ["channel_secret"])
    let unproven = Self.sample.changed(
      settings: "access_token = \"file:access_token\"\nverify = \"none\"")
    let request = HTTPRequest(method: "POST", path: "/", body: Fixture.bytes("line/text.json"))
    #expect(try unproven.provider().events(in: request, now: ProviderSample.now).count == 1)
  }
}
