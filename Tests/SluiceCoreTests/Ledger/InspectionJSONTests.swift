import SluiceCore
import Testing

/// What `sluice trace --json` prints: all that the ledger knows, and no secret.
struct InspectionJSONTests {
  private static let time: Int64 = 1_760_000_000_000
  private static let id = MessageID(high: 1 << 20, low: 7)

  private static func trace() throws -> MessageTrace {
    let channel = try #require(ChannelName("sms"))
    let contact = try ContactID("+60177872890")
    func attempt(_ queue: Queue, _ status: Int?, _ detail: String) -> TracedAttempt {
      TracedAttempt(
        queue: queue, part: 0,
        record: AttemptRecord(
          startedAt: time, finishedAt: time + 250,
          outcome: status == 200 ? .accepted : .deferred, httpStatus: status, detail: detail))
    }
    return MessageTrace(
      message: MessageSummary(
        row: 1, id: id, channel: channel, direction: .outbound, contact: contact, externalID: nil,
        createdAt: time, timestamp: time, status: .failed, statusSince: time, reason: "Blocked.",
        content: Array(#"{"type":"text","text":"hi"}"#.utf8)),
      profile: nil, reported: nil, webhook: nil, parts: [], waiting: [],
      attempts: [
        attempt(.outbound, 503, #"{"api_key":"hush"}"#), attempt(.outbound, nil, "timed out"),
        attempt(.status, 200, ""),
      ],
      callbacks: [
        TracedCallback(
          part: 0, status: .failed, receivedAt: time + 900, reason: "Asked for.", webhook: nil)
      ],
      deadLetters: [
        DeadLetter(
          id: id, channel: channel, queue: .outbound, contact: contact, part: 0,
          diedAt: time + 1_000, attempts: 2, reason: "Blocked.", httpStatus: nil,
          answer: "timed out")
      ])
  }

  @Test("each call stands in it with its number, times and answer")
  func hasAttempts() throws {
    let attempts = try #require(try Self.json()["attempts"]?.array)
    #expect(attempts.map { $0["queue"] } == ["outbound", "outbound", "status"])
    #expect(attempts.map { $0["number"] } == [1, 2, 1])
    #expect(attempts.map { $0["httpStatus"] } == [503, nil, 200])
    #expect(attempts.map { $0["outcome"] } == ["deferred", "deferred", "accepted"])
    #expect(
      attempts.map { $0["detail"] } == [#"{"api_key":"[redacted]"}"#, "timed out", nil])
    #expect(attempts[0]["started"] == "2025-10-09T08:53:20.000Z")
    #expect(attempts[0]["finished"] == "2025-10-09T08:53:20.250Z")
  }

  @Test("a status that no webhook brought, and what was given up, are not left out")
  func hasTheRest() throws {
    let json = try Self.json()
    #expect(
      json["callbacks"]?.array == [
        [
          "part": 0, "status": "failed", "at": "2025-10-09T08:53:20.900Z", "reason": "Asked for.",
        ]
      ])
    #expect(json["deadLetters"]?[0]?["reason"] == "Blocked.")
    #expect(json["deadLetters"]?[0]?["attempts"] == 2)
  }

  private static func json() throws -> JSON {
    let trace = try trace()
    return trace.json(TraceStory(trace, ChannelState(), now: time))
  }
}
