import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct ViberTests {
  static let sample = Viber.sample
  /// That of `Viber/viber-bot-python: tests/api/test_api.py`.
  static let token = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"

  // MARK: - Fixtures

  private func event(_ fixture: String) throws -> WebhookEvent? {
    // The fixtures are from later than the samples' clock.
    let webhook = ProviderSample.Webhook("viber/\(fixture).json")
    return try Self.sample.provider().events(in: Self.sample.request(webhook), now: Self.now).first
  }
  static let now: Int64 = 1_767_225_600_000

  @Test func readsText() throws {
    #expect(
      try event("text")
        == .message(
          InboundMessage(
            externalID: "5741311803571721087", contact: ContactID("ABc+dEf/012=3D"),
            content: .text("Hej då"), timestamp: 1_767_225_600_123,
            profile: ContactProfile(firstName: "Åsa", language: "sv"))))
  }

  @Test func readsMedia() throws {
    #expect(
      try event("picture")
        == .message(
          InboundMessage(
            externalID: "5741311803571721089", contact: ContactID("ABc+dEf/012=3D"),
            content: .attachment(
              Attachment(
                kind: .image, url: "https://media.example.com/dl/a.jpg?Expires=1767229202",
                fileName: "a.jpg", description: "Broken part")),
            timestamp: 1_767_225_602_123,
            profile: ContactProfile(firstName: "Åsa", lastName: "Berg", language: "sv"))))
  }

  @Test func readsStatuses() throws {
    #expect(
      try event("delivered")
        == .status(StatusReport(externalID: "5741311803571721090", status: .delivered)))
    #expect(
      try event("seen") == .status(StatusReport(externalID: "5741311803571721090", status: .read)))
    #expect(
      try event("failed")
        == .status(
          StatusReport(
            externalID: "5741311803571721091", status: .failed,
            reason: "Viber did not deliver the message (failed: Keyboard is not valid).")))
  }

  // MARK: - Messages

  static func message(_ message: String, token: String = "7", sender: String = #"{"id":"A="}"#)
    -> String
  {
    #"{"event":"message","timestamp":1,"message_token":\#(token),"sender":\#(sender),"message":\#(message)}"#
  }

  static let contents: [(label: String, message: String, content: MessageContent)] = [
    ("an empty text", #"{"type":"text","text":""}"#, .text("(empty message)")),
    (
      "a video",
      #"{"type":"video","media":"https://a.example/a.mp4","size":1000,"duration":3,"text":"Look"}"#,
      .attachment(
        Attachment(kind: .video, url: "https://a.example/a.mp4", description: "Look", size: 1_000))
    ),
    (
      "a file",
      #"{"type":"file","media":"https://a.example/1","file_name":"plan.pdf","size":1000}"#,
      .attachment(
        Attachment(kind: .file, url: "https://a.example/1", fileName: "plan.pdf", size: 1_000))
    ),
    (
      "a location", #"{"type":"location","location":{"lat":59.3,"lon":18}}"#,
      .location(latitude: 59.3, longitude: 18, address: nil)
    ),
    (
      "a card", #"{"type":"contact","contact":{"name":"Åsa","phone_number":"46700000001"}}"#,
      .text("Åsa\n46700000001")
    ),
    (
      "a sticker with its picture",
      #"{"type":"sticker","sticker_id":40133,"media":"https://a.example/40133.png"}"#,
      .attachment(Attachment(kind: .image, url: "https://a.example/40133.png"))
    ),
    ("a sticker", #"{"type":"sticker","sticker_id":"40133"}"#, .text("(sticker)")),
    (
      "a link", #"{"type":"url","media":"https://a.example/?q=1"}"#,
      .text("https://a.example/?q=1")
    ),
    ("something else", #"{"type":"rich_media"}"#, .text("(rich_media)")),
  ]
  @Test(arguments: contents)
  func readsContent(label: String, message: String, content: MessageContent) throws {
    guard case .message(let message) = try Self.sample.events(Self.message(message)).get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
    #expect(message.contact.decoded == "A=")
    #expect(message.profile == nil)
  }

  static let tokens: [(text: String, id: String?)] = [
    ("9223372036854775807", "9223372036854775807"),
    (#""5741311803571721087""#, "5741311803571721087"),
    ("9223372036854775808", nil), ("5741311803571721087.0", nil), ("0", nil), ("-7", nil),
    (#""+7""#, nil), (#""""#, nil), ("null", nil),
  ]
  /// Above 2^53, where a number read as a `Double` would be another message's.
  @Test(arguments: tokens)
  func readsTokensExactly(text: String, id: String?) throws {
    let result = Self.sample.events(Self.message(#"{"type":"text","text":"a"}"#, token: text))
    guard let id else {
      #expect(result.isNotUnderstood)
      return
    }
    guard case .message(let message) = try result.get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.externalID == id)
  }

  static let ignored: [(label: String, payload: String)] = [
    (
      "somebody opened the chat",
      #"{"event":"conversation_started","message_token":7,"type":"open","user":{"id":"A="}}"#
    ),
    ("somebody subscribed", #"{"event":"subscribed","message_token":7,"user":{"id":"A="}}"#),
    ("somebody left", #"{"event":"unsubscribed","message_token":7,"user_id":"A="}"#),
    ("something new", #"{"event":"teleported"}"#),
  ]
  @Test(arguments: ignored)
  func passesOver(label: String, payload: String) throws {
    #expect(try Self.sample.events(payload).get().isEmpty)
  }

  static let strange: [(label: String, payload: String)] = [
    ("empty", ""), ("no event", "{}"), ("no message", #"{"event":"message","message_token":7}"#),
    ("nobody", message(#"{"type":"text","text":"a"}"#, sender: "{}")),
    ("no type", message(#"{"text":"a"}"#)),
    ("media at no URL", message(#"{"type":"picture","media":"file:///etc/passwd"}"#)),
    ("media without URL", message(#"{"type":"file"}"#)),
    ("off the globe", message(#"{"type":"location","location":{"lat":91,"lon":0}}"#)),
    ("a status of nothing", #"{"event":"seen"}"#),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, payload: String) {
    #expect(Self.sample.events(payload).isNotUnderstood)
  }

  // MARK: - Proof

  static let question =
    #"{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}"#
  static let good = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"
  static let presented: [(label: String, body: [UInt8], signature: String?, isTaken: Bool)] = [
    ("Viber's own vector, its question while the webhook is set", Array(question.utf8), good, true),
    (
      "a message, by openssl", Fixture.bytes("viber/text.json"),
      "a578f0d4c9cf98a3b1797b8c36c24078dc803f5bc913726e10fa75ffd984c701", true
    ),
    ("another's", Fixture.bytes("viber/text.json"), good, false),
    ("none", Array(question.utf8), nil, false), ("empty", Array(question.utf8), "", false),
    ("short", Array(question.utf8), String(good.dropLast(2)), false),
    ("half a byte less", Array(question.utf8), String(good.dropLast()), false),
    ("no hex", Array(question.utf8), "x" + good.dropFirst(), false),
  ]
  @Test(arguments: presented)
  func provesTheSender(label: String, body: [UInt8], signature: String?, isTaken: Bool) {
    let provider = Self.sample.changed(secrets: ["auth_token": Self.token]).provider()
    let result = Result { () throws(WebhookError) in
      try provider.events(
        in: .webhook("x-viber-content-signature", signature, body: body), now: ProviderSample.now)
    }
    if isTaken {
      #expect((try? result.get()) != nil)
    } else {
      #expect(result == .failure(.unauthenticated))
    }
  }

  @Test func answersTheQuestionWhileTheWebhookIsSet() throws {
    #expect(try Self.sample.events(Self.question).get().isEmpty)
    #expect(Self.sample.provider().webhookResponse == HTTPResponse(status: 200, text: ""))
  }

  @Test func passesOverTimesThatAreNone() throws {
    let payload = Self.message(#"{"type":"text","text":"a"}"#)
      .replacing(#""timestamp":1,"#, with: #""timestamp":4977069964384421269,"#)
    guard case .message(let message) = try Self.sample.events(payload).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.timestamp == nil)
  }

  // MARK: - Sends

  static func attachment(
    _ kind: SluiceCore.Attachment.Kind, _ file: String, name: String? = nil,
    caption: String? = nil, size: Int64? = nil
  ) -> MessagePart {
    .attachment(
      Attachment(
        kind: kind, url: "https://files.example/\(file)", fileName: name, description: caption,
        size: size))
  }

  static let calls: [(label: String, part: MessagePart, fields: String)] = [
    ("text", .text("Hello"), #""type":"text","text":"Hello""#),
    (
      "picture", attachment(.image, "a.JPG?x=1", caption: "Look"),
      #""type":"picture","text":"Look","media":"https://files.example/a.JPG?x=1""#
    ),
    (
      "picture without a caption", attachment(.image, "a.png"),
      #""type":"picture","text":"","media":"https://files.example/a.png""#
    ),
    (
      "picture whose URL does not say so", attachment(.image, "a", name: "a.png", caption: "Look"),
      #""type":"text","text":"Look\nImage a.png: https://files.example/a""#
    ),
    (
      "picture of another type", attachment(.image, "a.webp", size: 9),
      #""type":"file","media":"https://files.example/a.webp","size":9,"file_name":"a.webp""#
    ),
    (
      "video", attachment(.video, "a.mp4", size: 26_000_000),
      #""type":"video","media":"https://files.example/a.mp4","size":26000000"#
    ),
    (
      "video too large for one", attachment(.video, "a.mp4", size: 26_000_001),
      #""type":"file","media":"https://files.example/a.mp4","size":26000001,"file_name":"a.mp4""#
    ),
    (
      "video of unknown size", attachment(.video, "a.mp4"),
      #""type":"text","text":"Video: https://files.example/a.mp4""#
    ),
    (
      "audio", attachment(.audio, "1", name: "a.mp3", size: 9),
      #""type":"file","media":"https://files.example/1","size":9,"file_name":"a.mp3""#
    ),
    (
      "file too large", attachment(.file, "a.zip", size: 50_000_001),
      #""type":"text","text":"File: https://files.example/a.zip""#
    ),
    (
      "file without an extension", attachment(.file, "1", name: "plan", size: 9),
      #""type":"text","text":"File plan: https://files.example/1""#
    ),
    (
      "location", .location(latitude: 59.5, longitude: 18.5, address: nil),
      #""type":"location","location":{"lat":59.5,"lon":18.5}"#
    ),
    (
      "place", .location(latitude: 59.5, longitude: 18.5, address: "Slottet"),
      #""type":"text","text":"Slottet\n59.5, 18.5\nhttps://maps.google.com/?q=59.5,18.5""#
    ),
    (
      "keyboard", .quickReply(title: "Well?", replies: ["Yes"]),
      #""type":"text","text":"Well?","keyboard":{"Type":"keyboard","DefaultHeight":false,"Buttons":[{"Columns":6,"Rows":1,"ActionType":"reply","ActionBody":"Yes","Text":"Yes","TextSize":"regular"}]}"#
    ),
  ]
  @Test(arguments: calls)
  func sends(label: String, part: MessagePart, fields: String) throws {
    let call = Self.sample.provider().call(
      sending: part, to: try ContactID(encoding: "ABc+dEf/012="), reference: "01J9ZK5V0A.0",
      now: ProviderSample.now)
    let body =
      #"{"receiver":"ABc+dEf/012=","min_api_version":1,"sender":{"name":"Support"},"tracking_data":"01J9ZK5V0A.0",\#(fields)}"#
    #expect(
      call
        == HTTPCall(
          url: "https://chatapi.viber.com/pa/send_message",
          headers: [
            ("x-viber-auth-token", "44DAfb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"),
            ("content-type", "application/json"),
          ], body: Array(body.utf8)))
  }

  /// Whoever wrote can be answered, whatever Viber calls them.
  @Test func writesBackToWhoeverWrote() throws {
    let alphabet = Array("ABCXYZabcxyz0189+/=-_.:@# ")
    var random = SplitMix64(seed: 2_026)
    for _ in 0..<500 {
      let length = Int.random(in: 1...16, using: &random)
      let id = String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) })
      let payload = Self.message(
        #"{"type":"text","text":"a"}"#, sender: JSON.object([.init("id", .string(id))]).text)
      guard case .message(let message) = try Self.sample.events(payload).get().first else {
        _ = Issue.record("\(id)")
        continue
      }
      let call = Self.sample.provider().call(
        sending: .text("Hi"), to: message.contact, reference: "1", now: ProviderSample.now)
      #expect(try JSONReader.read(call.body)["receiver"] == .string(id))
    }
  }

  enum Kind { case deferred, rejected }

  static let statuses: [(status: Int64, kind: Kind)] =
    [12, 25, 99, -1].map { ($0, .deferred) }
    + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map {
      ($0, .rejected)
    }
  @Test(arguments: statuses)
  func classifies(status: Int64, kind: Kind) {
    let body: JSON = ["status": .integer(status), "status_message": "words"]
    let outcome = Self.sample.provider().outcome(of: HTTPResponse(status: 200, json: body))
    switch outcome {
    case .deferred: #expect(kind == .deferred)
    case .rejected, .accountRefused: #expect(kind == .rejected)
    case .accepted, .throttled, .unknown: Issue.record("\(outcome)")
    }
    #expect(outcome.reason?.hasSuffix("(Viber \(status): words).") == true)
  }

  static let outcomes: [(http: Int, body: String, outcome: SendOutcome)] = [
    (200, Fixture.text("viber/send-success.json"), .accepted(externalID: "5741311803571721090")),
    (200, #"{"status":0}"#, .accepted(externalID: nil)),
    (200, "{}", .unknown(reason: "Viber's answer to the send cannot be read.")),
    (
      200, Fixture.text("viber/send-not-subscribed.json"),
      .rejected(
        reason: "The contact has not subscribed to the bot: they have to write first"
          + " (Viber 6: notSubscribed).")
    ),
    (
      200, Fixture.text("viber/send-bad-token.json"),
      .accountRefused(
        reason: "Viber does not know the bot's token; ask your administrator to check auth_token"
          + " (Viber 2: invalidAuthToken).")
    ),
    (
      200, Fixture.text("viber/send-too-many.json"),
      .deferred(
        reason: "Viber gets too many messages for this contact (Viber 12: tooManyRequests).",
        after: 120)
    ),
    (503, "", .unknown(reason: "Viber failed while taking the message (HTTP 503).")),
    (
      404, "",
      .accountRefused(
        reason: "Viber refused the request (HTTP 404). Ask your administrator to check the"
          + " channel's base_url.")
    ),
  ]
  @Test(arguments: outcomes)
  func readsAnswers(http: Int, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(status: http, body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
  }

  // MARK: - Settings

  @Test func takesShortNamesOnly() throws {
    let problems = try Self.sample.problems(
      settings: """
        auth_token = "file:auth_token"
        sender_name = "The Support of Our Little Shop"
        sender_avatar = "avatar.png"
        """)
    #expect(problems.map(\.key) == ["sender_avatar", "sender_name"])
  }

  @Test func believesAnybodyOnlyIfToldTo() throws {
    let sample = Self.sample.changed(settings: Self.sample.settings + "\nverify = \"none\"")
    let request = HTTPRequest(method: "POST", path: "/", body: Fixture.bytes("viber/text.json"))
    #expect(try sample.provider().events(in: request, now: Self.now).count == 1)
  }
}
