import SluiceCore
import SluiceProviderSamples
import SluiceServices
import SluiceStore
import SluiceTesting
import Testing

/// A webhook of which only a part is understood, from its arrival to its replay.
struct MixedWebhookTests {
  private let bench: CarrierBench
  private let ledger: SQLiteLedger
  private let log = RecordedLog()

  init() throws {
    bench = try CarrierBench(log: log.logger)
    ledger = try #require(bench.ledger as? SQLiteLedger)
  }

  /// What the handler answers to a webhook of the sandbox's.
  private func deliver(_ body: String) throws -> Int {
    let service = WebhookService(
      context: bench.context,
      wake: WakeSender(stateDirectory: bench.settings.server.stateDirectory, clocks: bench.clocks),
      carrier: nil)
    let sample = try #require(ProviderSample.adapters.first { $0.name == "sandbox" })
    let proven = sample.request(
      try #require(sample.webhooks.first), payload: Array(body.utf8),
      secret: "sandbox-webhook-secret")
    let request = HTTPRequest(
      method: "POST", path: "/sms/inbound", channel: "sms", headers: proven.headers,
      body: proven.body)
    guard case .pending(let begin) = service.begin(request) else { return 0 }
    let isDone = CountingSemaphore()
    nonisolated(unsafe) var status = 0
    begin {
      if case .answered(let reply) = $0 { status = reply.response.status }
      isDone.signal()
    }
    isDone.wait()
    return status
  }

  private func quarantined() throws -> [StoredWebhook] {
    try ledger.quarantine(of: nil, after: 0, limit: 9)
  }

  private static func message(_ id: String, from: String) -> String {
    #"{"id":"\#(id)","type":"message","from":"\#(from)","text":"\#(id)"}"#
  }

  @Test("what is understood goes on its way, the rest is in quarantine, and the log tells")
  func keepsBoth() throws {
    let events = [Self.message("a", from: "+60100000001"), Self.message("b", from: "INFO DESK")]
    #expect(try deliver(#"{"events":[\#(events.joined(separator: ","))]}"#) == 200)
    #expect(try bench.queued(.inbound) == 1)
    #expect(try quarantined().count == 1)
    #expect(try quarantined().map(\.account) == [.main])
    #expect(log.text.contains("webhook not understood; it is in quarantine"))
    #expect(log.text.contains("understood=1"))
  }

  @Test("a replay takes in what can be read by now, once, and keeps what cannot")
  func replays() throws {
    let known = Self.message("a", from: "+60100000001")
    _ = try deliver(#"{"events":[\#(known),{"id":"b","type":"odd"}]}"#)
    // As an adapter of that time left it that understood nothing at all.
    _ = try ledger.record(
      WebhookRecord(
        channel: ChannelName("sms")!, receivedAt: bench.clocks.wall, contentType: nil,
        body: Array(
          #"{"events":[{"id":"c","type":"odd"},\#(Self.message("d", from: "+60100000002"))]}"#.utf8),
        events: [], problem: "odd"))
    let replay = QuarantineReplay(
      ledger, settings: bench.settings, clocks: bench.clocks, log: bench.context.log)
    for _ in 0..<2 {
      for webhook in try quarantined() {
        guard case .notUnderstood = try replay.replay(webhook) else {
          _ = Issue.record("it holds something odd")
          return
        }
      }
    }
    #expect(try quarantined().count == 2)
    #expect(try bench.queued(.inbound) == 2, "a, and d once")
  }
}
