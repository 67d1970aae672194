import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct InfobipTests {
  static let sample = Infobip.sample
  static let reference = "01J9ZK5V0A0000000000000000.0"
  static let host = "https://xxxxx.api.infobip.example"

  private func events(_ payload: [UInt8]) -> Result<[WebhookEvent], WebhookError> {
    let webhook = ProviderSample.Webhook(contentType: "application/json")
    return Result { () throws(WebhookError) in
      try Self.sample.provider().events(
        in: Self.sample.request(webhook, payload: payload), now: ProviderSample.now)
    }
  }

  // MARK: - Messages

  @Test func readsAText() throws {
    #expect(
      try events(Fixture.bytes("infobip/inbound.json")).get() == [
        .message(
          InboundMessage(
            externalID: "817790313235066447", contact: try ContactID("+46700000001"),
            // Not `cleanText`: that lacks a word.
            content: .text("STOPP nu"), timestamp: 1_767_225_600_000,
            profile: ContactProfile(phone: "+46700000001")))
      ])
  }

  @Test func readsAnMMS() throws {
    let events = try events(Fixture.bytes("infobip/mms.json")).get()
    let messages = events.compactMap { event in
      if case .message(let message) = event { message } else { nil }
    }
    #expect(messages.map(\.externalID) == ["mm-1", "mm-1.2"])
    let url = Self.host + "/mms/1/media/abc"
    #expect(
      messages.map(\.content) == [
        .text("look"),
        .attachment(
          Attachment(kind: .image, url: Attachment.privateURL(url), mimeType: "image/jpeg")),
      ])
    guard case .attachment(let attachment) = messages.last?.content else { return }
    #expect(
      Self.sample.provider().route(toMedia: attachment.privateReference ?? "")
        == .content(
          HTTPCall(
            method: "GET", url: url,
            headers: [("authorization", "App 003026bbc133714df1834b8638bb496e")])))
  }

  /// Whatever a webhook says, the key goes to nobody else.
  @Test(arguments: [
    "https://evil.example/1", host, host + ".evil.example/1", host + "@evil.example/1",
    "http://xxxxx.api.infobip.example/1", "",
  ])
  func theKeyStaysAtHome(url: String) {
    #expect(Self.sample.provider().route(toMedia: url) == nil)
  }

  static let contents: [(label: String, fields: String, content: MessageContent)] = [
    ("empty", #""text":"""#, .text("(empty message)")),
    ("none", #""smsCount":1"#, .text("(empty message)")),
    (
      "media that anybody may fetch",
      #""message":[{"contentType":"video/mp4","url":"https://a.example/1"}]"#,
      .attachment(Attachment(kind: .video, url: "https://a.example/1", mimeType: "video/mp4"))
    ),
    (
      "media that nobody can", #""message":[{"contentType":"video/mp4","url":"cid:1"}]"#,
      .text("Video: cid:1")
    ),
  ]
  @Test(arguments: contents)
  func readsContents(label: String, fields: String, content: MessageContent) throws {
    let body = #"{"results":[{"messageId":"1","from":"46700000001",\#(fields)}]}"#
    guard case .message(let message) = try events(Array(body.utf8)).get().first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == content)
  }

  static let strange = [
    "", "[]", "{}", #"{"results":{}}"#,
    #"{"results":[{"from":"46700000001","text":"Hi"}]}"#,
    #"{"results":[{"messageId":"1","from":"MyBank","text":"Hi"}]}"#,
    #"{"results":[{"messageId":"1","status":{"groupId":6}}]}"#,
    #"{"results":[{"messageId":"1","status":{"groupId":"3"}}]}"#,
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(body: String) {
    guard case .failure(.notUnderstood) = events(Array(body.utf8)) else {
      _ = Issue.record("\(events(Array(body.utf8)))")
      return
    }
  }

  // MARK: - Delivery reports

  @Test func readsReports() throws {
    #expect(
      try events(Fixture.bytes("infobip/reports.json")).get() == [
        .status(
          StatusReport(
            externalID: Self.reference, status: .delivered,
            reference: PartReference(Self.reference))),
        .status(
          StatusReport(
            externalID: "01J9ZK5V0A0000000000000001.0", status: .failed,
            reason: "The message was not delivered: Absent Subscriber (Infobip"
              + " UNDELIVERABLE_NOT_DELIVERED, EC_ABSENT_SUBSCRIBER).",
            reference: PartReference("01J9ZK5V0A0000000000000001.0"))),
      ])
  }

  static let groups: [(status: String, expected: DeliveryStatus)] = [
    (#"{"groupId":0}"#, .sent), (#"{"groupId":1}"#, .sent), (#"{"groupId":2}"#, .failed),
    (#"{"groupId":3,"id":2}"#, .sent), (#"{"groupId":3,"id":5}"#, .delivered),
    (#"{"groupId":3}"#, .delivered), (#"{"groupId":4}"#, .failed), (#"{"groupId":5}"#, .failed),
  ]
  @Test(arguments: groups)
  func readsGroups(status: String, expected: DeliveryStatus) throws {
    let body = #"{"results":[{"messageId":"1","status":\#(status)}]}"#
    guard case .status(let report) = try events(Array(body.utf8)).get().first else {
      _ = Issue.record()
      return
    }
    #expect(report.status == expected)
    #expect((report.reason != nil) == (expected == .failed))
  }

  @Test func oneBadReportDoesNotLoseTheOthers() throws {
    let reports = (0..<2_000).map { index -> JSON in
      [
        "messageId": .string("m-\(index)"),
        "status": ["groupId": index == 7 ? "odd" : 3, "id": 5, "name": "N", "description": "D"],
      ]
    }
    let body: JSON = ["results": .array(reports)]
    let reading = try WebhookReading { () throws(WebhookError) in try events(body.bytes).get() }
    #expect(reading.events.count == 1_999)
    #expect(reading.problem == "A report's status.groupId is \"odd\"; 0 to 5 are known.")
  }

  // MARK: - Sends

  private func call(_ sample: ProviderSample = sample) throws -> HTTPCall {
    sample.provider().call(
      sending: .text("Hej då"), to: try ContactID("+46700000001"), reference: Self.reference,
      now: 0)
  }

  @Test func sends() throws {
    let call = try call()
    #expect(call.url == Self.host + "/sms/3/messages")
    #expect(
      call.headers.first { $0.name == "authorization" }?.value
        == "App 003026bbc133714df1834b8638bb496e")
    #expect(
      try JSONReader.read(call.body) == [
        "messages": [
          [
            "sender": "46710000002",
            "destinations": [["to": "46700000001", "messageId": .string(Self.reference)]],
            "content": ["text": "Hej då"],
          ]
        ]
      ])
  }

  /// Only where nothing has to sign them; otherwise a subscription does.
  @Test func asksForReportsAtAURLWithASecret() throws {
    let call = try call(Infobip.account(settings: ""))
    #expect(
      try JSONReader.read(call.body)["messages"]?[0]?["webhooks"] == [
        "delivery": [
          "url": "https://sluice.example.com/sluice/demo/status?secret=InF3vQ9xYw7bTzR5mJ2h",
          "intermediateReport": true,
        ], "contentType": "application/json",
      ])
  }

  static let answers: [(status: Int, fixture: String, outcome: SendOutcome)] = [
    (200, "send-accepted", .accepted(externalID: reference)),
    (
      200, "send-refused",
      .accountRefused(
        reason: "The Infobip account has no credit left; ask your administrator to top it up"
          + " (Infobip REJECTED_NOT_ENOUGH_CREDITS).")
    ),
    (
      400, "send-invalid",
      .rejected(
        reason: "Infobip refused the message: messages[0].destinations[0].to: must not be blank"
          + " (E400).")
    ),
    (
      400, "send-unauthorized",
      .rejected(reason: "Infobip refused the message: Invalid login details (UNAUTHORIZED).")
    ),
    (
      401, "send-unauthorized",
      .accountRefused(
        reason: "Infobip does not let us in; ask your administrator to check the channel's key and"
          + " what it may do (HTTP 401).")
    ),
    (
      404, "send-invalid",
      .accountRefused(
        reason:
          "Infobip has no such address; ask your administrator to check the channel's base_url"
          + " (HTTP 404).")
    ),
    (
      429, "send-throttled",
      .throttled(
        reason: "Infobip gets too many requests from this account (HTTP 429).", after: nil)
    ),
    (500, "send-invalid", .unknown(reason: "Infobip failed while taking the message (HTTP 500).")),
    (
      200, "send-invalid",
      .unknown(reason: "Infobip's answer does not say what became of the message.")
    ),
  ]
  @Test(arguments: answers)
  func readsAnswers(status: Int, fixture: String, outcome: SendOutcome) {
    let body = Fixture.bytes("infobip/\(fixture).json")
    #expect(Self.sample.provider().outcome(of: HTTPResponse(status: status, body: body)) == outcome)
  }
}
