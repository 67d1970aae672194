import SluiceCore
import Testing

/// What a ledger promises of echoes: those of our own sends vanish, the business's own pass.
@Suite(.onEveryLedger)
struct EchoLedgerTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  private func posted(at now: Int64? = nil) throws -> [String] {
    try bench.lease(.inbound, at: now).map(LedgerBench.text)
  }

  @Test("the business's own pass, once")
  func own() throws {
    #expect(try bench.echo("own") == WebhookReceipt(accepted: 1))
    #expect(try bench.echo("own") == WebhookReceipt(duplicates: 1))
    let lease = try #require(try bench.lease(.inbound).first)
    guard case .post(_, isEcho: true, _, _) = lease.work else {
      _ = Issue.record("\(lease.work)")
      return
    }
  }

  @Test("an echo whose ID is known already is dropped at once")
  func knownBefore() throws {
    try bench.sent("e1")
    #expect(try bench.echo("e1") == WebhookReceipt(duplicates: 1))
    #expect(try bench.queued(.inbound) == 0)
  }

  @Test("an echo by reference is dropped even before the answer")
  func byReference() throws {
    let lease = try bench.send("one")
    #expect(
      try bench.echo("e1", reference: bench.reference(lease)) == WebhookReceipt(duplicates: 1))
    #expect(try bench.queued(.inbound) == 0)
    let foreign = PartReference(message: MessageID(high: 1, low: 1), part: 0)
    #expect(try bench.echo("e2", reference: foreign) == WebhookReceipt(accepted: 1))
  }

  @Test("an echo before the answer waits, vanishes with it, and what is behind it goes on")
  func beforeTheAnswer() throws {
    let lease = try bench.send("one")
    #expect(try bench.echo("e1") == WebhookReceipt(accepted: 1))
    try bench.receive("behind")
    #expect(try posted().isEmpty)
    #expect(try bench.queued(.inbound) == 2)
    try bench.acknowledge(lease, "e1", at: start + 50)
    // One look finds whose it is, the next one what was behind it.
    #expect(try posted(at: start + 50) == [])
    #expect(try posted(at: start + 50) == ["behind"])
    #expect(try bench.echo("e1") == WebhookReceipt(duplicates: 1))
  }

  @Test("an own echo that came while a send was under way passes as soon as the send is answered")
  func ownDuringSend() throws {
    let lease = try bench.send("one")
    try bench.echo("own")
    #expect(try posted().isEmpty)
    try bench.acknowledge(lease, "e1", at: start + 50)
    #expect(try posted(at: start + 50) == ["own"])
  }

  @Test("it passes, too, when the send is refused or only deferred, at the latest with its lease")
  func afterRefusal() throws {
    for fate: Settlement.Fate in [
      .reject(reason: "no", reportFailure: true), .retry(at: start + 90_000),
      .release(at: start + 90_000),
    ] {
      let bench = try LedgerBench()
      let lease = try bench.send("one")
      try bench.echo("own")
      #expect(try bench.lease(.inbound).isEmpty)
      try bench.settle(lease, fate, at: start + 50)
      #expect(
        try bench.lease(.inbound, at: start + 60_000).map(LedgerBench.text) == ["own"], "\(fate)")
    }
  }

  @Test("no echo waits for longer than two minutes, whatever is under way")
  func waitsNoLonger() throws {
    var lease = try bench.send("one")
    try bench.echo("own")
    var now = start
    while now < start + 119_000 {
      #expect(try posted(at: now).isEmpty)
      try bench.settle(lease, .await(at: now + 5_000), at: now)
      now += 5_000
      lease = try #require(try bench.lease(.outbound, at: now).first)
    }
    #expect(try posted(at: start + 120_000) == ["own"])
  }

  @Test("an echo of an unknown send vanishes when a callback tells whose it is")
  func unknownSend() throws {
    let lease = try bench.send("one")
    try bench.settle(lease, .await(at: start + 30_000))
    try bench.echo("e1")
    #expect(try posted().isEmpty)
    try bench.report("e1", .delivered, reference: bench.reference(lease), at: start + 100)
    #expect(try posted(at: start + 30_000).isEmpty)
    #expect(try bench.queued(.inbound) == 0)
  }
}
