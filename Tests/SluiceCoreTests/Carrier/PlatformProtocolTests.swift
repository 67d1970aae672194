import SluiceCore
import SluiceTesting
import Testing

struct PlatformProtocolTests {
  private func call(_ work: Work, followers: [Work] = []) throws -> HTTPCall {
    let lease = try SettlementPolicyTests.lease(work, .none)
      .with(
        followers.enumerated().map {
          Lease.Follower(
            entry: Int64($0.offset + 2), id: MessageID(high: 1, low: UInt64($0.offset + 3)),
            work: $0.element)
        })
    return PlatformProtocol.call(
      for: lease, channel: try SettlementPolicyTests.Traits.standard.channel())
  }

  private static let ids = ["2", "3", "4"].map { "0000000000000G00000000000\($0)" }

  private static func body(_ events: String, more: String = "") -> String {
    #"{"channelId":"123","contactId":"+60100000001","events":["# + events + "]\(more)}"
  }

  @Test func postsAMessage() throws {
    let profile = ContactProfile(firstName: "Ada", phone: "+60100000001").json
    let call = try call(
      .post(
        content: ["type": "text", "text": "Hi"], isEcho: false, timestamp: 7, profile: profile))
    #expect(call.method == "POST")
    #expect(call.url == "https://platform.example/sms")
    #expect(call.headers.map(\.name) == ["authorization", "content-type"])
    #expect(call.headers.map(\.value) == ["Bearer platform-token", "application/json"])
    #expect(
      String(decoding: call.body, as: UTF8.self)
        == Self.body(
          #"{"type":"message","mId":"\#(Self.ids[0])","timestamp":7,"#
            + #""message":{"type":"text","text":"Hi"}}"#,
          more: #","contact":{"firstName":"Ada","phone":"+60100000001"}"#))
  }

  @Test("several events of one contact, in their order, each with its own ID")
  func postsSeveral() throws {
    let call = try call(
      .report(.delivered, reason: "none of the platform's business", timestamp: 8),
      followers: [
        .report(.failed, reason: "Number is blocked.", timestamp: 9),
        .report(.failed, reason: nil, timestamp: 10),
      ])
    #expect(
      String(decoding: call.body, as: UTF8.self)
        == Self.body(
          #"{"type":"message_status","mId":"\#(Self.ids[0])","timestamp":8,"#
            + #""status":{"value":"delivered"}},"#
            + #"{"type":"message_status","mId":"\#(Self.ids[1])","timestamp":9,"#
            + #""status":{"value":"failed","message":"Number is blocked."}},"#
            + #"{"type":"message_status","mId":"\#(Self.ids[2])","timestamp":10,"#
            + #""status":{"value":"failed"}}"#))
  }

  @Test("a message that was stored goes as it was stored, an echo as an echo")
  func postsStoredBytes() throws {
    let stored = JSON.encoded(Array(#"{"type":"text","text":"\u00e9"}"#.utf8))
    let call = try call(
      .post(content: stored, isEcho: true, timestamp: 7, profile: nil),
      followers: [.post(content: stored, isEcho: false, timestamp: 8, profile: nil)])
    #expect(
      String(decoding: call.body, as: UTF8.self)
        == Self.body(
          #"{"type":"message_echo","mId":"\#(Self.ids[0])","timestamp":7,"#
            + #""message":{"type":"text","text":"\u00e9"}},"#
            + #"{"type":"message","mId":"\#(Self.ids[1])","timestamp":8,"#
            + #""message":{"type":"text","text":"\u00e9"}}"#))
  }

  static let outcomes: [(status: Int, after: String?, outcome: SendOutcome)] = [
    (200, nil, .accepted(externalID: nil)), (299, nil, .accepted(externalID: nil)),
    (301, nil, .rejected(reason: "the platform answered 301")),
    (401, nil, .rejected(reason: "the platform answered 401")),
    (404, nil, .rejected(reason: "the platform answered 404")),
    (408, nil, .deferred(reason: "the platform answered 408", after: nil)),
    (425, nil, .deferred(reason: "the platform answered 425", after: nil)),
    (429, "9", .throttled(reason: "the platform answered 429", after: 9)),
    (500, nil, .deferred(reason: "the platform answered 500", after: nil)),
    (503, "4", .deferred(reason: "the platform answered 503", after: 4)),
    (599, nil, .deferred(reason: "the platform answered 599", after: nil)),
  ]
  @Test(arguments: outcomes)
  func classifies(status: Int, after: String?, outcome: SendOutcome) {
    let response = HTTPResponse(status: status, headers: after.map { [("retry-after", $0)] } ?? [])
    #expect(PlatformProtocol.outcome(of: response) == outcome)
  }
}
