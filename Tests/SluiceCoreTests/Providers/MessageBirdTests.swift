import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct MessageBirdTests {
  static let sample = MessageBird.sample
  static let reference = "01J9ZK5V0A0000000000000000.0"
  static let outbound = "e8077d803532c0b5937c639b60216938"

  private static func events(
    _ payload: [UInt8], of sample: ProviderSample = sample, type: String? = form
  ) -> Result<[WebhookEvent], WebhookError> {
    let webhook = ProviderSample.Webhook(
      method: type == nil ? "GET" : "POST", contentType: type)
    return Result { () throws(WebhookError) in
      try sample.provider().events(
        in: sample.request(webhook, payload: payload), now: ProviderSample.now)
    }
  }

  private static let form = "application/x-www-form-urlencoded"

  private static func message(
    _ id: String, _ contact: String, _ content: MessageContent,
    timestamp: Int64? = 1_767_225_600_000
  ) throws -> WebhookEvent {
    .message(
      InboundMessage(
        externalID: id, contact: try ContactID(contact), content: content, timestamp: timestamp,
        profile: ContactProfile(phone: contact)))
  }

  // MARK: - REST, inbound

  private static let inbound = "56a72c03a5644cd0a8c9ccc0e6ecd1e1"

  static let messages: [(fixture: String, type: String?, events: [WebhookEvent])] = [
    ("inbound.form", form, [try! message(inbound, "+46700000001", .text("Hej då"))]),
    ("inbound.query", nil, [try! message(inbound, "+46700000001", .text("Hej då"))]),
    ("short-code.form", form, [try! message("60ffff00ffff44cd", "+31600000001", .text("INFO"))]),
    (
      "mms.form", form,
      [
        try! message("56a72c03a5644cd0a8c9ccc0e6ecd1e2", "+14155550100", .text("look")),
        try! message(
          "56a72c03a5644cd0a8c9ccc0e6ecd1e2.2", "+14155550100",
          .attachment(
            Attachment(kind: .image, url: "https://media.example/1.jpg", mimeType: "image/jpeg"))),
        try! message(
          "56a72c03a5644cd0a8c9ccc0e6ecd1e2.3", "+14155550100",
          .attachment(Attachment(kind: .file, url: "https://media.example/2"))),
      ]
    ),
  ]
  @Test(arguments: messages)
  func reads(fixture: String, type: String?, events: [WebhookEvent]) throws {
    #expect(try Self.events(Fixture.bytes("messagebird/\(fixture)"), type: type).get() == events)
  }

  static let fields: [(label: String, fields: String, contents: [MessageContent])] = [
    ("empty", "body=", [.text("(empty message)")]),
    (
      "media as a list", "mediaUrls=%5B%22https%3A%2F%2Fa.example%2F1.mp4%22%5D",
      [.attachment(Attachment(kind: .video, url: "https://a.example/1.mp4", mimeType: "video/mp4"))]
    ),
    ("media that is none", "body=Hi&mediaUrls=file%3A%2F%2F%2Fetc%2Fpasswd", [.text("Hi")]),
    ("white space is text", "body=+", [.text(" ")]),
  ]
  @Test(arguments: fields)
  func readsContents(label: String, fields: String, contents: [MessageContent]) throws {
    let events = try Self.events(Array("id=1&originator=46700000001&\(fields)".utf8)).get()
    let found = events.compactMap { event in
      if case .message(let message) = event { message.content } else { nil }
    }
    #expect(found == contents)
  }

  @Test(arguments: [
    "originator=46700000001&body=Hi", "id=1&body=Hi", "id=1&originator=MyBank&body=Hi",
    "id=1&status=teleported", "id=1&originator=46700000001&body=%4", "",
  ])
  func keepsWhatIsStrange(payload: String) {
    guard case .failure(.notUnderstood) = Self.events(Array(payload.utf8)) else {
      _ = Issue.record("\(Self.events(Array(payload.utf8)))")
      return
    }
  }

  // MARK: - REST, status reports

  static let reports: [(fixture: String, status: DeliveryStatus, reason: String?)] = [
    ("report-sent", .sent, nil), ("report-delivered", .delivered, nil),
    (
      "report-failed", .failed,
      "The message was not delivered: absent subscriber (MessageBird error 27)."
    ),
  ]
  @Test(arguments: reports)
  func readsReports(fixture: String, status: DeliveryStatus, reason: String?) throws {
    #expect(
      try Self.events(Fixture.bytes("messagebird/\(fixture).query"), type: nil).get() == [
        .status(
          StatusReport(
            externalID: Self.outbound, status: status, reason: reason,
            reference: PartReference(Self.reference)))
      ])
  }

  @Test(arguments: [
    (
      "status=expired&statusErrorCode=103",
      "The contact has opted out of messages from this sender (MessageBird error 103)."
    ),
    ("status=expired", "The message was not delivered: expired."),
  ])
  func saysWhy(fields: String, reason: String) throws {
    guard case .status(let report) = try Self.events(Array("id=1&\(fields)".utf8)).get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(report.reason == reason)
  }

  @Test func answersOK() {
    #expect(Self.sample.provider().webhookResponse.body == Array("OK".utf8))
  }

  // MARK: - REST, sends

  private func call(
    _ part: MessagePart, of sample: ProviderSample = sample, settings: String = ""
  ) throws -> HTTPCall {
    let sample = sample.changed(settings: sample.settings + "\n" + settings)
    return sample.provider().call(
      sending: part, to: try ContactID("+46700000001"), reference: Self.reference, now: 0)
  }

  @Test func sends() throws {
    let call = try call(.text("Hej"))
    #expect(call.url == "https://rest.messagebird.com/messages")
    #expect(
      call.headers.first { $0.name == "authorization" }?.value
        == "AccessKey test_gshuPaZoeEG6ovbc8M79w0QyM")
    #expect(
      try JSONReader.read(call.body) == [
        "originator": "46710000002", "recipients": ["46700000001"], "body": "Hej",
        "datacoding": "auto", "reference": .string(Self.reference),
        "reportUrl": "https://sluice.example.com/sluice/demo/status",
      ])
  }

  @Test func sendsMMSWhereToldTo() throws {
    let picture = Attachment(kind: .image, url: "https://a.example/1.jpg", description: "Hi")
    #expect(Self.sample.provider().limits.media == nil)
    let call = try call(.attachment(picture), settings: "mms = true")
    #expect(call.url == "https://rest.messagebird.com/mms")
    let body = try JSONReader.read(call.body)
    #expect(body["body"] == "Hi" && body["mediaUrls"] == ["https://a.example/1.jpg"])
  }

  static let answers: [(status: Int, fixture: String, outcome: SendOutcome)] = [
    (201, "send-accepted", .accepted(externalID: outbound)),
    (
      422, "send-invalid",
      .rejected(
        reason:
          "MessageBird refused the message: no (correct) recipients found (code 9, recipients).")
    ),
    (
      422, "send-no-credit",
      .accountRefused(
        reason: "The MessageBird account has no credit left; ask your administrator to top it up"
          + " (code 25).")
    ),
    (
      401, "send-unauthorized",
      .accountRefused(
        reason: "MessageBird does not let us in; ask your administrator to check the channel's key,"
          + " and that it is one for this API (HTTP 401).")
    ),
    (
      500, "send-invalid",
      .unknown(reason: "MessageBird failed while taking the message (HTTP 500).")
    ),
  ]
  @Test(arguments: answers)
  func readsAnswers(status: Int, fixture: String, outcome: SendOutcome) {
    let body = Fixture.bytes("messagebird/\(fixture).json")
    #expect(Self.sample.provider().outcome(of: HTTPResponse(status: status, body: body)) == outcome)
  }

  // MARK: - Bird's Channels

  @Test func readsAMessageOfChannels() throws {
    #expect(
      try Self.events(
        Fixture.bytes("messagebird/channels-inbound.json"), of: MessageBird.birdChannels,
        type: "application/json"
      ).get() == [
        try Self.message("1f0c4f8e-0000-4000-8000-000000000001", "+46700000001", .text("Hej"))
      ])
  }

  @Test func readsAStatusOfChannels() throws {
    #expect(
      try Self.events(
        Fixture.bytes("messagebird/channels-delivered.json"), of: MessageBird.birdChannels,
        type: "application/json"
      ).get() == [
        .status(
          StatusReport(externalID: "1f0c4f8e-0000-4000-8000-000000000003", status: .delivered))
      ])
  }

  static let channels: [(label: String, old: String, new: String, count: Int?)] = [
    ("another channel of the workspace", "8b3d1c2a", "8b3d1c2b", 0),
    ("a status that is new", "delivered", "teleported", 0),
    ("no status", "\"status\"", "\"state\"", nil),
    ("no ID", "\"id\":\"1f", "\"di\":\"1f", nil),
    ("read", "delivered", "read", 1), ("failed", "delivered", "delivery_failed", 1),
  ]
  @Test(arguments: channels)
  func readsStatusesOfChannels(label: String, old: String, new: String, count: Int?) {
    let payload = Fixture.text("messagebird/channels-delivered.json").replacing(old, with: new)
    let result = Self.events(
      Array(payload.utf8), of: MessageBird.birdChannels, type: "application/json")
    switch result {
    case .success(let events): #expect(events.count == count)
    case .failure(let error): #expect(error != .unauthenticated && count == nil)
    }
  }

  @Test func aPictureOfChannelsIsANote() throws {
    let payload = Fixture.text("messagebird/channels-inbound.json")
      .replacing(#"{"type":"text","text":{"text":"Hej"}}"#, with: #"{"type":"image","image":{}}"#)
    guard
      case .message(let message) = try Self.events(
        Array(payload.utf8), of: MessageBird.birdChannels, type: "application/json"
      ).get().first
    else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text("(message of type \"image\", which cannot be shown here)"))
  }

  @Test func sendsByChannels() throws {
    let call = try call(.text("Hej"), of: MessageBird.birdChannels)
    #expect(
      call.url
        == "https://api.bird.com/workspaces/w1/channels/8b3d1c2a-0000-4000-8000-000000000002/messages"
    )
    #expect(
      try JSONReader.read(call.body) == [
        "receiver": [
          "contacts": [["identifierKey": "phonenumber", "identifierValue": "+46700000001"]]
        ], "body": ["type": "text", "text": ["text": "Hej"]],
      ])
    let outcome = MessageBird.birdChannels.provider().outcome(
      of: HTTPResponse(status: 202, json: ["id": "m-1"]))
    #expect(outcome == .accepted(externalID: "m-1"))
  }

  // MARK: - Bird's API

  @Test func readsAMessageOfTheAPI() throws {
    #expect(
      try Self.events(
        Fixture.bytes("messagebird/bird-received.json"), of: MessageBird.bird,
        type: "application/json"
      ).get() == [try Self.message("sms_01", "+46700000001", .text("Hej"))])
  }

  static let types: [(type: String, status: DeliveryStatus?)] = [
    ("sms.accepted", .sent), ("sms.sent", .sent), ("sms.delivered", .delivered),
    ("sms.undelivered", nil), ("sms.failed", .failed), ("sms.rejected", .failed),
    ("sms.expired", .failed), ("sms.teleported", nil),
  ]
  @Test(arguments: types)
  func readsStatusesOfTheAPI(type: String, status: DeliveryStatus?) throws {
    let payload = Fixture.text("messagebird/bird-failed.json").replacing("sms.failed", with: type)
    let events = try Self.events(
      Array(payload.utf8), of: MessageBird.bird, type: "application/json"
    ).get()
    let reason =
      "The contact has opted out of messages from this sender (Bird: recipient_opted_out)."
    #expect(
      events
        == (status.map { status in
          [
            .status(
              StatusReport(
                externalID: "sms_02", status: status, reason: status == .failed ? reason : nil,
                reference: PartReference(Self.reference)))
          ]
        } ?? []))
  }

  @Test func sendsByTheAPI() throws {
    let call = try call(
      .text("Hej"), of: MessageBird.bird, settings: "category = \"transactional\"")
    #expect(call.url == "https://eu1.platform.bird.example/v1/sms/messages")
    #expect(call.headers.first { $0.name == "idempotency-key" }?.value == Self.reference)
    #expect(
      try JSONReader.read(call.body) == [
        "to": "+46700000001", "from": "+46710000002", "text": "Hej", "category": "transactional",
        "metadata": ["reference": .string(Self.reference)],
      ])
    #expect(MessageBird.bird.provider().isIdempotent)
  }

  static let birdAnswers: [(status: Int, fixture: String, outcome: SendOutcome)] = [
    (200, "bird-send-accepted", .accepted(externalID: "sms_02")),
    (
      400, "bird-send-invalid",
      .rejected(
        reason: "MessageBird refused the message: The number is not valid (code E01001, to).")
    ),
    (
      500, "bird-send-invalid",
      .deferred(reason: "MessageBird failed while taking the message (HTTP 500).", after: nil)
    ),
    (
      409, "bird-send-invalid",
      .deferred(reason: "MessageBird is still busy with the message (HTTP 409).", after: nil)
    ),
  ]
  @Test(arguments: birdAnswers)
  func readsAnswersOfTheAPI(status: Int, fixture: String, outcome: SendOutcome) {
    let body = Fixture.bytes("messagebird/\(fixture).json")
    #expect(
      MessageBird.bird.provider().outcome(of: HTTPResponse(status: status, body: body))
        == outcome)
  }

  // MARK: - Settings

  static let mistakes: [(settings: String, keys: [String?])] = [
    ("", ["access_key", "originator", "signing_key"]),
    ("verify = \"none\"", ["access_key", "originator"]),
    (
      "api = \"channels\"\nworkspace_id = \"../w\"",
      ["access_key", "workspace_id", "channel_id", "signing_key"]
    ),
    ("api = \"bird\"", ["api_key", "from", "base_url", "signing_key"]),
    ("api = \"classic\"", ["api", "access_key", "originator", "signing_key"]),
  ]
  @Test(arguments: mistakes)
  func reportsAllMistakesAtOnce(settings: String, keys: [String?]) throws {
    var reader = SettingsReader(try SettingsFile(path: "s.toml", text: settings))
    reader.channelURL = "https://sluice.example.com/sluice/demo"
    #expect(MessageBird(settings: &reader) == nil)
    #expect(reader.problems.map(\.key) == keys)
  }

  @Test func aSecretOfBirdsHasItsForm() throws {
    let directory = TemporaryDirectory()
    directory.write("not-a-secret-of-theirs", to: "signing_key")
    directory.write("bk_eu1_0123456789", to: "api_key")
    var reader = SettingsReader(
      try SettingsFile(path: directory.path + "/s.toml", text: MessageBird.bird.settings))
    #expect(MessageBird(settings: &reader) == nil)
    #expect(reader.problems.map(\.key) == ["signing_key"])
    #expect(!reader.problems.description.contains("not-a-secret-of-theirs"))
  }
}
