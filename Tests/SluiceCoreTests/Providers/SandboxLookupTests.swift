import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What the sandbox's provider tells of sends whose answer was lost.
struct SandboxLookupTests {
  static let sample = SandboxProvider.sample
  static let reference = "01K6VZ9Q00ABCDEFGHJKMNPQRS.2"

  static func question(externalID: String? = nil) throws -> Lookup {
    Lookup(
      reference: PartReference(reference)!, externalID: externalID,
      contact: try ContactID("+61411111111"), since: 1_760_000_000_000)
  }

  private static func provider(_ settings: String) -> any Provider {
    sample.changed(settings: sample.settings + "\n" + settings).provider()
  }

  @Test func asksByReference() throws {
    for externalID in [nil, "sb-1"] {
      #expect(
        Self.sample.provider().call(lookingUp: try Self.question(externalID: externalID))
          == HTTPCall(
            method: "GET",
            url: "https://sandbox.example/provider/messages?reference=\(Self.reference)",
            headers: [("authorization", "Bearer sandbox-key-4711")]))
    }
  }

  static let findings: [(label: String, status: Int, body: String, finding: LookupFinding)] = [
    (
      "taken", 200, #"{"id":"sb-1","status":"sent"}"#,
      .found(externalID: "sb-1", status: .sent, reason: nil)
    ),
    (
      "in its queue", 200, #"{"id":"sb-1","status":"queued"}"#,
      .found(externalID: "sb-1", status: .queued, reason: nil)
    ),
    (
      "read", 200, #"{"id":"sb-1","status":"read","error":{"message":"odd"}}"#,
      .found(externalID: "sb-1", status: .read, reason: nil)
    ),
    (
      "failed", 200, #"{"id":"sb-1","status":"failed","error":{"message":"Absent."}}"#,
      .found(externalID: "sb-1", status: .failed, reason: "The message was not delivered: Absent.")
    ),
    (
      "failed without a word", 200, #"{"id":"sb-1","status":"failed"}"#,
      .found(
        externalID: "sb-1", status: .failed,
        reason: "The message was not delivered: no reason given.")
    ),
    ("never arrived", 404, #"{"error":{"code":"not_found"}}"#, .notFound),
    ("some other 404", 404, "", .unclear(reason: "the sandbox answered 404")),
    ("a proxy's 404", 404, "<html>not_found</html>", .unclear(reason: "the sandbox answered 404")),
    (
      "not found, says a 500", 500, #"{"error":{"code":"not_found"}}"#,
      .unclear(reason: "the sandbox answered 500")
    ),
    ("no ID", 200, #"{"status":"sent"}"#, .unclear(reason: "the sandbox answered 200")),
    ("no status", 200, #"{"id":"sb-1"}"#, .unclear(reason: "the sandbox answered 200")),
    (
      "an unknown status", 200, #"{"id":"sb-1","status":"seen"}"#,
      .unclear(reason: "the sandbox answered 200")
    ),
    ("empty", 200, "", .unclear(reason: "the sandbox answered 200")),
    ("throttled", 429, "{}", .unclear(reason: "the sandbox answered 429")),
    ("no access", 401, "{}", .unclear(reason: "the sandbox answered 401")),
  ]
  @Test(arguments: findings)
  func reads(label: String, status: Int, body: String, finding: LookupFinding) throws {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    #expect(
      Self.sample.provider().finding(of: response, for: try Self.question()) == finding)
  }

  @Test func traitsComeFromTheSettings() throws {
    let contact = try ContactID("+61411111111")
    let deaf = Self.provider("idempotent = false\nlookup = false")
    #expect(!deaf.isIdempotent)
    #expect(deaf.call(lookingUp: try Self.question()) == nil)
    let call = deaf.call(
      sending: .text("a"), to: contact, reference: Self.reference, now: ProviderSample.now)
    // No header promises what is not kept, but the reference goes along for callbacks.
    #expect(call.headers.map(\.name) == ["authorization", "content-type"])
    #expect(try JSONReader.read(call.body)["reference"]?.string == Self.reference)
    #expect(!Self.provider("idempotent = false").isIdempotent)
    #expect(
      try Self.provider("idempotent = false").call(lookingUp: Self.question()) != nil)
  }

  static let webhooks: [(label: String, reference: JSON?, found: Bool)] = [
    ("ours", .string(reference), true), ("none", nil, false), ("somebody else's", "order-7", false),
    ("no string", 7, false),
  ]
  @Test(arguments: webhooks)
  func readsReferences(label: String, reference: JSON?, found: Bool) throws {
    let expected = found ? PartReference(Self.reference) : nil
    let events: JSON = .array(
      [
        .object(
          present: [
            ("type", "status"), ("id", "sb-1"), ("status", "delivered"), ("reference", reference),
          ]),
        .object(
          present: [
            ("type", "status"), ("id", "sb-1"), ("status", "failed"), ("reference", reference),
          ]),
        .object(
          present: [
            ("type", "echo"), ("id", "sb-2"), ("to", "+61411111111"), ("text", "a"),
            ("reference", reference),
          ]),
      ])
    let read = try Self.sample.provider().events(
      in: Self.sample.request(Self.sample.webhooks[0], payload: (["events": events] as JSON).bytes),
      now: ProviderSample.now)
    #expect(
      read.map { event in
        switch event {
        case .status(let report): report.reference
        case .message(let message): message.reference
        }
      } == [expected, expected, expected])
  }
}

