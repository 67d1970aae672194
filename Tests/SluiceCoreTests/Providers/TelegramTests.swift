import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct TelegramTests {
  static let sample = Telegram.sample
  static let url = "https://api.telegram.org/bot700000001:AAfakeTokenOfNobody_4711-xyz"

  // MARK: - Fixtures

  static func file(
    _ kind: SluiceCore.Attachment.Kind, _ id: String, _ type: String, name: String? = nil,
    caption: String? = nil, size: Int64
  ) -> MessageContent {
    .attachment(
      Attachment(
        kind: kind, url: Attachment.privateURL(id), mimeType: type, fileName: name,
        description: caption, size: size))
  }

  static let fixtures: [(fixture: String, id: String, content: MessageContent, seconds: Int64?)] = [
    ("text", "5000000001:56", .text("Hi 👋 bold"), 1_738_584_860),
    (
      "photo", "5000000001:57",
      file(.image, "AgACAgQAAx0Cx", "image/jpeg", caption: "Broken part", size: 98_765),
      1_738_584_865
    ),
    ("callback", "callback:21474836480001", .text("opt_yes"), nil),
    ("edited", "5000000001:56:730000103", .text("(edited) Hi there"), 1_738_584_900),
    (
      "animation", "5000000001:59",
      file(.video, "CgACAgQAAx0Ca", "video/mp4", name: "wave.gif.mp4", size: 64_312), 1_738_584_910
    ),
    (
      "document", "5000000001:60",
      file(
        .file, "BQACAgQAAx0Cd", "application/pdf", name: "plan.pdf", caption: "The plan",
        size: 20_480),
      1_738_584_920
    ),
    (
      "voice", "5000000001:61", file(.audio, "AwACAgQAAx0Cv", "audio/ogg", size: 15_021),
      1_738_584_930
    ),
    (
      "venue", "5000000001:62",
      .location(latitude: 35.67966, longitude: 139.73669, address: "Office, 1-3 Kioicho"),
      1_738_584_940
    ),
    ("contact", "5000000001:63", .text("Zoë King\n447700900123"), 1_738_584_950),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, id: String, content: MessageContent, seconds: Int64?) throws {
    let event = try Self.sample.events(Fixture.bytes("telegram/\(fixture).json")).get().first
    guard case .message(let message) = event else {
      _ = Issue.record("\(event as Any)")
      return
    }
    #expect(message.externalID == id)
    #expect(message.contact.description == "5000000001")
    #expect(message.content == content)
    #expect(message.timestamp == seconds.map { $0 * 1_000 })
    #expect(message.profile?.firstName == "Zoë")
    #expect(!message.isEcho)
  }

  @Test func readsNameAndLanguage() throws {
    let event = try Self.sample.events(Fixture.bytes("telegram/text.json")).get().first
    guard case .message(let message) = event else { throw WebhookError.unauthenticated }
    #expect(
      message.profile == ContactProfile(firstName: "Zoë", lastName: "King", language: "pt"))
  }

  // MARK: - Messages

  static func update(_ fields: String, chat: String = #"{"id":7,"type":"private"}"#) -> String {
    #"{"update_id":1,"message":{"message_id":2,"date":3,"chat":\#(chat),\#(fields)}}"#
  }

  static let contents: [(label: String, fields: String, content: MessageContent)] = [
    ("an opening", #""text":"/start promo""#, .text("/start promo")),
    ("an empty text", #""text":"""#, .text("(empty message)")),
    (
      "a file without type and name", #""document":{"file_id":"B-_1"}"#,
      .attachment(Attachment(kind: .file, url: Attachment.privateURL("B-_1")))
    ),
    (
      "music", #""audio":{"file_id":"A","mime_type":"audio/mpeg","file_name":"a.mp3"}"#,
      .attachment(
        Attachment(
          kind: .audio, url: Attachment.privateURL("A"), mimeType: "audio/mpeg", fileName: "a.mp3"))
    ),
    (
      "a round video", #""video_note":{"file_id":"A"}"#,
      .attachment(
        Attachment(kind: .video, url: Attachment.privateURL("A"), mimeType: "video/mp4"))
    ),
    (
      "the largest file there is", #""video":{"file_id":"A","file_size":20971520}"#,
      .attachment(
        Attachment(
          kind: .video, url: Attachment.privateURL("A"), mimeType: "video/mp4", size: 20_971_520))
    ),
    (
      "a larger one", #""caption":"Look","video":{"file_id":"A","file_size":41943040}"#,
      .text("Look\n(A video of 40 MB; Telegram hands out no more than 20 MB)")
    ),
    (
      "a sticker", #""sticker":{"file_id":"S","emoji":"😀","is_animated":false,"is_video":false}"#,
      .attachment(
        Attachment(kind: .image, url: Attachment.privateURL("S"), mimeType: "image/webp"))
    ),
    (
      "a sticker that moves", #""sticker":{"file_id":"S","emoji":"😀","is_animated":true}"#,
      .text("(sticker 😀)")
    ),
    ("a video sticker", #""sticker":{"file_id":"S","is_video":true}"#, .text("(sticker)")),
    (
      "a location", #""location":{"latitude":-33.8568,"longitude":151}"#,
      .location(latitude: -33.8568, longitude: 151, address: nil)
    ),
    (
      "a card without numbers", #""contact":{"first_name":"Kim"}"#, .text("Kim")
    ),
    ("an empty card", #""contact":{}"#, .text("(contact card)")),
    ("a poll", #""poll":{"id":"1","question":"Well?"}"#, .text("(poll)")),
  ]
  @Test(arguments: contents)
  func readsContent(label: String, fields: String, content: MessageContent) throws {
    guard case .message(let message) = try Self.sample.events(Self.update(fields)).get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
    #expect(message.externalID == "7:2")
    #expect(message.profile == nil)
  }

  static let profiles: [(label: String, user: String, profile: ContactProfile?)] = [
    ("a language", #""language_code":"EN""#, ContactProfile(language: "en")),
    ("a language of a country", #""language_code":"zh-Hans""#, ContactProfile(language: "zh")),
    ("a language without two letters", #""language_code":"fil""#, nil),
    ("no language", #""language_code":"1!""#, nil),
    ("a blank name", #""first_name":" \u00a0","last_name":"""#, nil),
    ("a last name", #""first_name":" ","last_name":"King""#, ContactProfile(lastName: "King")),
  ]
  @Test(arguments: profiles)
  func readsProfiles(label: String, user: String, profile: ContactProfile?) throws {
    let payload = Self.update(#""text":"Hi","from":{"id":7,\#(user)}"#)
    guard case .message(let message) = try Self.sample.events(payload).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.profile == profile)
  }

  @Test func anAnswerIsWhatStoodOnTheButton() throws {
    let payload = #"""
      {"update_id":1,"callback_query":{"id":"9","from":{"id":7},"data":"no","message":{"message_id":2,
      "date":0,"chat":{"id":7,"type":"private"},"reply_markup":{"inline_keyboard":[
      [{"text":"Site","url":"https://a.example"}],
      [{"text":"Yes","callback_data":"yes"},{"text":"Not now","callback_data":"no"}]]}}}}
      """#
    guard case .message(let message) = try Self.sample.events(payload).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text("Not now"))
  }

  static let groups: [(label: String, update: String, content: MessageContent)] = [
    (
      "a text", update(#""text":"Hi","from":{"first_name":"Zoë","last_name":"K"}"#, chat: group),
      .text("Zoë K: Hi")
    ),
    (
      "a place",
      update(#""location":{"latitude":1,"longitude":2},"from":{"first_name":"Zoë"}"#, chat: group),
      .location(latitude: 1, longitude: 2, address: "Zoë")
    ),
    (
      "media without a caption",
      update(#""voice":{"file_id":"F","file_size":9},"from":{"first_name":"Zoë"}"#, chat: group),
      file(.audio, "F", "audio/ogg", caption: "Zoë", size: 9)
    ),
    (
      "an anonymous administrator",
      update(
        #""text":"Hi","from":{"first_name":"Group"},"sender_chat":{"title":"Flat 7"}"#, chat: group),
      .text("Flat 7: Hi")
    ),
    ("nobody", update(#""text":"Hi""#, chat: group), .text("Somebody: Hi")),
  ]
  private static let group = #"{"id":-100123,"type":"supergroup","title":"Flat 7"}"#

  @Test("a group is a contact, and its messages say who wrote", arguments: groups)
  func readsGroups(label: String, update: String, content: MessageContent) throws {
    guard case .message(let message) = try Self.sample.events(update).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
    #expect(message.isFromGroup)
    #expect(message.contact.decoded == "-100123")
    #expect(message.profile == ContactProfile(firstName: "Flat 7"))
    let call = Self.sample.provider().call(
      sending: .text("Hello"), to: try ContactID(message.contact.description), reference: "R",
      now: 0)
    #expect(try JSONReader.read(call.body)["chat_id"]?.integer == -100_123)
  }

  static let ignored: [(label: String, payload: String)] = [
    ("a channel", update(#""text":"Hi""#, chat: #"{"id":-100123,"type":"channel"}"#)),
    ("a pinned message", update(#""pinned_message":{"message_id":1}"#)),
    (
      "a block",
      #"{"update_id":1,"my_chat_member":{"chat":{"id":7},"new_chat_member":{"status":"kicked"}}}"#
    ),
    ("something new", #"{"update_id":1,"teleported_message":{}}"#),
    (
      "a live location on its way",
      #"{"update_id":1,"edited_message":{"message_id":2,"chat":{"id":7,"type":"private"},"location":{"latitude":1,"longitude":2}}}"#
    ),
    (
      "a button of an inline message",
      #"{"update_id":1,"callback_query":{"id":"9","from":{"id":7},"inline_message_id":"a","data":"x"}}"#
    ),
  ]
  @Test(arguments: ignored)
  func passesOver(label: String, payload: String) throws {
    #expect(try Self.sample.events(payload).get().isEmpty)
  }

  static let strange: [(label: String, payload: String)] = [
    ("empty", ""), ("an array", "[]"), ("no update", #"{"message":{}}"#),
    ("an update_id that is text", #"{"update_id":"1","message":{}}"#),
    ("a message without chat", #"{"update_id":1,"message":{"message_id":2,"text":"a"}}"#),
    ("a file without ID", update(#""voice":{}"#)),
    ("an ID fit for another method", update(#""voice":{"file_id":"a&x=../getMe"}"#)),
    ("off the globe", update(#""location":{"latitude":91,"longitude":0}"#)),
    ("a key twice", #"{"update_id":1,"update_id":2}"#),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, payload: String) {
    #expect(Self.sample.events(payload).isNotUnderstood)
  }

  // MARK: - Proof

  /// Hex HMAC-SHA256 with key `bridge-master-key-0001` of `telegram:channel-42`.
  static let secret = "a719a49b8b443237592954af71f2c3e041f9a64eaad948b2def971513b9f221d"
  static let presented: [(label: String, token: String?, isTaken: Bool)] = [
    ("the secret", secret, true), ("one letter changed", "b" + secret.dropFirst(), false),
    ("upper case", secret.uppercased(), false), ("absent", nil, false), ("empty", "", false),
  ]
  @Test(arguments: presented)
  func provesTheSender(label: String, token: String?, isTaken: Bool) throws {
    let request = HTTPRequest.webhook(
      "x-telegram-bot-api-secret-token", token, body: Fixture.bytes("telegram/text.json"))
    let provider = Self.sample.changed(secrets: ["webhook_secret": Self.secret]).provider()
    let result = Result { () throws(WebhookError) in
      try provider.events(in: request, now: ProviderSample.now).count
    }
    #expect(result == (isTaken ? .success(1) : .failure(.unauthenticated)))
  }

  @Test func believesAnybodyOnlyIfToldTo() throws {
    let sample = Self.sample.changed(settings: "bot_token = \"file:bot_token\"\nverify = \"none\"")
    let request = HTTPRequest(method: "POST", path: "/", body: Fixture.bytes("telegram/text.json"))
    #expect(try sample.provider().events(in: request, now: ProviderSample.now).count == 1)
  }

  // MARK: - Media

  @Test func fetchesMediaInTwoSteps() {
    let provider = Self.sample.provider()
    #expect(
      provider.route(toMedia: "AgACAgQAAx0Cx")
        == .locator(HTTPCall(method: "GET", url: Self.url + "/getFile?file_id=AgACAgQAAx0Cx")))
    let answer = HTTPResponse(status: 200, body: Fixture.bytes("telegram/file.json"))
    #expect(
      provider.call(fetchingMediaLocatedBy: answer)
        == HTTPCall(
          method: "GET",
          url: "https://api.telegram.org/file/bot700000001:AAfakeTokenOfNobody_4711-xyz"
            + "/photos/file_7.jpg"))
  }

  @Test(arguments: ["", "a/b", "a?b", "a b", "ä", String(repeating: "a", count: 256)])
  func noOtherReferenceLeadsAnywhere(reference: String) {
    #expect(Self.sample.provider().route(toMedia: reference) == nil)
  }

  static let paths = [
    "", "/etc/passwd", "../file", "photos/../../x", "a//b", "a/", "a?b", "a#b", "a%2e", "photos/.",
  ]
  @Test(arguments: paths)
  func noOtherPathIsFetched(path: String) {
    let answer = HTTPResponse(
      status: 200, json: ["ok": true, "result": ["file_path": .string(path)]])
    #expect(Self.sample.provider().call(fetchingMediaLocatedBy: answer) == nil)
  }

  @Test func mediaThatIsGoneIsNotFetched() {
    let answer = HTTPResponse(
      status: 400, body: Array(#"{"ok":false,"description":"Bad Request: file is too big"}"#.utf8))
    #expect(Self.sample.provider().call(fetchingMediaLocatedBy: answer) == nil)
  }

  // MARK: - Sends

  static func attachment(
    _ kind: SluiceCore.Attachment.Kind, _ file: String, type: String? = nil, caption: String? = nil,
    size: Int64? = nil
  ) -> MessagePart {
    .attachment(
      Attachment(
        kind: kind, url: "https://files.example/\(file)", mimeType: type, description: caption,
        size: size))
  }

  static let calls: [(label: String, part: MessagePart, method: String, parameters: String)] = [
    ("text is no markup", .text("a_b *c"), "sendMessage", #""text":"a_b *c""#),
    (
      "image", attachment(.image, "a.jpg?x=1", caption: "Look"), "sendPhoto",
      #""photo":"https://files.example/a.jpg?x=1","caption":"Look""#
    ),
    (
      "image of unknown type", attachment(.image, "a"), "sendPhoto",
      #""photo":"https://files.example/a""#
    ),
    (
      "image too large to be fetched", attachment(.image, "a.jpg", size: 5_242_881), "sendMessage",
      #""text":"Image: https://files.example/a.jpg""#
    ),
    (
      "moving image", attachment(.image, "a.gif"), "sendAnimation",
      #""animation":"https://files.example/a.gif""#
    ),
    (
      "voice", attachment(.audio, "a", type: "audio/ogg; codecs=opus"), "sendVoice",
      #""voice":"https://files.example/a""#
    ),
    (
      "music", attachment(.audio, "a", type: "audio/mp3"), "sendAudio",
      #""audio":"https://files.example/a""#
    ),
    (
      "audio that Telegram does not play", attachment(.audio, "a.wav", caption: "Listen"),
      "sendMessage", #""text":"Listen\nAudio: https://files.example/a.wav""#
    ),
    (
      "video", attachment(.video, "A.MP4"), "sendVideo", #""video":"https://files.example/A.MP4""#
    ),
    (
      "document", attachment(.file, "a.pdf"), "sendDocument",
      #""document":"https://files.example/a.pdf""#
    ),
    (
      "document that Telegram does not fetch", attachment(.file, "a.docx"), "sendMessage",
      #""text":"File: https://files.example/a.docx""#
    ),
    (
      "location", .location(latitude: 1.5, longitude: -2, address: nil), "sendLocation",
      #""latitude":1.5,"longitude":-2.0"#
    ),
    (
      "place", .location(latitude: 1.5, longitude: -2, address: "Opera House, Bennelong Point"),
      "sendVenue",
      #""latitude":1.5,"longitude":-2.0,"title":"Opera House","address":"Bennelong Point""#
    ),
    (
      "place in one line", .location(latitude: 1.5, longitude: -2, address: "Here,"), "sendVenue",
      #""latitude":1.5,"longitude":-2.0,"title":"Here","address":"Here""#
    ),
    (
      "place with nothing before its comma",
      .location(latitude: 1.5, longitude: -2, address: ", Here"), "sendVenue",
      #""latitude":1.5,"longitude":-2.0,"title":"Here","address":"Here""#
    ),
    (
      "keyboard", .quickReply(title: "Well?", replies: ["Yes", "No"]), "sendMessage",
      #""text":"Well?","reply_markup":{"keyboard":[[{"text":"Yes"}],[{"text":"No"}]],"resize_keyboard":true,"one_time_keyboard":true}"#
    ),
  ]
  @Test(arguments: calls)
  func sends(label: String, part: MessagePart, method: String, parameters: String) throws {
    let call = Self.sample.provider().call(
      sending: part, to: try ContactID("5000000001"), reference: "01J9ZK5V0A.0",
      now: ProviderSample.now)
    #expect(
      call
        == HTTPCall(
          url: "\(Self.url)/\(method)", headers: [("content-type", "application/json")],
          body: Array(#"{"chat_id":5000000001,\#(parameters)}"#.utf8)))
  }

  @Test(arguments: ["@news", "+5000000001", "12x", "99999999999999999999"])
  func writesOnlyToContacts(contact: String) throws {
    let call = Self.sample.provider().call(
      sending: .text("Hi"), to: try ContactID(contact), reference: "1", now: ProviderSample.now)
    #expect(String(decoding: call.body, as: UTF8.self) == #"{"chat_id":0,"text":"Hi"}"#)
  }

  static let outcomes: [(status: Int, body: String, outcome: SendOutcome)] = [
    (200, Fixture.text("telegram/send-success.json"), .accepted(externalID: "5000000001:64")),
    (
      200, #"{"ok":false}"#, .unknown(reason: "Telegram's answer to the send cannot be read.")
    ),
    (
      429, Fixture.text("telegram/send-throttled.json"),
      .throttled(reason: "Telegram gets too many messages from this bot (HTTP 429).", after: 14)
    ),
    (
      403, Fixture.text("telegram/send-blocked.json"),
      .rejected(
        reason: "The contact cannot be written to: they blocked the bot, left Telegram, or never"
          + " wrote first (403: Forbidden: bot was blocked by the user).")
    ),
    (
      400, Fixture.text("telegram/send-chat-not-found.json"),
      .rejected(
        reason: "Telegram knows no chat with this contact: they have to write first"
          + " (400: Bad Request: chat not found).")
    ),
    (
      400, #"{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}"#,
      .rejected(reason: "Telegram refused the message (400: Bad Request: message is too long).")
    ),
    (
      401, Fixture.text("telegram/send-unauthorized.json"),
      .accountRefused(
        reason: "Telegram does not know the bot's token; ask your administrator to check bot_token"
          + " (401: Unauthorized).")
    ),
    (
      404, "Not Found",
      .accountRefused(
        reason: "Telegram refused the request; ask your administrator to check bot_token and"
          + " base_url (404: no reason given).")
    ),
    (
      502, "", .unknown(reason: "Telegram failed while taking the message (HTTP 502).")
    ),
    (
      408, "", .deferred(reason: "Telegram asked for the request again (HTTP 408).", after: nil)
    ),
  ]
  @Test(arguments: outcomes)
  func classifies(status: Int, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
  }

  @Test func splitsTextsInUTF16() {
    let limits = Self.sample.provider().limits
    #expect(limits.parts(of: .text(String(repeating: "👋", count: 2_048))).count == 1)
    #expect(limits.parts(of: .text(String(repeating: "👋", count: 2_049))).count == 2)
  }

  // MARK: - Settings

  static let mistakes: [(label: String, secrets: [String: String], key: String)] = [
    ("a secret Telegram refuses", ["webhook_secret": "bad/token!bad/token!"], "webhook_secret"),
    ("one too long", ["webhook_secret": String(repeating: "a", count: 257)], "webhook_secret"),
    ("a token that leads elsewhere", ["bot_token": "7:AA/../getMe?"], "bot_token"),
  ]
  @Test(arguments: mistakes)
  func reports(label: String, secrets: [String: String], key: String) throws {
    let problems = try Self.sample.problems(settings: Self.sample.settings, secrets: secrets)
    #expect(problems.map(\.key) == [key])
  }

  @Test func failsClosed() throws {
    let problems = try Self.sample.problems(settings: "bot_token = \"file:bot_token\"")
    #expect(problems.map(\.key) == ["webhook_secret"])
  }
}
