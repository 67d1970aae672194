import SluiceCore
import SluiceServices
import Testing

struct TrialProgressTests {
  private static func trace(detail: String, reason: String) throws -> MessageTrace {
    let record = AttemptRecord(
      startedAt: 1, finishedAt: 3, outcome: .rejected, httpStatus: 400, detail: detail)
    return MessageTrace(
      message: MessageSummary(
        row: 1, id: MessageID(high: 1, low: 1), channel: ChannelName("sms")!, direction: .outbound,
        contact: try ContactID("+60123456789"), externalID: nil, createdAt: 1, timestamp: 1,
        status: .failed, statusSince: 2, reason: nil, content: []),
      profile: nil, reported: nil, webhook: nil, parts: [], waiting: [],
      attempts: [TracedAttempt(queue: .outbound, part: 0, record: record)],
      callbacks: [
        TracedCallback(part: 0, status: .failed, receivedAt: 2, reason: reason, webhook: nil)
      ], deadLetters: [])
  }

  /// What somebody tries out on a terminal, they may show to others.
  @Test func showsNoSecrets() throws {
    var progress = TrialProgress(secrets: [Secret("platform-token".utf8)])
    let lines = progress.news(
      of: try Self.trace(
        detail: #"{"error":"no platform-token","api_key":"key-4711"}"#,
        reason: "Authorization: Bearer abc\u{1B}[2J"))
    #expect(
      lines == [
        "outbound   the call answered 400 in 2 ms, rejected:"
          + #" {"error":"no [redacted]","api_key":"[redacted]"}"#,
        "status     failed: Authorization: [redacted] [2J",
      ])
  }
}
