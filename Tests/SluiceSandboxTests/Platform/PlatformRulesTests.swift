import SluiceCore
import Testing

@testable import SluiceSandbox

struct PlatformRulesTests {
  static let rules = PlatformRules(channelID: "42", idType: .phoneNumber)

  static func message(_ message: JSON) -> JSON {
    envelope(["type": "message", "mId": "M1", "timestamp": .integer(Bench.now), "message": message])
  }

  static func timed(_ timestamp: JSON) -> JSON {
    envelope([
      "type": "message", "mId": "M1", "timestamp": timestamp,
      "message": ["type": "text", "text": "hello"],
    ])
  }

  static func from(_ contact: JSON) -> JSON {
    .object((envelope(textEvent("hello")).members ?? []) + [.init("contact", contact)])
  }

  static func file(_ members: [(String, JSON)]) -> JSON {
    message(["type": "attachment", "attachment": .object(members.map { JSON.Member($0.0, $0.1) })])
  }

  static let rows: [(label: String, body: JSON, broken: [Violation.Rule])] = [
    ("text", envelope(textEvent("hello")), []),
    ("echo", envelope(textEvent("hello", type: "message_echo")), []),
    ("status", envelope(statusEvent("delivered")), []),
    ("sent is a status", envelope(statusEvent("sent")), []),
    ("queued is ours alone", envelope(statusEvent("queued")), [.status]),
    ("no object", ["x"], [.json]),
    ("nothing in it", [:], [.missingMember, .missingMember, .missingMember]),
    (
      "other channel",
      ["channelId": "43", "contactId": "+60177872890", "events": [textEvent("hello")]],
      [.channelID]
    ),
    (
      "channelId a number",
      ["channelId": 42, "contactId": "+60177872890", "events": [textEvent("hello")]], [.channelID]
    ),
    (
      "unknown member",
      [
        "channelId": "42", "contactId": "+60177872890", "events": [textEvent("hello")], "extra": 1,
      ], [.unknownMember]
    ),
    ("contact with a space", envelope(textEvent("hello"), contact: "+60 177872890"), [.contactID]),
    ("contact without plus", envelope(textEvent("hello"), contact: "60177872890"), [.contactID]),
    ("no events", ["channelId": "42", "contactId": "+60177872890", "events": []], [.events]),
    (
      "two events",
      [
        "channelId": "42", "contactId": "+60177872890",
        "events": [textEvent("a"), textEvent("b", mID: "M2")],
      ], []
    ),
    ("unknown event", envelope(["type": "typing"]), [.eventType]),
    ("mId of 50", envelope(textEvent("hello", mID: String(repeating: "m", count: 50))), []),
    ("mId of 51", envelope(textEvent("hello", mID: String(repeating: "m", count: 51))), [.mID]),
    ("mId empty", envelope(textEvent("hello", mID: "")), [.mID]),
    ("timestamp in seconds", timed(.integer(Bench.now / 1_000)), [.timestamp]),
    ("timestamp a double", timed(.double(1.79e12)), [.timestamp]),
    ("timestamp a string", timed("1790000000000"), [.timestamp]),
    ("timestamp of an hour ago", timed(.integer(Bench.now - 3_600_000)), []),
    ("timestamp of tomorrow", timed(.integer(Bench.now + 86_400_000)), [.timestamp]),
    ("timestamp null", timed(.null), [.null]),
    ("text empty", message(["type": "text", "text": ""]), [.message]),
    (
      "text of 7000",
      message(["type": "text", "text": .string(String(repeating: "é", count: 7_000))]), []
    ),
    (
      "text of 7001",
      message(["type": "text", "text": .string(String(repeating: "é", count: 7_001))]),
      [.message]
    ),
    ("custom payload", message(["type": "custom_payload", "payload": [:]]), [.message]),
    ("message without type", message([:]), [.message]),
    (
      "message and status at once",
      envelope([
        "type": "message", "mId": "M1", "timestamp": .integer(Bench.now),
        "message": ["type": "text", "text": "hello"], "status": ["value": "sent"],
      ]), [.unknownMember]
    ),
    (
      "attachment",
      file([
        ("type", "image"), ("url", "https://example.com/a.jpg"), ("mimeType", "image/jpeg"),
        ("size", 7),
      ]), []
    ),
    ("attachment without url", file([("type", "image")]), [.missingMember]),
    ("data url", file([("type", "image"), ("url", "data:image/png;base64,AA")]), [.attachment]),
    ("relative url", file([("type", "image"), ("url", "/a.jpg")]), [.attachment]),
    ("url with a space", file([("type", "file"), ("url", "https://e.com/a b")]), [.attachment]),
    ("sticker", file([("type", "sticker"), ("url", "https://e.com/a")]), [.attachment]),
    (
      "file name null",
      file([("type", "file"), ("url", "https://e.com/a"), ("fileName", .null)]), [.null]
    ),
    ("location", message(["type": "location", "latitude": 3, "longitude": 101]), []),
    ("latitude 91", message(["type": "location", "latitude": 91, "longitude": 0]), [.location]),
    (
      "quick reply", message(["type": "quick_reply", "title": "Yes?", "replies": ["yes", "no"]]), []
    ),
    (
      "eleven replies",
      message([
        "type": "quick_reply", "title": "Which?", "replies": .array((0..<11).map { "\($0)" }),
      ]), [.quickReply]
    ),
    (
      "contact",
      from([
        "firstName": "Aisyah", "lastName": "Binti", "countryCode": "MY", "language": "ms",
        "phone": "+60177872890", "email": "a@example.com", "profilePic": "https://e.com/a",
      ]), []
    ),
    ("contact with null", from(["firstName": "Aisyah", "lastName": .null]), [.null]),
    ("contact null", from(.null), [.null]),
    ("country as three letters", from(["countryCode": "MYS"]), [.contact]),
    ("language in capitals", from(["language": "MS"]), [.contact]),
    ("contact with a nickname", from(["nick": "A"]), [.unknownMember]),
    (
      "reason empty",
      envelope([
        "type": "message_status", "mId": "M1", "timestamp": .integer(Bench.now),
        "status": ["value": "failed", "message": ""],
      ]), [.status]
    ),
  ]

