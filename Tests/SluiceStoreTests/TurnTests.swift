import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStore

struct TurnTests {
  @Test(
    "while another process keeps the turn, writes are refused after a while, and nothing of them is kept"
  )
  func refusesWhatWaitsTooLong() throws {
    let directory = TemporaryDirectory()
    let ledger = try SQLiteLedger(directory: directory.path, patience: 160)
    let other = open(directory.path + "/ledger.turn", O_RDWR | O_CLOEXEC)
    defer { close(other) }
    for round in 0..<2 {
      #expect(flock(other, LOCK_EX) == 0)
      #expect {
        _ = try ledger.record(webhook("held up"))
      } throws: { error in
        if case LedgerError.busy? = error as? LedgerError { true } else { false }
      }
      #expect(flock(other, LOCK_UN) == 0)
      _ = try ledger.record(webhook("in time"))
      let kept = try ledger.quarantine(of: nil, before: nil, limit: 10)
      #expect(kept.map { String(decoding: $0.body, as: UTF8.self) }.allSatisfy { $0 == "in time" })
      #expect(kept.count == round + 1)
    }
  }

  private func webhook(_ body: String) -> WebhookRecord {
    WebhookRecord(
      channel: ChannelName("sms")!, receivedAt: 1_760_000_000_000, contentType: nil,
      body: Array(body.utf8), events: [], problem: "not understood")
  }
}
