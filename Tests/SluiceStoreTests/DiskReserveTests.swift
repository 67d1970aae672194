import Glibc
import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

/// A full disk: new work is refused, and what was accepted is still settled.
struct DiskReserveTests {
  private let channel = ChannelName("sms")!
  private let start: Int64 = 1_760_000_000_000

  private func receive(_ number: Int, into ledger: SQLiteLedger) throws(LedgerError) {
    let contact = try! ContactID("+6010\(1_000_000 + number)")
    let text = String(repeating: "x", count: 6_000)
    let message = InboundMessage(externalID: "\(number)", contact: contact, content: .text(text))
    _ = try ledger.record(
      WebhookRecord(
        channel: channel, receivedAt: start, contentType: nil, body: [],
        events: [(.message(message), MessageID(high: 1, low: UInt64(number)))]))
  }

  @Test("the reserve is given up to settle what was accepted", .enabled(if: SmallDisk.isPossible))
  func settlesOnAFullDisk() throws {
    let disk = SmallDisk(kilobytes: 12_288)
    let ledger = try SQLiteLedger(
      directory: disk.path + "/state", policy: LedgerPolicy(reserveBytes: 3 << 20))
    let reserve = disk.path + "/state/ledger.reserve"
    #expect(access(reserve, F_OK) == 0)
    var accepted = 0
    var refusal: LedgerError?
    while refusal == nil, accepted < 5_000 {
      do throws(LedgerError) {
        try receive(accepted, into: ledger)
        accepted += 1
      } catch {
        refusal = error
      }
    }
    guard case .full = refusal else {
      _ = Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(accepted > 10)
    #expect(access(reserve, F_OK) == 0, "nobody who brings new work may use it")
    // Everything that was accepted is leased and settled, if nobody is in a hurry for more room.
    var settled = 0
    var settlements: [Settlement] = []
    repeat {
      let result = try ledger.exchange(
        Exchange(
          settlements: settlements,
          requests: [LeaseRequest(channel: channel, queue: .inbound, count: 20)],
          terms: LeaseTerms(now: start, until: start + 60_000)))
      #expect(result.fenced.isEmpty)
      settled += settlements.count
      settlements = result.leases.map {
        Settlement(lease: $0, fate: .acknowledge(Settlement.Receipt()), attempt: nil)
      }
    } while !settlements.isEmpty && access(reserve, F_OK) == 0
    #expect(access(reserve, F_OK) != 0, "it was needed")
    #expect(settled < accepted)
    #expect(throws: LedgerError.self) { try receive(accepted, into: ledger) }
    // With room again it is set aside again, and new work is taken.
    #expect(mount("tmpfs", disk.path, nil, UInt(MS_REMOUNT), "size=65536k") == 0)
    try ledger.maintain()
    #expect(access(reserve, F_OK) == 0)
    try receive(accepted, into: ledger)
  }
}
