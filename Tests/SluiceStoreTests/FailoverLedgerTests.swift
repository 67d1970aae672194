import SluiceCore
import Testing

/// Which account a ledger says an entry is for.
@Suite(.onEveryLedger)
struct FailoverLedgerTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  private func lease(for account: Account, at now: Int64? = nil) throws -> Lease? {
    let now = now ?? start
    return try bench.ledger.exchange(
      Exchange(
        settlements: [],
        requests: [
          LeaseRequest(channel: bench.channel, queue: .outbound, count: 1, account: account)
        ], terms: LeaseTerms(now: now, until: now + 60_000))
    ).leases.first
  }

  @Test("an entry goes to the account that its carrier says, each time anew")
  func followsTheCarrier() throws {
    _ = try bench.enqueue(["one"])
    for account in [Account.main, .fallback, .main, .fallback] {
      let lease = try #require(try lease(for: account))
      #expect(lease.account == account)
      #expect(!lease.isBound)
      try bench.settle(lease, .retry(at: start))
    }
  }

  @Test("what one account may have, no other gets", arguments: [Account.main, .fallback])
  func binds(account: Account) throws {
    let other: Account = account == .main ? .fallback : .main
    for fate: Settlement.Fate? in [.await(at: start), .repeat(at: start), nil] {
      let bench = try LedgerBench()
      _ = try bench.enqueue(["one"])
      let first = try #require(
        try FailoverLedgerTests(bench).lease(for: account))
      if let fate { try bench.settle(first, fate) }
      // Without a settlement the holder was killed, and the lease runs out.
      let later = fate == nil ? start + 60_000 : start
      let again = try #require(try FailoverLedgerTests(bench).lease(for: other, at: later))
      #expect(again.account == account, "\(String(describing: fate))")
      #expect(again.isBound)
      // Nor does it once it is known to be open again.
      try bench.settle(again, .retry(at: later), at: later)
      #expect(try FailoverLedgerTests(bench).lease(for: other, at: later)?.account == account)
    }
  }

  @Test("what the main account has refused is the fallback's")
  func failsOver() throws {
    _ = try bench.enqueue(["one"])
    let first = try #require(try lease(for: .main))
    try bench.settle(first, .failOver(at: start))
    let second = try #require(try lease(for: .main))
    #expect(second.account == .fallback)
    #expect(second.attempt == 2)
    #expect(second.id == first.id)
  }

  @Test("a question goes to the account that sent")
  func asksWhoSent() throws {
    for account in [Account.main, .fallback] {
      let bench = try LedgerBench()
      try bench.sent(account.qualified("e1"), checkAt: start)
      let check = try #require(try bench.lease(.check).first)
      #expect(check.account == account)
      #expect(check.work == .check(externalID: account.qualified("e1")))
    }
  }

  private init(_ bench: LedgerBench) {
    self.bench = bench
    start = bench.start
  }
}
