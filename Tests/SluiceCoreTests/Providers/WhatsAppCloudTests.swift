import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct WhatsAppCloudTests {
  static let sample = WhatsAppCloud.sample

  // MARK: - Fixtures

  private func messages(_ fixture: String) throws -> [InboundMessage] {
    try Self.sample.events(Fixture.bytes("whatsapp_cloud/\(fixture).json")).get().compactMap {
      if case .message(let message) = $0 { message } else { nil }
    }
  }

  @Test func readsText() throws {
    #expect(
      try messages("text") == [
        InboundMessage(
          externalID: "wamid.HBgMNDQ3NzAwOTAwMTIzFQIAEhggRkFLRQ==",
          contact: ContactID("+447700900123"), content: .text("Hi ☺ / 50%"),
          timestamp: 1_738_584_865_000,
          profile: ContactProfile(firstName: "Zoë", phone: "+447700900123"))
      ])
  }

  @Test func readsMedia() throws {
    #expect(
      try messages("image").map(\.content) == [
        .attachment(
          Attachment(
            kind: .image, url: Attachment.privateURL("1003383421387256"), mimeType: "image/jpeg",
            description: "Broken part"))
      ])
  }

  @Test func readsAButtonOfSomebodyWhoHidesTheirNumber() throws {
    let message = try #require(messages("button").first)
    #expect(message.content == .text("Yes"))
    #expect(message.contact.description == "GB=2E98765")
    #expect(message.contact.decoded == "GB.98765")
    #expect(message.profile == ContactProfile(firstName: "Kim"))
  }

  @Test func readsAllOfABatchAndFindsEachName() throws {
    let events = try Self.sample.events(Fixture.bytes("whatsapp_cloud/batch.json")).get()
    #expect(events.count == 3)
    #expect(events.last == .status(StatusReport(externalID: "wamid.T1VU", status: .delivered)))
    let messages = try messages("batch")
    #expect(messages.map(\.profile?.firstName) == ["Zoë", "Kim"])
    #expect(messages.last?.profile?.lastName == "Lee")
    #expect(
      messages.last?.content
        == .location(latitude: 51.5, longitude: -0.12, address: "Office, 1 High St"))
  }

  @Test func readsEchoes() throws {
    #expect(
      try messages("echo") == [
        InboundMessage(
          externalID: "wamid.RUNITw==", contact: ContactID("+447700900123"),
          content: .text("Written on the phone"), isEcho: true, timestamp: 1_738_584_920_000,
          profile: ContactProfile(phone: "+447700900123"))
      ])
  }

  @Test func readsStatuses() throws {
    let events = try Self.sample.events(Fixture.bytes("whatsapp_cloud/statuses.json")).get()
    #expect(
      events == [
        .status(
          StatusReport(
            externalID: "wamid.T1VU", status: .sent,
            reference: PartReference("01J9ZK5V0A00000000000000AB.0"))),
        .status(StatusReport(externalID: "wamid.T1VU", status: .delivered)),
        .status(StatusReport(externalID: "wamid.T1VU", status: .read)),
        .status(StatusReport(externalID: "wamid.Vk9JQ0U=", status: .read)),
      ])
    #expect(PartReference("01J9ZK5V0A00000000000000AB.0") != nil)
  }

  @Test func saysWhyAMessageFailed() throws {
    let events = try Self.sample.events(Fixture.bytes("whatsapp_cloud/status-failed.json")).get()
    #expect(
      events == [
        .status(
          StatusReport(
            externalID: "wamid.T1VU", status: .failed,
            reason: "More than 24 hours have passed since the contact last wrote, and WhatsApp then"
              + " takes only templates: wait until they write (WhatsApp 131047: More than 24 hours"
              + " have passed since the customer last replied)."))
      ])
  }

  // MARK: - Messages

  static func webhook(_ lists: String, number: String = "106540352242922") -> String {
    #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"\#(number)"},\#(lists)}}]}]}"#
  }

  static func message(_ fields: String, from: String = #""from":"447700900123""#) -> String {
    #"{"id":"wamid.QQ==","timestamp":"1738584865",\#(from),\#(fields)}"#
  }

  static let contents: [(label: String, fields: String, content: MessageContent)] = [
    ("an empty text", #""type":"text","text":{"body":""}"#, .text("(empty message)")),
    (
      "a voice message",
      #""type":"audio","audio":{"id":"77","mime_type":"audio/ogg; codecs=opus","voice":true}"#,
      .attachment(
        Attachment(
          kind: .audio, url: Attachment.privateURL("77"), mimeType: "audio/ogg; codecs=opus"))
    ),
    (
      "a sticker", #""type":"sticker","sticker":{"id":"77","mime_type":"image/webp"}"#,
      .attachment(
        Attachment(kind: .image, url: Attachment.privateURL("77"), mimeType: "image/webp"))
    ),
    (
      "a bare location", #""type":"location","location":{"latitude":1,"longitude":2}"#,
      .location(latitude: 1, longitude: 2, address: nil)
    ),
    (
      "cards",
      #""type":"contacts","contacts":[{"name":{"formatted_name":"Kim Lee"},"phones":[{"phone":"+44 7700 900124"},{"phone":"+44 7700 900125"}]},{"name":{"formatted_name":"Zoë"}}]"#,
      .text("Kim Lee\n+44 7700 900124\n+44 7700 900125\n\nZoë")
    ),
    (
      "a template's button", #""type":"button","button":{"text":"Yes please","payload":"p1"}"#,
      .text("Yes please")
    ),
    (
      "a row of a list",
      #""type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"2","title":"Friday","description":"all day"}}"#,
      .text("Friday")
    ),
    (
      "a form",
      #""type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"day\":\"Friday\"}"}}"#,
      .text("Sent\n{\"day\":\"Friday\"}")
    ),
    (
      "a reaction", #""type":"reaction","reaction":{"message_id":"wamid.T1VU","emoji":"👍"}"#,
      .text("(reaction 👍)")
    ),
    (
      "what WhatsApp does not pass on", #""type":"unsupported","errors":[{"code":131051}]"#,
      .text("(unsupported)")
    ),
    ("an order", #""type":"order","order":{}"#, .text("(order)")),
  ]
  @Test(arguments: contents)
  func readsContent(label: String, fields: String, content: MessageContent) throws {
    let payload = Self.webhook(#""messages":[\#(Self.message(fields))]"#)
    guard case .message(let message) = try Self.sample.events(payload).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
  }

  static let ignored: [(label: String, payload: String)] = [
    ("nothing", webhook(#""messages":[]"#)),
    (
      "a reaction taken back",
      webhook(#""messages":[\#(message(#""type":"reaction","reaction":{"message_id":"a"}"#))]"#)
    ),
    (
      "a new number", webhook(#""messages":[\#(message(#""type":"system","system":{}"#))]"#)
    ),
    (
      "a group",
      webhook(#""messages":[\#(message(#""group_id":"g","type":"text","text":{"body":"Hi"}"#))]"#)
    ),
    (
      "another field",
      #"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"account_update","value":{}}]}]}"#
    ),
    ("a deletion", webhook(#""statuses":[{"id":"wamid.T1VU","status":"deleted"}]"#)),
  ]
  @Test(arguments: ignored)
  func passesOver(label: String, payload: String) throws {
    #expect(try Self.sample.events(payload).get().isEmpty)
  }

  static let strange: [(label: String, payload: String)] = [
    ("empty", ""), ("an array", "[]"), ("another object", #"{"object":"page","entry":[]}"#),
    (
      "another number's",
      webhook(#""messages":[\#(message(#""type":"text","text":{"body":"a"}"#))]"#, number: "7")
    ),
    (
      "nobody's",
      webhook(
        #""messages":[\#(message(#""type":"text","text":{"body":"a"}"#, from: #""x":1"#))]"#)
    ),
    ("no type", webhook(#""messages":[\#(message(#""text":{"body":"a"}"#))]"#)),
    (
      "media that leads elsewhere",
      webhook(#""messages":[\#(message(#""type":"image","image":{"id":"../me"}"#))]"#)
    ),
    ("an unknown status", webhook(#""statuses":[{"id":"wamid.T1VU","status":"lost"}]"#)),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, payload: String) {
    #expect(Self.sample.events(payload).isNotUnderstood)
  }

  @Test func whatIsStrangeHoldsNothingElseBack() throws {
    let payload = Self.webhook(
      #""messages":[{"id":""},\#(Self.message(#""type":"text","text":{"body":"Hi"}"#)),7]"#)
    let reading = try Self.sample.reading(payload)
    #expect(reading.events.count == 1)
    #expect(reading.problem != nil)
  }

  @Test func takesAThousandStatusesAtOnce() throws {
    let status = #"{"id":"wamid.T1VU","status":"read","timestamp":"1","recipient_id":"1","a":1}"#
    let list = Array(repeating: status, count: 1_000).joined(separator: ",")
    let payload = Self.webhook(#""statuses":[\#(list)]"#)
    #expect(try Self.sample.events(payload).get().count == 1_000)
    // But not from just anybody.
    #expect(WhatsAppCloudSendTests.unproven.events(payload).isNotUnderstood)
  }

  static let times: [(text: String, milliseconds: Int64?)] = [
    (#""1738584865""#, 1_738_584_865_000), ("1738584865", 1_738_584_865_000),
    (#""1738584865123""#, 1_738_584_865_123), (#""soon""#, nil), (#""+5""#, nil), (#""0""#, nil),
  ]
  @Test(arguments: times)
  func readsTimes(text: String, milliseconds: Int64?) throws {
    let message =
      #"{"id":"a","timestamp":\#(text),"from":"447700900123","type":"text","text":{"body":"a"}}"#
    guard
      case .message(let message) = try Self.sample.events(
        Self.webhook(#""messages":[\#(message)]"#)
      )
      .get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(message.timestamp == milliseconds)
  }

  // MARK: - Proof

  static let vectorSecret = "d41f8a2c6b7e40f9a1c35e7790bd2f46"
  static let presented: [(label: String, signature: String?, isTaken: Bool)] = {
    let good = "sha256=c7be6cb4b5d19bdee09c25a466d66059aa1c51fb4219f87db1f386f21f2b3df4"
    return [
      ("the vector", good, true),
      (
        "of the same JSON, written anew",
        "sha256=fc658ca1a324426aee6ff3541329a8e3d7e121e910e47db750845c924b10c4a2", false
      ),
      ("none", nil, false), ("empty", "", false), ("only the scheme", "sha256=", false),
      ("without the scheme", String(good.dropFirst(7)), false),
      ("the old scheme", good.replacing("sha256", with: "sha1"), false),
      ("short", String(good.dropLast(2)), false), ("long", good + "00", false),
      ("no hex", String(good.dropLast(2)) + "zz", false),
    ]
  }()
  @Test(arguments: presented)
  func provesTheSender(label: String, signature: String?, isTaken: Bool) {
    let body = Fixture.bytes("whatsapp_cloud/text.json")
    #expect(body.count == 468)
    let provider = Self.sample.changed(secrets: ["app_secret": Self.vectorSecret]).provider()
    let result = Result { () throws(WebhookError) in
      try provider.events(
        in: .webhook("x-hub-signature-256", signature, body: body), now: ProviderSample.now
      ).count
    }
    #expect(result == (isTaken ? .success(1) : .failure(.unauthenticated)))
  }

  @Test func theSecretBeforeTheLastStillCounts() throws {
    let request = Self.sample.request(
      Self.sample.webhooks[0], secret: Self.sample.secrets["app_secret_previous"])
    #expect(try Self.sample.provider().events(in: request, now: ProviderSample.now).count == 1)
  }

  static let challenges: [(label: String, query: String, answer: String?)] = [
    ("Meta's", "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=TOKEN", "1158201444"),
    ("escaped", "hub.mode=subscribe&hub.verify_token=TOKEN&hub.challenge=%3Cb%3E", "<b>"),
    ("a wrong token", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=token", nil),
    ("no token", "hub.mode=subscribe&hub.challenge=1", nil),
    ("no challenge", "hub.mode=subscribe&hub.verify_token=TOKEN", nil),
    ("another mode", "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=TOKEN", nil),
  ]
  @Test(arguments: challenges)
  func answersChallenges(label: String, query: String, answer: String?) {
    let token = Self.sample.secrets["verify_token"] ?? ""
    let request = HTTPRequest(
      method: "GET", path: "/", query: query.replacing("TOKEN", with: token))
    let result = Result { () throws(WebhookError) in
      try Self.sample.provider().handshake(request)
    }
    guard let answer else {
      #expect(result == .failure(.unauthenticated))
      return
    }
    #expect(result == .success(HTTPResponse(status: 200, text: answer)))
  }

  @Test func aGetIsNothingButAChallenge() throws {
    let provider = Self.sample.provider()
    let bare = HTTPRequest(method: "GET", path: "/", query: "a=b")
    #expect(try provider.handshake(bare) == nil)
    #expect(throws: WebhookError.unauthenticated) {
      try provider.events(in: bare, now: ProviderSample.now)
    }
    // Its query is no challenge either, where it comes with a webhook.
    let post = HTTPRequest(method: "POST", path: "/", query: "hub.mode=subscribe")
    #expect(try provider.handshake(post) == nil)
  }

  // MARK: - Media

  @Test func fetchesMediaInTwoSteps() {
    let provider = WhatsAppCloudSendTests.unproven.provider()
    #expect(
      provider.route(toMedia: "1003383421387256")
        == .locator(
          HTTPCall(
            method: "GET",
            url: "\(WhatsAppCloudSendTests.graph)/1003383421387256?phone_number_id=106540352242922",
            headers: [WhatsAppCloudSendTests.authorization])))
    let answer = HTTPResponse(status: 200, body: Fixture.bytes("whatsapp_cloud/media.json"))
    #expect(
      provider.call(fetchingMediaLocatedBy: answer)
        == HTTPCall(
          method: "GET",
          url: "https://lookaside.fbsbx.com/whatsapp_business/attachments/"
            + "?mid=1003383421387256&ext=1738585165&hash=AbCd",
          headers: [WhatsAppCloudSendTests.authorization]))
    #expect(provider.route(toMedia: "../me") == nil)
    #expect(
      provider.call(fetchingMediaLocatedBy: HTTPResponse(status: 404, body: answer.body)) == nil)
  }

  static let elsewhere = [
    "", "http://lookaside.fbsbx.com/a", "https://fbsbx.com.evil.example/a",
    "https://evilfbsbx.com/a", "https://lookaside.fbsbx.com@evil.example/a",
    "https://evil.example\\@lookaside.fbsbx.com/a", "https://evil.example#.fbsbx.com/",
    "https://evil.example?.fbsbx.com/", "https://graph.facebook.com/v25.0 /a",
  ]
  @Test(arguments: elsewhere)
  func showsItsTokenToNobodyElse(url: String) {
    let answer = HTTPResponse(status: 200, json: ["url": .string(url)])
    #expect(Self.sample.provider().call(fetchingMediaLocatedBy: answer) == nil)
  }

  // MARK: - Settings

  @Test func reportsAllMistakesAtOnce() throws {
    let problems = try Self.sample.problems(
      settings: """
        phone_number_id = "+447700900456"
        access_token = "EAAliteral"
        app_secret = "file:app_secret"
        verify_token = "file:verify_token"
        api_version = "25"
        list_button = "Please choose one of these"
        """)
    #expect(
      problems.map(\.key) == ["access_token", "list_button", "api_version", "phone_number_id"])
    #expect(!problems.description.contains("EAAliteral"))
  }

  @Test func failsClosed() throws {
    let problems = try Self.sample.problems(
      settings: """
        phone_number_id = "106540352242922"
        access_token = "file:access_token"
        verify_token = "file:verify_token"
        """)
    #expect(problems.map(\.key) == ["app_secret"])
  }
}
