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

  @Test("what was handed over to an account that is gone is the main one's again")
  func takesBack() throws {
    for isKilled in [false, true] {
      let bench = try LedgerBench()
      let first = try bench.send("one")
      try bench.settle(first, .failOver(at: start))
      if isKilled {
        #expect(try bench.lease(.outbound).map(\.account) == [.fallback])
      }
      let now = start + 60_000
      let lease = try bench.ledger.exchange(
        Exchange(
          settlements: [],
          requests: [
            LeaseRequest(channel: bench.channel, queue: .outbound, count: 1, hasFallback: false)
          ], terms: LeaseTerms(now: now, until: now + 60_000))
      ).leases.first
      // Unless the other one may have it.
      #expect(lease?.account == (isKilled ? .fallback : .main))
      #expect(lease?.isBound == isKilled)
    }
  }

  @Test("what the account that refused says afterwards does not fail what the other one sends")
  func ignoresTheOthersFailure() throws {
    let first = try bench.send("one")
    try bench.settle(first, .failOver(at: start))
    let reference = bench.reference(first)
    #expect(
      try bench.report("m1", .failed, reason: "No credit.", reference: reference)
        == WebhookReceipt(duplicates: 1))
    let second = try #require(try lease(for: .main))
    #expect(second.account == .fallback)
    #expect(
      try bench.report("m1", .failed, reason: "No credit.", reference: reference)
        == WebhookReceipt(duplicates: 1))
    try bench.settle(second, .await(at: start + 60_000))
    #expect(
      try bench.report(
        Account.fallback.qualified("f1"), .failed, reason: "Absent.", reference: reference)
        == WebhookReceipt(accepted: 1))
    #expect(try bench.statuses() == [.failed])
  }

  @Test("that it has been delivered is the truth, whoever says so")
  func believesTheOthersDelivery() throws {
    let first = try bench.send("one")
    try bench.settle(first, .failOver(at: start))
    try bench.report("m1", .delivered, reference: bench.reference(first))
    #expect(try lease(for: .main) == nil)
    #expect(try bench.statuses() == [.delivered])
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