  @Test(arguments: rows)
  func judges(label: String, body: JSON, broken: [Violation.Rule]) {
    let request = HTTPRequest(
      method: "POST", path: "", headers: ["content-type": "application/json"], body: body.bytes)
    #expect(Self.rules.read(request, now: Bench.now).violations.map(\.rule) == broken)
  }

  @Test func readsWhatAPersonSees() {
    let request = HTTPRequest(
      method: "POST", path: "", headers: ["content-type": "application/json; charset=utf-8"],
      body: Self.from(["firstName": "Aisyah"]).bytes)
    let reading = Self.rules.read(request, now: Bench.now)
    #expect(reading.contact == "+60177872890")
    #expect(reading.name == "Aisyah")
    #expect(
      reading.events == [
        PlatformEvent(
          mID: "M1", timestamp: Bench.now,
          content: .message(kind: "text", text: "hello", url: nil))
      ])
  }

  @Test func refusesOtherTypesAndBrokenJSON() {
    let form = HTTPRequest(method: "POST", path: "", body: Array("a=b".utf8))
    #expect(Self.rules.read(form, now: 0).violations.map(\.rule) == [.contentType])
    let broken = HTTPRequest(
      method: "POST", path: "", headers: ["content-type": "application/json"],
      body: Array(#"{"channelId":"42","channelId":"42"}"#.utf8))
    #expect(Self.rules.read(broken, now: 0).violations.map(\.rule) == [.json])
  }
}

struct StatusRulesTests {
  static let rows: [(current: DeliveryStatus?, next: DeliveryStatus, broken: Violation.Rule?)] = [
    (.queued, .sent, nil), (.queued, .read, nil), (.sent, .delivered, nil),
    (.delivered, .read, nil), (.sent, .failed, nil), (.failed, .delivered, nil),
    (.delivered, .sent, .backwardStatus), (.read, .delivered, .backwardStatus),
    (.delivered, .failed, .backwardStatus), (.failed, .sent, .backwardStatus),
    (nil, .delivered, .unknownStatus),
  ]

  @Test(arguments: rows)
  func judges(current: DeliveryStatus?, next: DeliveryStatus, broken: Violation.Rule?) {
    let decision = StatusRules.decide(next, mID: "M1", current: current, isAnswerAwaited: false)
    if case .violation(let violation) = decision {
      #expect(violation.rule == broken)
    } else {
      #expect(broken == nil)
      #expect(decision == .advance)
    }
  }

  @Test func knowsRepeatsAndAnswersOnTheirWay() {
    #expect(
      StatusRules.decide(.read, mID: "M1", current: .read, isAnswerAwaited: false) == .repeated)
    #expect(StatusRules.decide(.read, mID: "M1", current: nil, isAnswerAwaited: true) == .early)
  }
}
