import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What we tell Twilio, and what its answers mean.
struct TwilioSendTests {
  static let sample = Twilio.sample
  static let sid = "SMfedcba9876543210fedcba9876543210"

  /// The sample's account with other lines for its sender.
  static func provider(_ lines: String) -> any Provider {
    let settings = sample.settings.replacing(#"from = "whatsapp:+447700900456""#, with: lines)
    return Self.sample.changed(settings: settings).provider()
  }

  // MARK: - Sends

  private static let callback =
    "StatusCallback=https%3A%2F%2Fsluice.example.com%2Fsluice%2Fdemo%2Fstatus%3Fref%3DREF.0"
    + "%23rc%3D5%26rp%3Dct%2Crt%2C5xx"

  static let sends: [(label: String, lines: String, to: String, part: MessagePart, body: String)] =
    [
      (
        "SMS", #"from = "+447700900456""#, "+447700900123", .text("Hi & bye"),
        "To=%2B447700900123&From=%2B447700900456&Body=Hi%20%26%20bye&"
      ),
      (
        "a messaging service", #"messaging_service_sid = "MG1""#, "+447700900123", .text("Hi"),
        "To=%2B447700900123&MessagingServiceSid=MG1&Body=Hi&"
      ),
      (
        "MMS", "from = \"+14155550111\"\ntype = \"mms\"", "+14155550100",
        .attachment(Attachment(kind: .image, url: "https://a.example/b", description: "Look")),
        "To=%2B14155550100&From=%2B14155550111&MediaUrl=https%3A%2F%2Fa.example%2Fb&Body=Look&"
      ),
      (
        "WhatsApp", #"from = "whatsapp:+447700900456""#, "+447700900123", .text("Hi"),
        "To=whatsapp%3A%2B447700900123&From=whatsapp%3A%2B447700900456&Body=Hi&"
      ),
      (
        "WhatsApp by a messaging service", "messaging_service_sid = \"MG1\"\ntype = \"whatsapp\"",
        "US=2E1234", .text("Hi"), "To=whatsapp%3AUS.1234&MessagingServiceSid=MG1&Body=Hi&"
      ),
      (
        "a place", #"from = "whatsapp:+447700900456""#, "+447700900123",
        .location(latitude: 51.5033, longitude: -0.00001, address: "Eye|London\\\r\nUK"),
        "To=whatsapp%3A%2B447700900123&From=whatsapp%3A%2B447700900456"
          + "&Body=Eye%20London%20%20UK"
          + "&PersistentAction=geo%3A51.5033%2C-0.00001%7CEye%20London%20%20UK&"
      ),
      (
        "a place without a name", #"from = "whatsapp:+447700900456""#, "+447700900123",
        .location(latitude: 1, longitude: 2, address: nil),
        "To=whatsapp%3A%2B447700900123&From=whatsapp%3A%2B447700900456&Body=1%2C2"
          + "&PersistentAction=geo%3A1%2C2&"
      ),
    ]
  @Test(arguments: sends)
  func writesForms(label: String, lines: String, to: String, part: MessagePart, body: String) throws
  {
    let call = Self.provider(lines).call(
      sending: part, to: try ContactID(to), reference: "REF.0", now: ProviderSample.now)
    #expect(
      call.url
        == "https://api.twilio.com/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff"
        + "/Messages.json")
    #expect(String(decoding: call.body, as: UTF8.self) == body + Self.callback)
    #expect(call.headers.map(\.name) == ["authorization", "content-type"])
    // printf SID:SECRET | base64 -w0
    #expect(
      call.headers[0].value
        == "Basic U0swMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZjp0V2szdlE5eFl3N2JUelI1bUoyaEw4"
        + "bkM0cEQ2c0YxZw==")
  }

  /// What a send says in its callbacks' URL comes back with them.
  @Test func aCallbackNamesItsSend() throws {
    let reference = PartReference(message: MessageID(high: 1, low: 2), part: 3)
    let call = Self.sample.provider().call(
      sending: .text("Hi"), to: try ContactID("+447700900123"), reference: "\(reference)", now: 0)
    let callback = try #require(FormFields(call.body)?["StatusCallback"])
    let query = callback.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" }
    #expect(PartReference(FormFields(query.utf8)?["ref"]) == reference)
  }

  static let limits: [(label: String, lines: String, limits: PartLimits, rate: Double?)] = [
    ("SMS", #"from = "+447700900456""#, PartLimits(text: .utf16(maximum: 1_600)), 1),
    ("a short code", #"from = "12345""#, PartLimits(text: .utf16(maximum: 1_600)), 100),
    (
      "a messaging service", #"messaging_service_sid = "MG1""#,
      PartLimits(text: .utf16(maximum: 1_600)), nil
    ),
    (
      "MMS", "from = \"+14155550111\"\ntype = \"mms\"",
      PartLimits(text: .utf16(maximum: 1_600), media: .all(captions: .utf16(maximum: 1_600))), 1
    ),
    (
      "WhatsApp", #"from = "whatsapp:+447700900456""#,
      PartLimits(
        text: .utf16(maximum: 1_600),
        media: .init(
          kinds: [.image, .video, .audio, .file], captions: .utf16(maximum: 1_600),
          withoutCaption: [.audio, .file]),
        takesLocation: true), 80
    ),
  ]
  @Test(arguments: limits)
  func differByKind(label: String, lines: String, limits: PartLimits, rate: Double?) {
    let provider = Self.provider(lines)
    #expect(provider.limits == limits)
    #expect(provider.defaultRate == rate)
    #expect(!provider.isIdempotent)
  }

  // MARK: - Answers

  static let outcomes: [(label: String, status: Int, body: String, outcome: SendOutcome)] = [
    ("taken", 201, Fixture.text("twilio/send-queued.json"), .accepted(externalID: sid)),
    ("no sid", 201, "{}", .unknown(reason: "Twilio's answer to the send has no sid.")),
    (
      "failed at once", 201, #"{"sid":"\#(sid)","status":"failed","error_code":21617}"#,
      .rejected(
        reason: "The message is longer than the 1,600 characters that Twilio takes"
          + " (Twilio code 21617).")
    ),
    (
      "no such number", 400, Fixture.text("twilio/send-invalid-number.json"),
      .rejected(
        reason: "The phone number is not one that Twilio can send to (Twilio code 21211).")
    ),
    (
      "opted out", 400, Fixture.text("twilio/send-opted-out.json"),
      .rejected(
        reason: "The contact has opted out by STOP, and gets no messages until they send START"
          + " (Twilio code 21610).")
    ),
    (
      "the window is closed", 400, #"{"code":63016,"message":"Outside the window."}"#,
      .rejected(
        reason: "The contact wrote more than 24 hours ago, and WhatsApp then takes approved"
          + " templates alone. Wait until they write again (Twilio code 63016).")
    ),
    (
      "a code that nobody explains", 400, #"{"code":29999,"message":"No\nway."}"#,
      .rejected(reason: "The message was not delivered: No way (Twilio code 29999).")
    ),
    (
      "not let in", 401, Fixture.text("twilio/send-unauthorized.json"),
      .accountRefused(
        reason: "Twilio does not let us in. Ask your administrator to check the channel's"
          + " credentials (Twilio code 20003).")
    ),
    (
      "no JSON", 404, "<html>",
      .accountRefused(
        reason: "Twilio refused the request (HTTP 404). Ask your administrator to check the"
          + " channel's account_sid and base_url.")
    ),
    (
      "the sender's queue is full", 400, #"{"code":21611}"#,
      .deferred(
        reason: "Twilio takes no more messages of this sender for now (Twilio code 21611).",
        after: nil)
    ),
    (
      "WhatsApp's rate", 400, #"{"code":63018}"#,
      .throttled(
        reason: "Twilio takes no more messages of this sender for now (Twilio code 63018).",
        after: nil)
    ),
    (
      "the quota of a day", 429, #"{"code":63038}"#,
      .throttled(
        reason: "The sender's messages for today are used up (Twilio code 63038).", after: 3_600)
    ),
    (
      "too many requests", 429, Fixture.text("twilio/send-too-many-requests.json"),
      .throttled(
        reason: "Twilio takes no more messages of this sender for now (Twilio code 20429).",
        after: nil)
    ),
    (
      "too early", 425, "",
      .deferred(reason: "Twilio asked for the request again (HTTP 425).", after: nil)
    ),
    (
      "too slow for them", 408, "",
      .deferred(reason: "Twilio asked for the request again (HTTP 408).", after: nil)
    ),
    (
      "a refusal in a 500 may not be one", 500, Fixture.text("twilio/send-invalid-number.json"),
      .unknown(reason: "Twilio failed while taking the message (HTTP 500).")
    ),
    (
      "a gateway's error", 503, "",
      .unknown(reason: "Twilio failed while taking the message (HTTP 503).")
    ),
  ]
  @Test(arguments: outcomes)
  func classifies(label: String, status: Int, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
  }
}