struct ClickSendLookupTests {
  static let sample = ClickSend.sample
  static let id = "4C0F2D1E-7A3B-4E5F-9A8B-0C1D2E3F4A5B"
  static let other = "9E8D7C6B-5A49-4382-9170-6F5E4D3C2B1A"
  static let reference = SandboxLookupTests.reference

  @Test func asksTheHistoryOfTheRecipient() throws {
    #expect(
      try Self.sample.provider().call(lookingUp: SandboxLookupTests.question())
        == HTTPCall(
          method: "GET",
          url: "https://rest.clicksend.com/v3/sms/history?q=to:%2B61411111111"
            + "&date_from=1759999940&limit=100",
          headers: [("authorization", "Basic YXBpLXVzZXJuYW1lOmFwaS1wYXNzd29yZA==")]))
  }

  static func listing(_ messages: JSON...) -> String {
    (["http_code": 200, "response_code": "SUCCESS", "data": ["data": .array(messages)]] as JSON)
      .text
  }

  static func message(_ id: String, _ reference: JSON) -> JSON {
    ["message_id": .string(id), "custom_string": reference, "status": "Sent"]
  }

  static let found = LookupFinding.found(externalID: id, status: .sent, reason: nil)
  static let unlisted = LookupFinding.unclear(reason: "ClickSend's history does not list it")

  static func unreadable(_ status: Int) -> LookupFinding {
    .unclear(reason: "ClickSend's history answered \(status)")
  }

  static let findings: [(label: String, status: Int, body: String, finding: LookupFinding)] = [
    ("listed", 200, listing(message(id, .string(reference))), found),
    ("in lower case", 200, listing(message(id.lowercased(), .string(reference))), found),
    (
      "listed among others", 200,
      listing(
        message(other, "01K6VZ9Q00ABCDEFGHJKMNPQRS.1"), message(other, .null),
        message(id, .string(reference))), found
    ),
    (
      "once with an ID of no use", 200,
      listing(message("7", .string(reference)), message(id, .string(reference))), found
    ),
    ("only with an ID of no use", 200, listing(message("7", .string(reference))), unlisted),
    ("another part", 200, listing(message(id, "01K6VZ9Q00ABCDEFGHJKMNPQRS.20")), unlisted),
    ("not listed", 200, listing(), unlisted),
    ("entries that are none", 200, listing(.null, 7, "a", []), unlisted),
    ("no listing", 200, #"{"data":[]}"#, unreadable(200)),
    ("garbage", 200, "<html>", unreadable(200)),
    ("empty", 200, "", unreadable(200)),
    ("no access", 401, listing(message(id, .string(reference))), unreadable(401)),
    ("no such thing", 404, "", unreadable(404)),
    ("throttled", 429, "{}", unreadable(429)),
    ("failing", 500, listing(message(id, .string(reference))), unreadable(500)),
  ]
  @Test(arguments: findings)
  func reads(label: String, status: Int, body: String, finding: LookupFinding) throws {
    #expect(
      Self.sample.provider().finding(
        of: HTTPResponse(status: status, body: Array(body.utf8)),
        for: try SandboxLookupTests.question()) == finding)
  }

  static let receipts: [(label: String, fields: String, reference: PartReference?)] = [
    ("ours", "&custom_string=\(reference)", PartReference(reference)),
    ("none", "", nil), ("empty", "&custom_string=", nil),
    ("somebody else's", "&custom_string=order-7", nil),
  ]
  @Test(arguments: receipts)
  func readsReferences(label: String, fields: String, reference: PartReference?) throws {
    let webhook = ProviderSample.Webhook(
      contentType: "application/x-www-form-urlencoded")
    for (code, status) in [("200", DeliveryStatus.sent), ("201", .delivered), ("301", .failed)] {
      let payload = "message_id=\(Self.id)&status_code=\(code)\(fields)"
      let events = try Self.sample.provider().events(
        in: Self.sample.request(webhook, payload: Array(payload.utf8)), now: ProviderSample.now)
      guard case .status(let report) = events.first else {
        _ = Issue.record("\(events)")
        return
      }
      #expect(report.reference == reference)
      #expect(report.status == status)
    }
  }
}
