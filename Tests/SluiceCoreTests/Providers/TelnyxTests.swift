import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct TelnyxTests {
  static let sample = Telnyx.sample
  static let inbound = "84cca175-9755-4859-b67f-4730d7f58aa3"
  static let outbound = "40385f64-5717-4562-b3fc-2c963f66afa6"
  static let reference = PartReference("01K7WPKZ3N8XQ4T6VDAF2B9C5E.1")

  private static func provider(_ sender: String) -> any Provider {
    let settings = sample.settings.replacing(
      "from = \"+46710000002\"\ntype = \"mms\"", with: sender)
    return Self.sample.changed(settings: settings).provider()
  }

  private func events(
    _ body: String, provider: any Provider = Self.sample.provider()
  ) -> Result<[WebhookEvent], WebhookError> {
    Result { () throws(WebhookError) in
      try provider.events(
        in: Self.sample.request(Self.sample.webhooks[0], payload: Array(body.utf8)),
        now: ProviderSample.now)
    }
  }

  // MARK: - Signature

  /// The key of RFC 8032's form whose seed is the bytes 00 to 1F; computed with Python's
  /// `cryptography`, since Telnyx publishes no vector.
  static let vector = HTTPRequest(
    method: "POST", path: "/",
    headers: [
      "telnyx-timestamp": "1767225600",
      "telnyx-signature-ed25519":
        "MBlZyY3UfRovvcyIqFqKY2FiV7TBfmiOPFb6ijJJMgA4FsUtObkDeqlfhEPtXnajdTUPXVJRX7xtna/5fmG+BQ==",
    ],
    body: Array(
      (#"{"data":{"event_type":"message.received","id":"0ccc7b54-4df3-4bca-a65a-3da1ecc777f0","#
        + #""occurred_at":"2026-01-01T00:00:00.123+00:00","payload":{"direction":"inbound","#
        + #""from":{"phone_number":"+46700000001"},"id":"84cca175-9755-4859-b67f-4730d7f58aa3","#
        + #""media":[],"record_type":"message","text":"Hej","#
        + #""to":[{"phone_number":"+46710000002"}],"type":"SMS"},"record_type":"event"},"#
        + #""meta":{"attempt":1,"delivered_to":"https://hub.example.org/in/telnyx"}}"#).utf8))
  static let vectorKey = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

  static let times: [(label: String, now: Int64, isValid: Bool)] = [
    ("at once", 1_767_225_600_000, true),
    ("a millisecond short of 301 s", 1_767_225_900_999, true),
    ("too old", 1_767_225_901_000, false),
    ("our clock is slow", 1_767_225_300_000, true),
    ("from the future", 1_767_225_299_000, false),
    ("the end of time", .max, false),
  ]
  @Test(arguments: times)
  func agreesWithTheVector(label: String, now: Int64, isValid: Bool) throws {
    let signature = try #require(TelnyxSignature(publicKey: Self.vectorKey))
    #expect(signature.isValid(on: Self.vector, now: now) == isValid)
  }

  static let changes: [(label: String, header: String, value: String?)] = [
    ("no signature", "telnyx-signature-ed25519", nil),
    ("an empty one", "telnyx-signature-ed25519", ""),
    ("a short one", "telnyx-signature-ed25519", "MBlZyY3UfRovvcyIqFqKY2FiV7TBfmiOPFb6ijJJMgA="),
    ("no base64", "telnyx-signature-ed25519", "%"),
    ("no time", "telnyx-timestamp", nil),
    ("another time", "telnyx-timestamp", "1767225601"),
    ("the same time in other digits", "telnyx-timestamp", "01767225600"),
    ("a sign", "telnyx-timestamp", "+1767225600"),
    ("no number", "telnyx-timestamp", "now"),
    ("more than a clock has", "telnyx-timestamp", "99999999999999999999"),
  ]
  @Test(arguments: changes)
  func refusesOtherProofs(label: String, header: String, value: String?) throws {
    var headers = Self.vector.headers
    headers[header] = value
    let request = HTTPRequest(
      method: "POST", path: "/", headers: headers, body: Self.vector.body)
    let signature = try #require(TelnyxSignature(publicKey: Self.vectorKey))
    #expect(!signature.isValid(on: request, now: 1_767_225_600_000))
  }

  @Test func aChangedBodyIsNotAuthentic() throws {
    let signature = try #require(TelnyxSignature(publicKey: Self.vectorKey))
    for at in stride(from: 0, to: Self.vector.body.count, by: 13) {
      var body = Self.vector.body
      body[at] ^= 1
      let request = HTTPRequest(
        method: "POST", path: "/", headers: Self.vector.headers, body: body)
      #expect(!signature.isValid(on: request, now: 1_767_225_600_000))
    }
  }

  @Test func aKeyIs32Bytes() {
    for text in [
      "", "A6EH", Self.vectorKey + "AA", "not base64 at all, but 44 characters long !!!",
    ] {
      #expect(TelnyxSignature(publicKey: text) == nil)
    }
  }

  // MARK: - Fixtures

  private static func message(
    _ id: String, _ content: MessageContent, at timestamp: Int64?
  ) -> WebhookEvent {
    .message(
      InboundMessage(
        externalID: id, contact: try! ContactID("+46700000001"), content: content,
        timestamp: timestamp, profile: ContactProfile(phone: "+46700000001")))
  }

  private static func status(_ status: DeliveryStatus, _ reason: String? = nil) -> WebhookEvent {
    .status(
      StatusReport(externalID: outbound, status: status, reason: reason, reference: reference))
  }

  static let fixtures: [(fixture: String, events: [WebhookEvent])] = [
    ("sms", [message(inbound, .text("Hej"), at: 1_767_225_600_100)]),
    (
      "mms",
      [
        message(
          "95ddb286-a866-496a-8780-5841e8069bb4",
          .attachment(
            Attachment(
              kind: .image, url: "https://media.example/a/1.jpeg", mimeType: "image/jpeg",
              description: "Holiday\nLook 👍", size: 80_123)), at: 1_767_225_600_123),
        message(
          "95ddb286-a866-496a-8780-5841e8069bb4.1",
          .attachment(
            Attachment(
              kind: .file, url: "https://media.example/a/2.vcf", mimeType: "text/x-vcard")),
          at: 1_767_225_600_123),
      ]
    ),
    ("status-sent", [status(.sent)]),
    ("status-delivered", [status(.delivered)]),
    ("status-unconfirmed", [status(.sent)]),
    (
      "status-failed",
      [status(.failed, "The network refused the message without saying why (Telnyx code 40008).")]
    ),
  ]
  @Test(arguments: fixtures)
  func reads(fixture: String, events: [WebhookEvent]) throws {
    #expect(try self.events(Fixture.text("telnyx/\(fixture).json")).get() == events)
  }

  // MARK: - Webhooks

  static let statuses: [(word: String, status: DeliveryStatus?)] = [
    ("queued", .sent), ("sending", .sent), ("sent", .sent), ("delivered", .delivered),
    ("sending_failed", .failed), ("delivery_failed", .failed), ("expired", .failed),
    ("delivery_unconfirmed", .sent), ("webhook_delivered", nil), ("", nil),
  ]
  /// The event's name does not matter, and errors may be missing.
  @Test(arguments: statuses)
  func readsStatuses(word: String, status: DeliveryStatus?) throws {
    for event in ["message.sent", "message.finalized"] {
      let result = events(
        #"{"data":{"event_type":"\#(event)","payload":{"id":"\#(Self.outbound)","#
          + #""to":[{"status":"\#(word)"}]}}}"#)
      guard let status else {
        guard case .failure(.notUnderstood) = result else {
          _ = Issue.record("\(result)")
          continue
        }
        continue
      }
      let reason = "The message was not delivered: no reason given (Telnyx gives no code)."
      let report = StatusReport(
        externalID: Self.outbound, status: status, reason: status == .failed ? reason : nil)
      #expect(try result.get() == [.status(report)])
    }
  }

  @Test func otherProductsAreOfNoInterest() throws {
    #expect(try events(#"{"data":{"event_type":"call.hangup","payload":{}}}"#).get().isEmpty)
  }

  @Test func anEmptyMessageIsSeen() throws {
    let body = Fixture.text("telnyx/sms.json").replacing(#""Hej""#, with: #""""#)
    #expect(
      try events(body).get()
        == [Self.message(Self.inbound, .text("(empty message)"), at: 1_767_225_600_100)])
  }

  /// The key is the whole account's: what another channel was sent, and somebody repeats here, is not
  /// taken.
  static let addressees: [(label: String, sender: String, isTaken: Bool)] = [
    ("our number", #"from = "+46710000002""#, true),
    ("another number", #"from = "+46710000009""#, false),
    ("our profile", #"messaging_profile_id = "740572b6-099c-44a1-89b9-6c92163bc68d""#, true),
    ("another profile", #"messaging_profile_id = "740572b6-099c-44a1-89b9-6c92163bc68e""#, false),
    (
      "a name in our profile",
      "from = \"MyShop\"\nmessaging_profile_id = \"740572b6-099c-44a1-89b9-6c92163bc68d\"", true
    ),
    (
      "the number decides",
      "from = \"+46710000009\"\n"
        + "messaging_profile_id = \"740572b6-099c-44a1-89b9-6c92163bc68d\"", false
    ),
  ]
  @Test(arguments: addressees)
  func takesWhatIsForItsNumber(label: String, sender: String, isTaken: Bool) {
    let result = events(Fixture.text("telnyx/sms.json"), provider: Self.provider(sender))
    if case .failure(.notUnderstood) = result {
      #expect(!isTaken)
    } else {
      #expect(isTaken && (try? result.get().count) == 1)
    }
  }

  static let strange: [(label: String, change: @Sendable (String) -> String)] = [
    ("no JSON", { String($0.dropLast()) }),
    ("no payload", { $0.replacing("payload", with: "cargo") }),
    ("no type", { $0.replacing("event_type", with: "kind") }),
    ("no UUID", { $0.replacing(inbound, with: "../../v2/messages/4730d7f58aa3-24-10") }),
    ("from a short code", { $0.replacing("+46700000001", with: "72000") }),
    ("from a name", { $0.replacing("+46700000001", with: "MyBank") }),
    ("another kind", { $0.replacing(#""SMS""#, with: #""RCS""#) }),
    (
      "media without encryption",
      { $0.replacing("[],\"mess", with: #"[{"url":"http://a.b"}],"mess"#) }
    ),
    ("media without URL", { $0.replacing("[],\"mess", with: #"[{}],"mess"#) }),
  ]
  @Test(arguments: strange)
  func keepsWhatIsStrange(label: String, change: @Sendable (String) -> String) {
    let result = events(change(Fixture.text("telnyx/sms.json")))
    guard case .failure(.notUnderstood) = result else {
      _ = Issue.record("\(result)")
      return
    }
  }

  // MARK: - Sends

  static let sends: [(label: String, sender: String, part: MessagePart, members: JSON)] = [
    (
      "SMS", #"from = "+46710000002""#, .text("Hej"),
      ["from": "+46710000002", "to": "+46700000001", "text": "Hej"]
    ),
    (
      "a profile's pool", #"messaging_profile_id = "P1""#, .text("Hej"),
      ["messaging_profile_id": "P1", "to": "+46700000001", "text": "Hej"]
    ),
    (
      "MMS", "from = \"+46710000002\"\ntype = \"mms\"",
      .attachment(Attachment(kind: .image, url: "https://a.example/b", description: "Look")),
      [
        "from": "+46710000002", "to": "+46700000001", "text": "Look",
        "media_urls": ["https://a.example/b"],
      ]
    ),
    (
      "MMS without a caption", "from = \"+46710000002\"\ntype = \"mms\"",
      .attachment(Attachment(kind: .video, url: "https://a.example/b")),
      ["from": "+46710000002", "to": "+46700000001", "media_urls": ["https://a.example/b"]]
    ),
  ]
  @Test(arguments: sends)
  func writesJSON(label: String, sender: String, part: MessagePart, members: JSON) throws {
    let call = Self.provider(sender).call(
      sending: part, to: try ContactID("+46700000001"), reference: "REF.0", now: ProviderSample.now)
    #expect(call.method == "POST" && call.url == "https://api.telnyx.com/v2/messages")
    #expect(
      call.headers.map { "\($0.name): \($0.value)" } == [
        "authorization: Bearer KEY018f3vQ9xYw7bTzR5mJ2h", "content-type: application/json",
        "idempotency-key: REF:0",
      ])
    let rest: [JSON.Member] = [
      .init("tags", ["REF.0"]),
      .init("webhook_url", "https://sluice.example.com/sluice/demo/status"),
      .init("use_profile_webhooks", false),
    ]
    #expect(try JSONReader.read(call.body) == .object((members.members ?? []) + rest))
  }

  @Test func limitsComeFromTheType() {
    let text = PartLimits.Unit.utf16(maximum: 660)
    let sms = Self.provider(#"from = "+46710000002""#)
    #expect(sms.limits == PartLimits(text: text) && sms.defaultRate == 50)
    let mms = Self.sample.provider()
    #expect(mms.limits == PartLimits(text: text, media: .all(captions: text)))
    #expect(mms.defaultRate == 15 && !mms.isIdempotent)
  }

  /// However Telnyx counts a text, a part of ours is at most ten of its: here in 67 UTF-16 units
  /// each, surrogate pairs kept together.
  @Test func aFullPartIsTenOfTelnyx() {
    for text in ["a", "Ω", "`", "日", "👍", "a👍"] {
      let parts = Self.sample.provider().limits.parts(
        of: .text(String(repeating: text, count: 700)))
      for part in parts {
        var (count, room) = (0, 0)
        for scalar in part.plainText.unicodeScalars {
          let units = UTF16.width(scalar)
          if units > room { (count, room) = (count + 1, 67) }
          room -= units
        }
        #expect(count <= 10)
      }
    }
  }

  // MARK: - Answers

  static let outcomes: [(label: String, status: Int, body: String, outcome: SendOutcome)] = [
    ("taken", 200, Fixture.text("telnyx/send-queued.json"), .accepted(externalID: outbound)),
    ("no id", 200, "{}", .unknown(reason: "Telnyx's answer to the send has no id.")),
    (
      "opted out", 400, Fixture.text("telnyx/send-opted-out.json"),
      .rejected(
        reason: "The contact has opted out by STOP, and gets no messages until they send START"
          + " (Telnyx code 40300).")
    ),
    (
      "not let in", 401, Fixture.text("telnyx/send-unauthorized.json"),
      .accountRefused(
        reason: "Telnyx does not let us in. Ask your administrator to check the channel's api_key"
          + " (Telnyx code 10009).")
    ),
    (
      "a code that nobody explains", 422,
      #"{"errors":[{"code":"40333","title":"Messaging cap."}]}"#,
      .rejected(reason: "The message was not delivered: Messaging cap (Telnyx code 40333).")
    ),
    (
      "a code that is a number", 422, #"{"errors":[{"code":40302}]}"#,
      .rejected(
        reason: "The message has more than the ten parts that Telnyx takes (Telnyx code 40302).")
    ),
    (
      "no JSON", 404, "<html>",
      .accountRefused(
        reason: "Telnyx refused the request (HTTP 404). Ask your administrator to check the"
          + " channel's api_key and base_url.")
    ),
    (
      "a filter, for now", 400, #"{"errors":[{"code":"40002"}]}"#,
      .deferred(reason: "A filter took the message for unwanted (Telnyx code 40002).", after: nil)
    ),
    (
      "the queue is full", 400, #"{"errors":[{"code":"40318"}]}"#,
      .deferred(
        reason: "Telnyx takes no more messages of this sender for now (Telnyx code 40318).",
        after: nil)
    ),
    (
      "too many requests", 429, Fixture.text("telnyx/send-too-many-requests.json"),
      .throttled(
        reason: "Telnyx takes no more messages of this sender for now (Telnyx code 10011).",
        after: nil)
    ),
    (
      "too many requests, in words", 400, #"{"errors":[{"code":"40011"}]}"#,
      .throttled(
        reason: "Telnyx takes no more messages of this sender for now (Telnyx code 40011).",
        after: nil)
    ),
    (
      "too early", 425, "",
      .deferred(reason: "Telnyx asked for the request again (HTTP 425).", after: nil)
    ),
    (
      "too slow for them", 408, "",
      .deferred(reason: "Telnyx asked for the request again (HTTP 408).", after: nil)
    ),
    (
      "the same key is at work", 409, "",
      .unknown(reason: "Telnyx failed while taking the message (HTTP 409).")
    ),
    (
      "trouble of theirs", 500, #"{"errors":[{"code":"10007"}]}"#,
      .unknown(reason: "Telnyx failed while taking the message (HTTP 500).")
    ),
  ]
  @Test(arguments: outcomes)
  func classifies(label: String, status: Int, body: String, outcome: SendOutcome) {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    #expect(Self.sample.provider().outcome(of: response) == outcome)
  }

  // MARK: - Settings

  static let mistakes: [(label: String, settings: String, keys: [String?])] = [
    ("a key that is none", "public_key = \"A6EH\"", ["api_key", "public_key", "from"]),
    (
      "a name without a profile", "public_key = \"\(vectorKey)\"\nfrom = \"MyShop\"",
      ["api_key", "from"]
    ),
    ("an unknown type", "verify = \"none\"\nfrom = \"+1\"\ntype = \"rcs\"", ["api_key", "type"]),
  ]
  @Test(arguments: mistakes)
  func reportsMistakes(label: String, settings: String, keys: [String?]) throws {
    var reader = SettingsReader(try SettingsFile(path: "/nowhere/s.toml", text: settings))
    #expect(Telnyx(settings: &reader) == nil)
    reader.finish()
    #expect(reader.problems.map(\.key) == keys)
  }
}
