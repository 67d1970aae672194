import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What we tell the Messages API, and what its answers mean.
struct VonageSendTests {
  private func body(_ part: MessagePart, settings: String = "") throws -> JSON {
    let call = VonageTests.sample(settings).provider().call(
      sending: part, to: try ContactID("+447700900001"), reference: VonageTests.reference, now: 0)
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
        "client_ref": .string(VonageTests.reference),
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

  static func kind(_ outcome: SendOutcome) -> Kind {
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
    #expect(Self.kind(VonageTests.sample("").provider().outcome(of: response)) == kind)
  }

  static let answers: [(status: Int, fixture: String, outcome: SendOutcome)] = [
    (202, "send-accepted", .accepted(externalID: VonageTests.sent)),
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
      VonageTests.sample("").provider().outcome(of: HTTPResponse(status: status, body: body))
        == outcome)
  }
}
