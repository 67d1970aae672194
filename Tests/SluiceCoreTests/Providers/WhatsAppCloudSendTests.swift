import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct WhatsAppCloudSendTests {
  static let sample = WhatsAppCloud.sample
  static let graph = "https://graph.facebook.com/v25.0"
  static let authorization = ("authorization", "Bearer EAAGm0PX4ZCpsBAFakeToken")

  /// An account without the app's secret, whose calls are not proved.
  static let unproven = sample.changed(
    settings: """
      phone_number_id = "106540352242922"
      access_token = "file:access_token"
      verify_token = "file:verify_token"
      verify = "none"
      """)

  static func attachment(
    _ kind: SluiceCore.Attachment.Kind, _ file: String, name: String? = nil, caption: String? = nil
  ) -> MessagePart {
    .attachment(
      Attachment(
        kind: kind, url: "https://files.example/\(file)", fileName: name, description: caption))
  }

  static let calls: [(label: String, part: MessagePart, content: String)] = [
    ("text", .text("Hello"), #""type":"text","text":{"body":"Hello"}"#),
    (
      "image", attachment(.image, "a.png", caption: "Look"),
      #""type":"image","image":{"link":"https://files.example/a.png","caption":"Look"}"#
    ),
    (
      "image that is only a file to WhatsApp", attachment(.image, "d/a.gif?x=1", caption: "Look"),
      #""type":"document","document":{"link":"https://files.example/d/a.gif?x=1","filename":"a.gif","caption":"Look"}"#
    ),
    (
      "video", attachment(.video, "a.mp4"),
      #""type":"video","video":{"link":"https://files.example/a.mp4"}"#
    ),
    (
      "audio", attachment(.audio, "a.ogg"),
      #""type":"audio","audio":{"link":"https://files.example/a.ogg"}"#
    ),
    (
      "audio that WhatsApp does not play", attachment(.audio, "a.wav"),
      #""type":"document","document":{"link":"https://files.example/a.wav","filename":"a.wav"}"#
    ),
    (
      "document", attachment(.file, "1", name: "plan.pdf"),
      #""type":"document","document":{"link":"https://files.example/1","filename":"plan.pdf"}"#
    ),
    (
      "media that Meta does not fetch",
      .attachment(Attachment(kind: .image, url: "http://files.example/a.png")),
      #""type":"text","text":{"body":"Image: http://files.example/a.png"}"#
    ),
    (
      "location", .location(latitude: 1.5, longitude: 2.5, address: nil),
      #""type":"location","location":{"latitude":1.5,"longitude":2.5}"#
    ),
    (
      "place", .location(latitude: 1.5, longitude: 2.5, address: "Office, 1 High St"),
      #""type":"location","location":{"latitude":1.5,"longitude":2.5,"name":"Office","address":"1 High St"}"#
    ),
    (
      "buttons", .quickReply(title: "Well?", replies: ["Yes", "No"]),
      #""type":"interactive","interactive":{"type":"button","body":{"text":"Well?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}},{"type":"reply","reply":{"id":"2","title":"No"}}]}}"#
    ),
    (
      "list", .quickReply(title: "Well?", replies: ["Monday afternoon or so"]),
      #""type":"interactive","interactive":{"type":"list","body":{"text":"Well?"},"action":{"button":"Options","sections":[{"rows":[{"id":"1","title":"Monday afternoon or so"}]}]}}"#
    ),
    (
      "two that look the same", .quickReply(title: "Well?", replies: ["Yes", "Yes"]),
      #""type":"text","text":{"body":"Well?\n1. Yes\n2. Yes"}"#
    ),
  ]
  @Test(arguments: calls)
  func sends(label: String, part: MessagePart, content: String) throws {
    let call = Self.unproven.provider().call(
      sending: part, to: try ContactID("+447700900123"), reference: "01J9ZK5V0A.0",
      now: ProviderSample.now)
    let body =
      #"{"messaging_product":"whatsapp","recipient_type":"individual","to":"+447700900123",\#(content),"biz_opaque_callback_data":"01J9ZK5V0A.0"}"#
    #expect(
      call
        == HTTPCall(
          url: "\(Self.graph)/106540352242922/messages",
          headers: [Self.authorization, ("content-type", "application/json")],
          body: Array(body.utf8)))
  }

  @Test func fourRepliesAreAList() throws {
    let replies = ["1", "2", "3", "4"]
    let limits = Self.sample.provider().limits
    #expect(
      limits.parts(of: .quickReply(title: "Well?", replies: replies))
        == [.quickReply(title: "Well?", replies: replies)])
    let call = Self.sample.provider().call(
      sending: .quickReply(title: "Well?", replies: replies),
      to: try ContactID(encoding: "GB.98765"),
      reference: "1", now: ProviderSample.now)
    let body = try? JSONReader.read(call.body)
    #expect(body?["interactive"]?["type"] == "list")
    // And somebody who hides their number is written to by their ID.
    #expect(body?["recipient"] == "GB.98765" && body?["to"] == nil)
  }

  /// The vector's app secret and token.
  @Test func provesItsCalls() throws {
    let provider = Self.sample.changed(secrets: ["app_secret": WhatsAppCloudTests.vectorSecret])
      .provider()
    let proof = "f2cd46c6e7a231c665de5e7a9dea7208a3c230576ebfcc80179f95b8d1822891"
    let call = provider.call(
      sending: .text("Hi"), to: try ContactID("+447700900123"), reference: "1",
      now: ProviderSample.now)
    #expect(call.url == "\(Self.graph)/106540352242922/messages?appsecret_proof=\(proof)")
    #expect(
      provider.route(toMedia: "77")
        == .locator(
          HTTPCall(
            method: "GET",
            url: "\(Self.graph)/77?phone_number_id=106540352242922&appsecret_proof=\(proof)",
            headers: [Self.authorization])))
    var dumped = ""
    dump(provider, to: &dumped)
    #expect(!dumped.contains(proof))
  }

  // MARK: - Answers

  enum Kind { case deferred, throttled, rejected, unknown }

  static let codes: [(http: Int, code: Int64, kind: Kind)] = [
    (400, 131_047, .rejected), (400, 131_026, .rejected), (400, 131_030, .rejected),
    (400, 131_050, .rejected), (400, 131_049, .rejected), (400, 132_001, .rejected),
    (400, 100, .rejected), (401, 190, .rejected), (403, 10, .rejected), (403, 131_031, .rejected),
    (400, 133_010, .rejected), (402, 131_042, .rejected), (400, 999_999, .rejected),
    (429, 130_429, .throttled), (400, 130_429, .throttled), (429, 80_007, .throttled),
    (400, 4, .throttled), (400, 131_048, .throttled), (429, 999_999, .throttled),
    (400, 131_056, .deferred), (429, 131_056, .deferred), (503, 131_016, .deferred),
    (400, 131_057, .deferred), (400, 133_004, .deferred),
    (500, 131_000, .unknown), (400, 1, .unknown), (500, 2, .unknown), (500, 131_026, .unknown),
  ]
  @Test(arguments: codes)
  func classifies(http: Int, code: Int64, kind: Kind) throws {
    let body: JSON = ["error": ["message": "Words.", "code": .integer(code)]]
    let outcome = Self.sample.provider().outcome(of: HTTPResponse(status: http, json: body))
    let found: Kind? =
      switch outcome {
      case .accepted: nil
      case .deferred: .deferred
      case .throttled: .throttled
      case .rejected, .accountRefused: .rejected
      case .unknown: .unknown
      }
    #expect(found == kind)
    #expect(outcome.reason?.hasSuffix("(WhatsApp \(code): Words).") == true)
  }

  static let outcomes: [(status: Int, body: String, outcome: SendOutcome)] = [
    (
      200, Fixture.text("whatsapp_cloud/send-success.json"), .accepted(externalID: "wamid.T1VU")
    ),
    (200, "{}", .unknown(reason: "WhatsApp's answer to the send cannot be read.")),
    (
      400, Fixture.text("whatsapp_cloud/send-not-allowed.json"),
      .rejected(
        reason: "The contact is not on the list of numbers that this test account may write to"
          + " (WhatsApp 131030: Recipient phone number not in allowed list: Add recipient phone"
          + " number to recipient list and try again).")
    ),
    (
      401, Fixture.text("whatsapp_cloud/send-expired-token.json"),
      .accountRefused(
        reason: "The WhatsApp account does not let us in; ask your administrator to renew"
          + " access_token (WhatsApp 190: Error validating access token: Session has expired).")
    ),
    (
      404, "<html>",
      .accountRefused(
        reason: "WhatsApp refused the request (HTTP 404). Ask your administrator to check the"
          + " channel's base_url and api_version.")
    ),
    (502, "", .unknown(reason: "WhatsApp failed while taking the message (HTTP 502).")),
    (425, "", .deferred(reason: "WhatsApp asked for the request again (HTTP 425).", after: nil)),
  ]
  @Test(arguments: outcomes)
  func readsAnswers(status: Int, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
  }
}
