import SluiceCore
import Testing

/// What a ledger promises of entries that leave in one call with the head of their lane.
@Suite(.onEveryLedger)
struct FollowerLedgerTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  private func texts(_ lease: Lease) -> [String] {
    [LedgerBench.text(lease)] + lease.followers.map { LedgerBench.text($0.work) }
  }

  /// Five messages of one contact, and the lease of the first three.
  private func three() throws -> Lease {
    for id in ["a", "b", "c", "d", "e"] { try bench.receive(id) }
    let leases = try bench.lease(.inbound, perCall: 3)
    let lease = try #require(leases.first)
    #expect(leases.count == 1)
    #expect(texts(lease) == ["a", "b", "c"])
    #expect(Set([lease.id] + lease.followers.map(\.id)).count == 3)
    return lease
  }

  @Test("an acknowledgement removes all of them, and the lane moves on behind them")
  func acknowledges() throws {
    let lease = try three()
    #expect(try bench.lease(.inbound, perCall: 3).isEmpty)
    try bench.acknowledge(lease)
    #expect(try bench.queued(.inbound) == 2)
    #expect(try bench.lease(.inbound, perCall: 3).map(texts) == [["d", "e"]])
  }

  @Test("whatever else comes of the call, the followers are given back, and nothing overtakes")
  func givesBack() throws {
    for fate: Settlement.Fate in [
      .retry(at: start + 10), .release(at: start + 10), .reject(reason: "no", reportFailure: true),
    ] {
      let bench = try LedgerBench()
      for id in ["a", "b", "c"] { try bench.receive(id) }
      let lease = try #require(try bench.lease(.inbound, perCall: 3).first)
      try bench.settle(lease, fate)
      var texts: [String] = []
      for _ in 0..<5 {
        for lease in try bench.lease(.inbound, at: start + 10) {
          texts.append(LedgerBench.text(lease))
          #expect(!lease.isTakenOver, "\(fate)")
          try bench.acknowledge(lease, at: start + 10)
        }
      }
      let isRejected = if case .reject = fate { true } else { false }
      #expect(texts == (isRejected ? ["b", "c"] : ["a", "b", "c"]))
      #expect(try bench.queued(.inbound) == 0)
      #expect(try bench.letters().count == (isRejected ? 1 : 0))
    }
  }

  @Test("what was tried before goes alone, what was given back untouched does not")
  func goesAlone() throws {
    let lease = try three()
    try bench.settle(lease, .release(at: start))
    let again = try #require(try bench.lease(.inbound, perCall: 3).first)
    #expect(texts(again) == ["a", "b", "c"])
    try bench.settle(again, .retry(at: start))
    let alone = try #require(try bench.lease(.inbound, perCall: 3).first)
    #expect(texts(alone) == ["a"])
    try bench.acknowledge(alone)
    #expect(try bench.lease(.inbound, perCall: 3).map(texts) == [["b", "c", "d"]])
  }

  @Test("a lease that ran out takes its followers along; nothing is lost or doubled")
  func runsOut() throws {
    let late = try three()
    let later = start + 60_000
    let heir = try #require(try bench.lease(.inbound, at: later, perCall: 3).first)
    #expect(texts(heir) == ["a"])
    #expect(try !bench.acknowledge(late, at: later), "the late one has lost it")
    #expect(try bench.queued(.inbound) == 5)
    try bench.acknowledge(heir, at: later)
    let next = try bench.lease(.inbound, at: later, perCall: 3)
    #expect(next.map(texts) == [["b", "c", "d"]])
    #expect(next.map(\.isTakenOver) == [false])
  }

  @Test("an echo never follows: it has to be looked at when its turn comes")
  func echoesGoAlone() throws {
    try bench.receive("a")
    try bench.echo("own")
    try bench.receive("b")
    for expected in [["a"], ["own", "b"]] {
      let lease = try #require(try bench.lease(.inbound, perCall: 5).first)
      #expect(texts(lease) == expected)
      try bench.acknowledge(lease)
    }
  }

  @Test("sends never go together")
  func sendsGoAlone() throws {
    for text in ["one", "two"] { _ = try bench.enqueue([text]) }
    #expect(try bench.lease(.outbound, perCall: 5).map(texts) == [["one"]])
  }

  @Test("a newer status, while one is under way as a follower, is told afterwards")
  func newerStatus() throws {
    for id in ["e1", "e2"] {
      try bench.sent(id)
      try bench.report(id, .delivered)
    }
    let later = start + 10_000
    let lease = try #require(try bench.lease(.status, at: later, perCall: 5).first)
    #expect(texts(lease) == ["delivered", "delivered"])
    try bench.report("e2", .read, at: later)
    try bench.acknowledge(lease, at: later)
    let next = try bench.lease(.status, at: later + 1_000, perCall: 5)
    #expect(next.map(texts) == [["read"]])
    #expect(next.map(\.id) == lease.followers.map(\.id))
  }

  @Test("a status that was given up after others does not make its followers' next one a double")
  func rejectedHead() throws {
    for id in ["e1", "e2"] {
      try bench.sent(id)
      try bench.report(id, .delivered)
    }
    let later = start + 10_000
    let lease = try #require(try bench.lease(.status, at: later, perCall: 5).first)
    try bench.settle(lease, .reject(reason: "too old", reportFailure: true), at: later)
    // The follower waits again, and takes the newest status along.
    try bench.report("e2", .read, at: later)
    #expect(try bench.queued(.status) == 1)
    #expect(try bench.lease(.status, at: later + 1_000, perCall: 5).map(texts) == [["read"]])
  }
}
