import SluiceCore
import Testing

/// What a ledger promises of parts of which it is not known whether they were sent, and of the
/// callbacks that tell.
@Suite(.onEveryLedger)
struct UnknownOutcomeLedgerTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  @Test("an unknown outcome keeps its lane until it is looked at again, and counts no attempt then")
  func keepsTheLane() throws {
    let head = try bench.send("one")
    _ = try bench.enqueue(["two"])
    try bench.settle(head, .await(at: start + 5_000))
    #expect(try bench.lease(.outbound, at: start + 4_999).isEmpty)
    // Operators see it.
    #expect(try bench.ledger.backlog().map { [$0.queued, $0.unknown] } == [[2, 1]])
    for round in 0..<3 {
      let now = start + 5_000 * Int64(round + 1)
      let again = try #require(try bench.lease(.outbound, at: now).first)
      #expect(LedgerBench.text(again) == "one")
      #expect(again.unknownSince == start, "the first time counts")
      #expect(again.attempt == 1)
      try bench.settle(again, .await(at: now + 5_000), at: now)
    }
  }

  @Test("a callback by reference ends the wait, and the lane moves on")
  func callbackEndsIt() throws {
    let head = try bench.send("one")
    _ = try bench.enqueue(["two"])
    try bench.settle(head, .await(at: start + 60_000))
    #expect(
      try bench.report("e1", .delivered, reference: bench.reference(head), at: start + 100)
        == WebhookReceipt(accepted: 1))
    #expect(try bench.lease(.outbound, at: start + 100).map(LedgerBench.text) == ["two"])
    #expect(try bench.statuses() == [.delivered])
    // The external ID is learnt by it.
    #expect(try bench.report("e1", .read, at: start + 200) == WebhookReceipt(accepted: 1))
  }

  @Test("so does one that says it failed, and the message has failed")
  func failureEndsIt() throws {
    let head = try bench.send("one")
    _ = try bench.enqueue(["two"])
    try bench.settle(head, .await(at: start + 60_000))
    try bench.report("e1", .failed, reason: "Absent.", reference: bench.reference(head))
    #expect(try bench.lease(.outbound).map(LedgerBench.text) == ["two"])
    #expect(try bench.statuses() == [.failed])
    #expect(try bench.letters().isEmpty)
  }

  @Test("where a part turns out to have failed, the rest of its message is not sent")
  func failureEndsTheRest() throws {
    for isAsked in [false, true] {
      let bench = try LedgerBench()
      let head = try bench.send("1", "2", "3")
      _ = try bench.enqueue(["next"])
      if isAsked {
        let receipt = Settlement.Receipt(externalID: "e1", status: .failed, reason: "Absent.")
        try bench.settle(head, .acknowledge(receipt))
      } else {
        try bench.settle(head, .await(at: start + 60_000))
        try bench.report("e1", .failed, reason: "Absent.", reference: bench.reference(head))
      }
      #expect(try bench.lease(.outbound).map(LedgerBench.text) == ["next"], "\(isAsked)")
      #expect(try bench.queued(.outbound) == 1)
      #expect(try bench.statuses() == [.failed])
    }
  }

  @Test("so it is where the part was sent, and what is under way ends as it does")
  func lateFailureEndsTheRest() throws {
    for fate: Settlement.Fate in [
      .acknowledge(Settlement.Receipt(externalID: "e2")), .retry(at: start), .repeat(at: start),
      .await(at: start), .reject(reason: "no", reportFailure: true),
    ] {
      let bench = try LedgerBench()
      let head = try bench.send("1", "2", "3")
      _ = try bench.enqueue(["next"])
      try bench.acknowledge(head, "e1")
      let second = try #require(try bench.lease(.outbound).first)
      try bench.report("e1", .failed, reason: "Absent.")
      #expect(try bench.lease(.outbound).isEmpty, "its lane is taken")
      #expect(try bench.settle(second, fate))
      #expect(try bench.lease(.outbound).map(LedgerBench.text) == ["next"], "\(fate)")
      #expect(try bench.queued(.outbound) == 1)
    }
    let waiting = try LedgerBench()
    try waiting.acknowledge(try waiting.send("1", "2", "3"), "e1")
    _ = try waiting.enqueue(["next"])
    try waiting.report("e1", .failed, reason: "Absent.")
    #expect(try waiting.lease(.outbound).map(LedgerBench.text) == ["next"])
  }

  @Test("a callback while the lease is held leaves it to its holder, whatever comes of it")
  func callbackUnderWay() throws {
    for fate: Settlement.Fate in [
      .await(at: start + 60_000), .retry(at: start), .release(at: start),
      .reject(reason: "not known", reportFailure: true), .acknowledge(Settlement.Receipt()),
    ] {
      let bench = try LedgerBench()
      let head = try bench.send("one")
      _ = try bench.enqueue(["two"])
      try bench.report("e1", .delivered, reference: bench.reference(head))
      #expect(try bench.lease(.outbound).isEmpty)
      #expect(try bench.settle(head, fate))
      #expect(try bench.lease(.outbound).map(LedgerBench.text) == ["two"], "\(fate)")
      #expect(try bench.letters().isEmpty, "\(fate)")
      #expect(try bench.statuses() == [.delivered], "\(fate)")
      #expect(try bench.queued(.outbound) == 1, "\(fate)")
    }
  }

  @Test("a part that is known as taken is not leased again when its lease runs out")
  func isNotLeasedAgain() throws {
    let head = try bench.send("one")
    _ = try bench.enqueue(["two"])
    try bench.report("e1", .sent, reference: bench.reference(head))
    let later = start + 60_000
    // The killed holder's entry goes when its turn comes, and the next has its turn after that.
    _ = try bench.lease(.outbound, at: later)
    #expect(try bench.queued(.outbound) == 1)
    #expect(try !bench.settle(head, .retry(at: later), at: later), "its lease is gone")
  }

  @Test("a retry makes it known again, a release does not")
  func retryClears() throws {
    let head = try bench.send("one")
    try bench.settle(head, .await(at: start))
    let unknown = try #require(try bench.lease(.outbound).first)
    try bench.settle(unknown, .release(at: start))
    let still = try #require(try bench.lease(.outbound).first)
    #expect(still.unknownSince == start)
    #expect(still.attempt == 1)
    try bench.settle(still, .retry(at: start))
    let known = try #require(try bench.lease(.outbound).first)
    #expect(known.unknownSince == nil)
    #expect(known.attempt == 2)
  }

  @Test("what was taken over from a killed carrier and given back is still taken over")
  func releaseKeepsTakenOver() throws {
    _ = try bench.send("one")
    let heir = try #require(try bench.lease(.outbound, at: start + 60_000).first)
    #expect(heir.isTakenOver && heir.attempt == 2)
    try bench.settle(heir, .release(at: start + 61_000), at: start + 60_000)
    #expect(try bench.lease(.outbound, at: start + 60_999).isEmpty)
    let again = try #require(try bench.lease(.outbound, at: start + 61_000).first)
    #expect(again.isTakenOver)
    #expect(again.attempt == 2)
    // Once somebody tells what became of it, it is an ordinary one.
    try bench.settle(again, .retry(at: start + 61_000), at: start + 61_000)
    let known = try #require(try bench.lease(.outbound, at: start + 61_000).first)
    #expect(!known.isTakenOver)
  }

  @Test("an answer that comes after a callback does not take the status back")
  func lateAnswer() throws {
    let head = try bench.send("one")
    try bench.report("e1", .delivered, reference: bench.reference(head))
    try bench.acknowledge(head, "e1")
    #expect(try bench.statuses() == [.delivered])
    #expect(try bench.report("e1", .delivered) == WebhookReceipt(duplicates: 1))
    #expect(try bench.report("e1", .read) == WebhookReceipt(accepted: 1))
  }

  @Test("an external ID learnt by reference brings the statuses along that were parked under it")
  func learnsParked() throws {
    let head = try bench.send("one")
    try bench.settle(head, .await(at: start + 60_000))
    #expect(try bench.report("e1", .delivered) == WebhookReceipt(parked: 1))
    try bench.report("e1", .sent, reference: bench.reference(head))
    #expect(try bench.statuses() == [.delivered])
    #expect(
      try bench.ledger.prune(before: 0, parkedBefore: .max, limit: 10).expired.isEmpty)
  }

  @Test("a reference to a part that has another ID, or to none of this channel, changes nothing")
  func foreignReferences() throws {
    let head = try bench.send("one")
    try bench.acknowledge(head, "e1")
    let reference = bench.reference(head)
    #expect(
      try bench.report("e2", .failed, reference: reference) == WebhookReceipt(duplicates: 1))
    let event = WebhookEvent.status(
      StatusReport(externalID: "e3", status: .failed, reference: reference))
    #expect(
      try bench.record([event], on: ChannelName("other")!) == WebhookReceipt(parked: 1))
    let part = PartReference(message: head.id, part: 7)
    #expect(try bench.report("e4", .failed, reference: part) == WebhookReceipt(parked: 1))
    #expect(try bench.statuses() == [])
  }

  // MARK: Checks

  @Test("what stays sent is asked about when its time has come")
  func checks() throws {
    try bench.sent("e1", checkAt: start + 1_000)
    #expect(try bench.lease(.check, at: start + 999).isEmpty)
    let check = try #require(try bench.lease(.check, at: start + 1_000).first)
    #expect(check.work == .check(externalID: "e1"))
    try bench.settle(
      check,
      .acknowledge(Settlement.Receipt(externalID: "e1", status: .failed, reason: "Absent.")))
    #expect(try bench.queued(.check) == 0)
    let lease = try #require(try bench.lease(.status, at: start + 10_000).first)
    guard case .report(.failed, "Absent.", _) = lease.work else {
      _ = Issue.record("\(lease.work)")
      return
    }
  }

  @Test("a question is dropped once a status has come")
  func dropsChecks() throws {
    try bench.sent("e1", checkAt: start + 1_000)
    try bench.report("e1", .delivered)
    #expect(try bench.lease(.check, at: start + 1_000).isEmpty)
    #expect(try bench.queued(.check) == 0)
  }

  @Test("a question that is given up leaves no dead letter")
  func checksLeaveNoLetter() throws {
    try bench.sent("e1", checkAt: start)
    let check = try #require(try bench.lease(.check).first)
    try bench.settle(check, .reject(reason: "never", reportFailure: true))
    #expect(try bench.letters().isEmpty)
    #expect(try bench.statuses() == [])
    #expect(try bench.queued(.check) == 0)
  }

  @Test("nothing is asked about a message that has no ID")
  func noCheckWithoutID() throws {
    let lease = try bench.send("one")
    try bench.settle(lease, .acknowledge(Settlement.Receipt(checkAt: start)))
    #expect(try bench.lease(.check).isEmpty)
  }

  @Test("a question behind another one of its contact waits for its own time")
  func checksWaitForTheirTime() throws {
    try bench.sent("e1", checkAt: start + 1_000)
    try bench.sent("e2", checkAt: start + 9_000, at: start + 100)
    let first = try #require(try bench.lease(.check, at: start + 1_000).first)
    try bench.acknowledge(first, at: start + 1_000)
    #expect(try bench.lease(.check, at: start + 8_999).isEmpty)
    #expect(
      try bench.lease(.check, at: start + 9_000).map(\.work) == [.check(externalID: "e2")])
  }

  @Test("a status behind another one of its contact waits until its mId is known")
  func statusesWaitForTheirTime() throws {
    try bench.sent("e1")
    try bench.report("e1", .delivered)
    let first = try #require(try bench.lease(.status, at: start + 1_000).first)
    try bench.sent("e2", at: start + 1_000)
    try bench.report("e2", .delivered, at: start + 1_010)
    try bench.acknowledge(first, at: start + 1_020)
    #expect(try bench.lease(.status, at: start + 1_249).isEmpty)
    #expect(try bench.lease(.status, at: start + 1_250).count == 1)
  }

  // MARK: Parked

  @Test("statuses that nobody asked for expire, and are named when they do")
  func expires() throws {
    try bench.report("e1", .sent)
    try bench.report("e1", .delivered, at: start + 10)
    #expect(
      try bench.ledger.prune(before: 0, parkedBefore: start, limit: 10).expired.isEmpty)
    let first = try bench.ledger.prune(before: 0, parkedBefore: start + 1, limit: 10)
    #expect(
      first.expired
        == [ParkedStatus(channel: bench.channel, externalID: "e1", status: .sent)])
    #expect(first.deleted == 1)
    #expect(
      try bench.ledger.prune(before: 0, parkedBefore: .max, limit: 10).expired.map(\.status)
        == [.delivered])
    let lease = try bench.send("one")
    try bench.acknowledge(lease, "e1")
    #expect(try bench.statuses() == [])
  }

  @Test("no more expire at once than may")
  func expiresSlowly() throws {
    for number in 0..<5 { try bench.report("e\(number)", .sent) }
    let counts = try (0..<4).map { _ in
      try bench.ledger.prune(before: 0, parkedBefore: .max, limit: 2).expired.count
    }
    #expect(counts == [2, 2, 1, 0])
  }
}
