import SluiceCore
import Testing

/// What a ledger promises of what was given up, and of its way back.
@Suite(.onEveryLedger)
struct DeadLetterLedgerTests {
  private let bench: LedgerBench
  private let start: Int64
  private let other = ChannelName("other")!

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  /// An inbound message that the platform refused at that time.
  @discardableResult
  private func refused(
    _ id: String, by channel: ChannelName? = nil, contact: Int = 1, at now: Int64
  ) throws -> MessageID {
    try bench.receive(id, from: bench.contact(contact), on: channel, at: now)
    let lease = try #require(try bench.lease(.inbound, at: now, on: channel).first)
    try bench.settle(lease, .reject(reason: "no", reportFailure: true), at: now)
    return lease.id
  }

  @Test("it says what it was, and why it was given up")
  func describes() throws {
    let lease = try bench.send("one", "two")
    try bench.settle(lease, .retry(at: start + 5))
    let again = try #require(try bench.lease(.outbound, at: start + 5).first)
    try bench.settle(again, .reject(reason: "Blocked.", reportFailure: true), at: start + 10)
    #expect(
      try bench.letters() == [
        DeadLetter(
          id: lease.id, channel: bench.channel, queue: .outbound, contact: bench.contact, part: 0,
          diedAt: start + 10, attempts: 2, reason: "Blocked.", httpStatus: 200,
          answer: "an answer")
      ])
  }

  @Test("they are found by all that is asked for, newest first")
  func filters() throws {
    let a = try refused("a", contact: 1, at: start)
    let b = try refused("b", contact: 2, at: start + 10)
    let c = try refused("c", by: other, contact: 1, at: start + 20)
    let send = try bench.send("one", to: bench.contact(1), at: start + 30)
    try bench.settle(send, .reject(reason: "no", reportFailure: true), at: start + 30)
    let d = send.id
    func ids(_ filter: DeadLetterFilter) throws -> [MessageID] {
      let letters = try bench.letters(filter)
      if let ledger = bench.ledger as? any InspectableLedger {
        #expect(try ledger.count(filter) == letters.count)
      }
      return letters.map(\.id)
    }
    #expect(try ids(DeadLetterFilter()) == [d, c, b, a])
    #expect(try ids(DeadLetterFilter(id: b)) == [b])
    #expect(try ids(DeadLetterFilter(id: MessageID(high: 1, low: 1))) == [])
    #expect(try ids(DeadLetterFilter(channel: other)) == [c])
    #expect(try ids(DeadLetterFilter(channel: bench.channel)) == [d, b, a])
    #expect(try ids(DeadLetterFilter(queue: .outbound)) == [d])
    #expect(try ids(DeadLetterFilter(queue: .inbound)) == [c, b, a])
    #expect(try ids(DeadLetterFilter(contact: bench.contact(1))) == [d, c, a])
    #expect(try ids(DeadLetterFilter(diedFrom: start + 10)) == [d, c, b])
    #expect(try ids(DeadLetterFilter(diedBefore: start + 10)) == [a])
    #expect(try ids(DeadLetterFilter(diedFrom: start + 10, diedBefore: start + 20)) == [b])
    #expect(
      try ids(DeadLetterFilter(channel: bench.channel, contact: bench.contact(1))) == [d, a])
    #expect(try bench.ledger.deadLetters(DeadLetterFilter(), limit: 2).map(\.id) == [d, c])
  }

  @Test("a replay queues them anew, oldest first, at the end of their lane")
  func replays() throws {
    for (number, id) in ["a", "b", "c"].enumerated() { try refused(id, at: start + Int64(number)) }
    try bench.receive("d", from: bench.contact(1), at: start + 10)
    #expect(try bench.ledger.replay(DeadLetterFilter(), limit: 2, now: start + 20) == 2)
    #expect(try bench.letters().count == 1)
    #expect(try bench.queued(.inbound) == 3)
    #expect(try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start + 20) == 1)
    #expect(try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start + 20) == 0)
    var texts: [String] = []
    while let lease = try bench.lease(.inbound, at: start + 20).first {
      #expect(lease.attempt == 1)
      texts.append(LedgerBench.text(lease))
      try bench.acknowledge(lease, at: start + 20)
    }
    #expect(texts == ["d", "a", "b", "c"])
    #expect(try bench.letters().isEmpty)
  }

  @Test("one, or those that match, and no others")
  func replaysSome() throws {
    let a = try refused("a", contact: 1, at: start)
    try refused("b", contact: 2, at: start)
    try refused("c", contact: 3, at: start)
    #expect(try bench.ledger.replay(DeadLetterFilter(id: a), limit: 9, now: start) == 1)
    #expect(
      try bench.ledger.replay(
        DeadLetterFilter(contact: bench.contact(2)), limit: 9, now: start) == 1)
    #expect(
      Set(try bench.lease(.inbound).map(LedgerBench.text)) == ["a", "b"])
    #expect(try bench.letters().map(\.contact) == [bench.contact(3)])
  }

  @Test("its age starts anew, and it may die once more")
  func diesAgain() throws {
    let id = try refused("a", at: start)
    _ = try bench.ledger.replay(DeadLetterFilter(id: id), limit: 9, now: start + 500)
    let lease = try #require(try bench.lease(.inbound, at: start + 500).first)
    #expect(lease.enqueuedAt == start + 500)
    try bench.settle(lease, .reject(reason: "again", reportFailure: true), at: start + 600)
    #expect(try bench.letters().map(\.reason) == ["again"])
    #expect(try bench.letters().map(\.diedAt) == [start + 600])
  }

  @Test("with a part in the middle goes the rest of its message, and what was sent does not")
  func replaysTheRest() throws {
    let first = try bench.send("1", "2", "3")
    try bench.acknowledge(first, "e1")
    let second = try #require(try bench.lease(.outbound).first)
    try bench.settle(second, .reject(reason: "no", reportFailure: true))
    #expect(try bench.queued(.outbound) == 0)
    #expect(try bench.statuses() == [.failed])
    #expect(
      try bench.ledger.replay(DeadLetterFilter(id: first.id), limit: 9, now: start + 10) == 1)
    var texts: [String] = []
    while let lease = try bench.lease(.outbound, at: start + 10).first {
      texts.append(LedgerBench.text(lease))
      try bench.acknowledge(lease, "r\(texts.count)", at: start + 10)
    }
    #expect(texts == ["2", "3"])
    // That it reached the phone after all is the truth.
    for id in ["e1", "r1", "r2"] { try bench.report(id, .delivered) }
    #expect(try bench.statuses(at: start + 90_000_000) == [.delivered])
  }

  @Test("a part that turned out to be sent is not sent again")
  func replaysNothingTwice() throws {
    let lease = try bench.send("1")
    try bench.settle(lease, .await(at: start))
    let unknown = try #require(try bench.lease(.outbound).first)
    try bench.settle(unknown, .reject(reason: "It is not known.", reportFailure: true))
    #expect(
      try bench.report("e1", .delivered, reference: bench.reference(lease))
        == WebhookReceipt(accepted: 1))
    _ = try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start + 10)
    #expect(try bench.lease(.outbound, at: start + 10).isEmpty)
    #expect(try bench.letters().isEmpty)
    #expect(try bench.statuses() == [.delivered])
  }

  /// A message of which it was given up to learn whether it was sent.
  private func unknown(_ parts: String...) throws -> Lease {
    guard case .queued(let lease?) = try bench.enqueue(parts, leasing: true).enqueued else {
      throw LedgerBench.Unexpected()
    }
    try bench.settle(lease, .await(at: start))
    let unknown = try #require(try bench.lease(.outbound).first)
    try bench.settle(unknown, .reject(reason: "It is not known.", reportFailure: true))
    return lease
  }

  @Test("what a late callback says was sent is not sent again, and what was not sent is")
  func believesALateReceipt() throws {
    let lease = try unknown("1", "2")
    try bench.report("e1", .sent, reference: bench.reference(lease))
    #expect(try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start + 10) == 1)
    let second = try #require(try bench.lease(.outbound, at: start + 10).first)
    #expect(LedgerBench.text(second) == "2")
    try bench.acknowledge(second, "e2", at: start + 10)
    for id in ["e1", "e2"] { try bench.report(id, .delivered, at: start + 20) }
    #expect(try bench.statuses() == [.delivered])
  }

  @Test("a late callback that says it was sent may be followed by one that says it failed")
  func believesALateFailure() throws {
    let lease = try unknown("1")
    try bench.report("e1", .sent, reference: bench.reference(lease))
    try bench.report("e1", .failed, reason: "Absent.")
    _ = try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start + 10)
    #expect(try bench.lease(.outbound, at: start + 10).map(LedgerBench.text) == ["1"])
  }

  @Test("the platform hears what became of a replayed message, but never of a step back")
  func reportsTheNewOutcome() throws {
    for isHeard in [true, false] {
      let bench = try LedgerBench()
      let lease = try bench.send("1")
      try bench.settle(lease, .reject(reason: "no", reportFailure: true))
      let later = start + 10_000
      if isHeard {
        let report = try #require(try bench.lease(.status, at: later).first)
        #expect(LedgerBench.status(report) == .failed)
        try bench.acknowledge(report, at: later)
      }
      _ = try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: later)
      #expect(try bench.lease(.status, at: later).isEmpty, "it has not failed any more")
      let again = try #require(try bench.lease(.outbound, at: later).first)
      try bench.settle(
        again, .acknowledge(Settlement.Receipt(externalID: "e1", reportsSent: true)), at: later)
      let reports = try bench.lease(.status, at: later + 60_000)
      #expect(reports.map(LedgerBench.status) == (isHeard ? [] : [.sent]))
      for report in reports { try bench.acknowledge(report, at: later + 60_000) }
      try bench.report("e1", .delivered, at: later + 70_000)
      #expect(try bench.statuses(at: later + 80_000) == [.delivered])
    }
  }

  @Test("a replayed message that fails once more is reported once more")
  func reportsTheNextFailure() throws {
    let lease = try bench.send("1")
    try bench.settle(lease, .reject(reason: "no", reportFailure: true))
    let report = try #require(try bench.lease(.status, at: start + 10_000).first)
    try bench.acknowledge(report, at: start + 10_000)
    _ = try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start + 20_000)
    let again = try #require(try bench.lease(.outbound, at: start + 20_000).first)
    try bench.settle(again, .reject(reason: "never", reportFailure: true), at: start + 20_000)
    let next = try #require(try bench.lease(.status, at: start + 30_000).first)
    guard case .report(.failed, let reason, _) = next.work else {
      _ = Issue.record("\(next.work)")
      return
    }
    #expect(reason == "never")
  }

  @Test("a dropped one is forgotten, and its message is left to retention")
  func drops() throws {
    for number in 0..<3 { try refused("\(number)", contact: number, at: start + Int64(number)) }
    #expect(
      try bench.ledger.drop(DeadLetterFilter(contact: bench.contact(0)), limit: 9) == 1)
    #expect(try bench.ledger.drop(DeadLetterFilter(), limit: 1) == 1)
    #expect(try bench.letters().map(\.contact) == [bench.contact(2)])
    #expect(try bench.ledger.replay(DeadLetterFilter(), limit: 9, now: start) == 1)
    #expect(try bench.receive("0") == WebhookReceipt(duplicates: 1))
  }
}
