import SluiceCore
import Testing

/// What a ledger promises of channels that somebody has paused.
@Suite(.onEveryLedger)
struct PauseLedgerTests {
  private let bench: LedgerBench
  private let start: Int64
  private let toProvider: Pause
  private let toPlatform: Pause

  init() throws {
    bench = try LedgerBench()
    start = bench.start
    toProvider = Pause(channel: bench.channel, destination: .provider)
    toPlatform = Pause(channel: bench.channel, destination: .platform)
  }

  @Test("what is accepted meanwhile waits, is nobody's work, and goes on afterwards")
  func holds() throws {
    try bench.ledger.pause(toProvider)
    try bench.ledger.pause(toProvider)
    guard case .queued(nil) = try bench.enqueue(["one"], leasing: true).enqueued else {
      Issue.record("a first attempt was leased")
      return
    }
    #expect(try bench.lease(.outbound).isEmpty)
    #expect(try bench.queued(.outbound) == 1)
    let due = try bench.ledger.dueChannels(now: start)
    #expect(due.due.isEmpty)
    #expect(due.nextDue == nil, "nobody wakes up for it")
    #expect(try bench.ledger.resume(toProvider))
    #expect(try !bench.ledger.resume(toProvider))
    #expect(try bench.lease(.outbound).map(LedgerBench.text) == ["one"])
  }

  @Test("no next time is named for it, so that nobody asks in a circle")
  func namesNoTime() throws {
    try bench.receive("a")
    try bench.ledger.pause(toPlatform)
    let result = try bench.ledger.exchange(
      Exchange(
        settlements: [],
        requests: [
          LeaseRequest(channel: bench.channel, queue: .inbound, count: 9),
          LeaseRequest(channel: bench.channel, queue: .outbound, count: 9),
        ], terms: LeaseTerms(now: start, until: start + 1)))
    #expect(result.leases.isEmpty)
    #expect(result.nextDue == [nil, nil])
  }

  @Test("one direction of one channel, and nothing else")
  func isNarrow() throws {
    let other = try #require(ChannelName("other"))
    try bench.ledger.pause(toPlatform)
    try bench.receive("a")
    try bench.receive("b", on: other)
    try bench.sent("e1")
    try bench.report("e1", .delivered)
    #expect(try bench.lease(.inbound).isEmpty)
    #expect(try bench.statuses().isEmpty)
    #expect(try bench.lease(.inbound, on: other).map(LedgerBench.text) == ["b"])
    #expect(try bench.send("two").attempt == 1)
    #expect(
      try bench.ledger.dueChannels(now: start + 90_000).due.map(\.queue) == [.inbound, .outbound])
  }

  @Test("a call under way ends as it does, and the parts behind it wait")
  func endsCalls() throws {
    let first = try bench.send("1", "2")
    try bench.ledger.pause(toProvider)
    #expect(try bench.acknowledge(first, "e1"))
    #expect(try bench.lease(.outbound).isEmpty)
    _ = try bench.ledger.resume(toProvider)
    #expect(try bench.lease(.outbound).map(LedgerBench.text) == ["2"])
  }

  @Test("they are listed, and every process knows them")
  func lists() throws {
    let other = Pause(channel: try #require(ChannelName("other")), destination: .provider)
    for pause in [toProvider, other, toPlatform] { try bench.ledger.pause(pause) }
    let ledger = try LedgerKind.current.reopen(bench.ledger, bench.directory.path)
    #expect(try ledger.pauses() == [other, toPlatform, toProvider])
  }
}
