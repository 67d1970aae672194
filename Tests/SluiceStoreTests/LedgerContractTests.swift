import SluiceCore
import SluiceTesting
import Synchronization
import Testing

/// What every ledger promises. Each test gets a fresh one; `start` is its first moment.
@Suite(.onEveryLedger)
struct LedgerContractTests {
  private let directory = TemporaryDirectory()
  private let ledger: any Ledger
  private let channel = ChannelName("sms")!
  private let start: Int64 = 1_760_000_000_000

  init() throws { ledger = try LedgerKind.current.open(directory.path) }

  // MARK: Inbound

  @Test("a repeated external ID is dropped, within its channel only")
  func dropsDuplicates() throws {
    #expect(try receive("a") == WebhookReceipt(accepted: 1))
    #expect(try receive("a") == WebhookReceipt(duplicates: 1))
    #expect(try receive("a", on: ChannelName("other")!) == WebhookReceipt(accepted: 1))
    #expect(try lease(.inbound).count == 1)
  }

  @Test("writes that nobody waits for are done too, and each is told when it is kept")
  func recordsLater() throws {
    let receipts = Mutex<[WebhookReceipt]>([])
    let isDone = CountingSemaphore()
    for id in ["a", "b", "a", "c"] {
      ledger.record(try webhook(id, from: "+60100000001", on: channel)) { outcome in
        if case .success(let receipt) = outcome { receipts.withLock { $0.append(receipt) } }
        isDone.signal()
      }
    }
    for _ in 0..<4 { isDone.wait() }
    #expect(
      receipts.withLock { $0.map { $0.accepted + $0.duplicates + $0.unfiled } } == [1, 1, 1, 1])
    #expect(try lease(.inbound).map(text) == ["a"])
    #expect(try ledger.backlog().map(\.queued) == [3], "one was a repeat")
  }

  @Test("only the head of a lane is leased, in the order of acceptance")
  func keepsOrder() throws {
    for id in ["a", "b", "c"] { _ = try receive(id, from: "+60100000001") }
    _ = try receive("x", from: "+60100000002")
    let first = try lease(.inbound)
    #expect(Set(first.map(text)) == ["a", "x"])
    #expect(try lease(.inbound).isEmpty)
    let head = try #require(first.first { text($0) == "a" })
    #expect(try settle(head, .acknowledge(Settlement.Receipt())).map(text) == ["b"])
  }

  @Test("wall time that is stepped forward takes no lease from its holder, boot time does")
  func keepsLeases() throws {
    for id in ["a", "b"] { _ = try receive(id, from: "+60100000001") }
    let stepped = start + 100_000
    let first = try #require(try lease(.inbound, boot: 5_000).first)
    #expect(try lease(.inbound, at: stepped, boot: 6_000).isEmpty)
    #expect(try ledger.dueChannels(now: stepped).due.isEmpty)
    #expect(try ledger.dueChannels(now: stepped).nextDue == stepped + 59_000)
    #expect(try lease(.inbound, at: stepped + 58_999, boot: 64_999).isEmpty)
    let heir = try #require(try lease(.inbound, at: stepped + 59_000, boot: 65_000).first)
    #expect(heir.id == first.id && heir.isTakenOver)
  }

  @Test("the holder's result counts, after wall time was stepped forward")
  func keepsResults() throws {
    for id in ["a", "b"] { _ = try receive(id, from: "+60100000001") }
    let first = try #require(try lease(.inbound, boot: 5_000).first)
    #expect(try lease(.inbound, at: start + 100_000, boot: 6_000).isEmpty)
    let next = try settle(first, .acknowledge(Settlement.Receipt()), at: start + 100_000)
    #expect(next.map(text) == ["b"])
  }

  @Test("a lease of an earlier boot ends by wall time")
  func survivesReboots() throws {
    _ = try receive("a", from: "+60100000001")
    _ = try lease(.inbound, boot: 864_000_000)
    #expect(try lease(.inbound, at: start + 59_999, boot: 30_000).isEmpty)
    #expect(try lease(.inbound, at: start + 60_000, boot: 30_001).count == 1)
    // Soon after a boot the end of an earlier lease lies ahead.
    #expect(try lease(.inbound, at: start + 120_000, boot: 40_000, bootID: 1 << 60).count == 1)
    #expect(try lease(.inbound, at: start + 180_000, boot: 50_000, bootID: 1 << 60).isEmpty)
    #expect(try lease(.inbound, at: start + 180_000, boot: 50_000, bootID: 2 << 60).isEmpty)
    #expect(try lease(.inbound, at: start + 230_000, boot: 100_000, bootID: 2 << 60).count == 1)
  }

  @Test("a deferred head holds its own lane, and no other")
  func holdsLane() throws {
    for id in ["a", "b"] { _ = try receive(id, from: "+60100000001") }
    let head = try #require(try lease(.inbound).first)
    #expect(try settle(head, .retry(at: start + 5_000)).isEmpty)
    _ = try receive("x", from: "+60100000002")
    #expect(try lease(.inbound, at: start + 4_999).map(text) == ["x"])
    let again = try lease(.inbound, at: start + 5_000)
    #expect(again.map(text) == ["a"])
    #expect(again.map(\.attempt) == [2])
    #expect(again.map(\.isTakenOver) == [false])
  }

  @Test("a lease that runs out passes on, and its late result is refused")
  func fences() throws {
    _ = try receive("a")
    let late = try #require(try lease(.inbound, until: start + 1_000).first)
    #expect(try lease(.inbound, at: start + 999).isEmpty)
    let heir = try #require(try lease(.inbound, at: start + 1_000, until: start + 9_000).first)
    #expect(heir.isTakenOver)
    #expect(heir.token > late.token)
    let result = try ledger.exchange(
      Exchange(
        settlements: [
          Settlement(lease: late, fate: .acknowledge(Settlement.Receipt()), attempt: nil)
        ],
        requests: [], terms: LeaseTerms(now: start + 2_000, until: start + 3_000)))
    #expect(result.fenced.map(\.lease.token) == [late.token])
    #expect(try settle(heir, .acknowledge(Settlement.Receipt()), at: start + 2_000).isEmpty)
    #expect(try lease(.inbound, at: start + 100_000).isEmpty)
  }

  @Test("a release does not count as an attempt")
  func releases() throws {
    _ = try receive("a")
    for _ in 0..<3 {
      let lease = try #require(try lease(.inbound).first)
      #expect(lease.attempt == 1)
      _ = try settle(lease, .release(at: start), leasing: false)
    }
  }

  @Test("a rejected head becomes a dead letter, and its lane moves on")
  func rejects() throws {
    for id in ["a", "b"] { _ = try receive(id) }
    let head = try #require(try lease(.inbound).first)
    let next = try settle(head, .reject(reason: "no", reportFailure: true))
    #expect(next.map(text) == ["b"])
  }

  @Test("what was not understood is kept, and queues nothing")
  func quarantines() throws {
    let record = WebhookRecord(
      channel: channel, receivedAt: start, contentType: nil, body: [1, 2], events: [],
      problem: "odd")
    #expect(try ledger.record(record) == WebhookReceipt())
    #expect(try ledger.dueChannels(now: start).due.isEmpty)
  }

  @Test("what was understood in part is passed on, and kept, each time it comes")
  func quarantinesParts() throws {
    let understood = try webhook("a", from: "+60100000001", on: channel)
    let record = WebhookRecord(
      channel: channel, receivedAt: start, contentType: nil, body: [1, 2],
      events: understood.events, problem: "odd")
    #expect(try ledger.record(record) == WebhookReceipt(accepted: 1))
    #expect(try ledger.record(record) == WebhookReceipt(duplicates: 1))
    #expect(try lease(.inbound).map(text) == ["a"])
    #expect(try prune(before: start + 1, limit: 9) == 2, "both webhooks are there")
  }

  // MARK: Outbound

  @Test("a message is leased at once only if its lane is empty")
  func leasesFirstAttempt() throws {
    let first = try #require(try send("one"))
    #expect(first.work == .send(.text("one")))
    #expect(try send("two") == nil)
    #expect(
      try settle(first, .acknowledge(Settlement.Receipt(externalID: "e1"))).map(\.work) == [
        .send(.text("two"))
      ])
  }

  @Test("parts go in order, and the status is as far as the last of them")
  func foldsParts() throws {
    let first = try #require(try send("one", "two"))
    let second = try #require(
      try settle(first, .acknowledge(Settlement.Receipt(externalID: "e1"))).first)
    #expect(second.part == 1)
    #expect(try report("e1", .delivered) == WebhookReceipt(accepted: 1))
    #expect(try lease(.status, at: start + 10_000).isEmpty)
    _ = try settle(second, .acknowledge(Settlement.Receipt(externalID: "e2")), at: start)
    #expect(try report("e2", .delivered) == WebhookReceipt(accepted: 1))
    #expect(try statuses(at: start + 10_000) == [.delivered])
  }

  @Test("after a refused part the rest is not sent, and the platform hears of the failure once")
  func failsParts() throws {
    let first = try #require(try send("one", "two", "three"))
    #expect(try settle(first, .reject(reason: "bad number", reportFailure: true)).isEmpty)
    let lease = try #require(try lease(.status, at: start + 10_000).first)
    guard case .report(.failed, let reason, _) = lease.work else {
      Issue.record("not a failure: \(lease.work)")
      return
    }
    #expect(reason == "Part 1 of 3 failed: bad number")
    #expect(try self.lease(.outbound, at: start + 10_000).isEmpty)
  }

  @Test("a refusal that /message itself answers is not reported again")
  func failsSilently() throws {
    let first = try #require(try send("one"))
    _ = try settle(first, .reject(reason: "bad number", reportFailure: false))
    #expect(try lease(.status, at: start + 10_000).isEmpty)
  }

  // MARK: Statuses

  @Test("statuses only move forward")
  func movesForward() throws {
    try sendOne(externalID: "e1")
    #expect(try report("e1", .read) == WebhookReceipt(accepted: 1))
    #expect(try report("e1", .delivered) == WebhookReceipt(duplicates: 1))
    #expect(try report("e1", .failed) == WebhookReceipt(duplicates: 1))
    #expect(try report("e1", .read) == WebhookReceipt(duplicates: 1))
    #expect(try statuses(at: start + 10_000) == [.read])
  }

  @Test("a newer status takes the place of one that has not left")
  func coalesces() throws {
    try sendOne(externalID: "e1")
    _ = try report("e1", .delivered)
    _ = try report("e1", .read)
    let leases = try lease(.status, at: start + 10_000)
    #expect(leases.count == 1)
    #expect(leases.first.map(status) == .read)
  }

  @Test("a newer status follows one that is under way")
  func followsUp() throws {
    try sendOne(externalID: "e1")
    _ = try report("e1", .delivered)
    let first = try #require(try lease(.status, at: start + 10_000).first)
    #expect(status(first) == .delivered)
    _ = try report("e1", .read)
    let next = try settle(first, .acknowledge(Settlement.Receipt()), at: start + 10_000)
    #expect(next.map(status) == [.read])
  }

  @Test("a callback that overtakes the answer is parked, and matched when it comes")
  func parks() throws {
    let lease = try #require(try send("one"))
    #expect(try report("e1", .delivered) == WebhookReceipt(parked: 1))
    #expect(try report("e1", .delivered) == WebhookReceipt(duplicates: 1))
    _ = try settle(lease, .acknowledge(Settlement.Receipt(externalID: "e1")))
    #expect(try statuses(at: start + 10_000) == [.delivered])
  }

  @Test("a status leaves only after our answer with the mId can have arrived")
  func waitsForAnswer() throws {
    try sendOne(externalID: "e1")
    _ = try report("e1", .delivered)
    #expect(try lease(.status, at: start + 249).isEmpty)
    #expect(try lease(.status, at: start + 250).count == 1)
  }

  // MARK: Retention

  @Test("pruning spares what is queued, and never takes more than it may")
  func prunes() throws {
    for id in ["a", "b", "c", "d"] { _ = try receive(id, from: "+6010000000\(id.utf8.first!)") }
    for lease in try lease(.inbound, count: 3) {
      _ = try settle(lease, .acknowledge(Settlement.Receipt()), leasing: false)
    }
    #expect(try prune(before: start, limit: 100) == 0)
    // Two messages and two webhooks at a time; the fourth message is queued, and stays.
    #expect(try prune(before: start + 1, limit: 2) == 4)
    _ = try prune(before: start + 1, limit: 2)
    #expect(try prune(before: start + 1, limit: 2) == 0)
    #expect(try lease(.inbound).map(text) == ["d"])
  }

  @Test("what cannot go yet does not keep what is behind it, nor does what a wrong clock has made")
  func prunesBehindWhatStays() throws {
    let year: Int64 = 31_536_000_000
    for number in 0..<3 {
      _ = try receive("f\(number)", from: "+6010100000\(number)", at: start + year)
    }
    for id in ["a", "b", "c", "d"] { _ = try receive(id, from: "+6010000000\(id.utf8.first!)") }
    _ = try receive("young", from: "+60100000200", at: start + 50)
    for lease in try lease(.inbound, at: start + year, until: start + year + 60_000)
    where !["a", "b", "c"].contains(text(lease)) {
      _ = try settle(lease, .acknowledge(Settlement.Receipt()), at: start + year, leasing: false)
    }
    let terms = PruneTerms(now: start + 100, before: start + 1, parkedBefore: 0, limit: 2)
    var (deleted, mark) = (0, PruneMark?.some(.start))
    while let from = mark {
      let pruned = try ledger.prune(terms, from: from)
      #expect(pruned.deleted <= 4)
      deleted += pruned.deleted
      mark = pruned.next
    }
    #expect(deleted == 5, "a message and four webhooks")
    #expect(try ledger.backlog().map(\.queued) == [3])
  }

  // MARK: Many at once

  @Test("threads and processes together lose nothing and double nothing")
  func isConcurrent() throws {
    // Two ledgers on one directory stand for two processes: they share nothing but the file.
    let ledgers = [ledger, try LedgerKind.current.reopen(ledger, directory.path)]
    let failures = concurrently(threads: 8) { thread in
      for number in 0..<40 {
        // Each ID is recorded by two threads, one at each ledger.
        _ = try ledgers[thread % 2].record(
          webhook("m\(thread / 2)-\(number)", from: "+6010000\(1_000 + number)", on: channel))
      }
    }
    #expect(failures.isEmpty)
    var texts: [String] = []
    while case let leases = try lease(.inbound, count: 50), !leases.isEmpty {
      texts += leases.map(text)
      for lease in leases {
        _ = try settle(lease, .acknowledge(Settlement.Receipt()), leasing: false)
      }
    }
    #expect(texts.count == 160)
    #expect(Set(texts).count == 160)
  }

  @Test("what is due later than it can have been put off is due now")
  func hastens() throws {
    let hour: Int64 = 3_600_000
    for number in 1...4 { _ = try receive("a\(number)", from: "+6010000000\(number)") }
    let leases = try lease(.inbound).sorted { $0.key.id < $1.key.id }
    _ = try settle(leases[0], .retry(at: start + 2 * hour), leasing: false)
    _ = try settle(leases[1], .retry(at: start + 5_000), leasing: false)
    _ = try settle(leases[2], .await(at: start + 2 * hour), leasing: false)
    func hasten(at now: Int64, retry: Int64) throws -> Int {
      try ledger.hasten(
        LongestDelays(now: now, retry: retry, unknown: 24 * hour, lease: 60_000))
    }
    // As they may be: nothing changes.
    #expect(try hasten(at: start, retry: 2 * hour) == 0)
    #expect(try lease(.inbound).isEmpty)
    // Later than it can be; the lease and the others stay.
    #expect(try hasten(at: start, retry: hour) == 1)
    #expect(try lease(.inbound).map(text) == ["a1"])
    // Set back by three hours: all of them were queued in the future.
    let back = start - 3 * hour
    #expect(try hasten(at: back, retry: hour) == 4)
    #expect(try hasten(at: back, retry: hour) == 0)
    #expect(try Set(lease(.inbound, at: back).map(text)) == ["a2", "a3"])
    #expect(try lease(.inbound, at: back + 59_999).isEmpty)
    #expect(try Set(lease(.inbound, at: back + 60_000).map(text)) == ["a1", "a2", "a3", "a4"])
  }

  @Test("due channels are found by a skip over long queues")
  func findsDueChannels() throws {
    for number in 0..<50 { _ = try receive("a\(number)", from: "+6010000\(1_000 + number)") }
    _ = try receive("b", on: ChannelName("zulu")!)
    let found = try ledger.dueChannels(now: start)
    #expect(found.due.map(\.channel.description) == ["sms", "zulu"])
    #expect(try ledger.dueChannels(now: start - 1).due.isEmpty)
    #expect(try ledger.dueChannels(now: start - 1).nextDue == start)
  }
}

// MARK: Steps

extension LedgerContractTests {
  private func webhook(
    _ id: String, from contact: String, on channel: ChannelName, at now: Int64? = nil
  ) throws -> WebhookRecord {
    var random = SystemRandomNumberGenerator()
    let message = InboundMessage(
      externalID: id, contact: try ContactID(contact), content: .text(id))
    return WebhookRecord(
      channel: channel, receivedAt: now ?? start, contentType: "application/json",
      body: Array(id.utf8),
      events: [(.message(message), MessageID(milliseconds: start, using: &random))])
  }

  private func receive(
    _ id: String, from contact: String = "+60100000001", on channel: ChannelName? = nil,
    at now: Int64? = nil
  ) throws -> WebhookReceipt {
    try ledger.record(webhook(id, from: contact, on: channel ?? self.channel, at: now))
  }

  private func send(_ parts: String...) throws -> Lease? {
    var random = SystemRandomNumberGenerator()
    let enqueued = try ledger.enqueue(
      OutboundMessage(
        id: MessageID(milliseconds: start, using: &random), channel: channel,
        contact: try ContactID("+60100000001"), content: .text(parts.joined()),
        parts: parts.map(MessagePart.text), createdAt: start),
      leasingFor: LeaseTerms(now: start, until: start + 60_000))
    guard case .queued(let lease) = enqueued else { throw Unexpected() }
    return lease
  }

  private struct Unexpected: Error {}

  private func sendOne(externalID: String) throws {
    let lease = try #require(try send("one"))
    _ = try settle(lease, .acknowledge(Settlement.Receipt(externalID: externalID)))
  }

  private func report(_ externalID: String, _ status: DeliveryStatus) throws -> WebhookReceipt {
    var random = SystemRandomNumberGenerator()
    let event = WebhookEvent.status(StatusReport(externalID: externalID, status: status))
    return try ledger.record(
      WebhookRecord(
        channel: channel, receivedAt: start, contentType: nil, body: [],
        events: [(event, MessageID(milliseconds: start, using: &random))]))
  }

  private func lease(
    _ queue: Queue, at now: Int64? = nil, until: Int64? = nil, boot: Int64? = nil,
    bootID: UInt64 = 0, count: Int = 10
  ) throws -> [Lease] {
    let now = now ?? start
    return try ledger.exchange(
      Exchange(
        settlements: [], requests: [LeaseRequest(channel: channel, queue: queue, count: count)],
        terms: LeaseTerms(now: now, until: until ?? now + 60_000, boot: boot, bootID: bootID))
    ).leases
  }

  /// Settles, and leases what that made due in the same queue.
  private func settle(
    _ lease: Lease, _ fate: Settlement.Fate, at now: Int64? = nil, leasing: Bool = true
  ) throws -> [Lease] {
    let now = now ?? start
    let attempt = AttemptRecord(
      startedAt: now, finishedAt: now, outcome: .accepted, httpStatus: 200, detail: "")
    let result = try ledger.exchange(
      Exchange(
        settlements: [Settlement(lease: lease, fate: fate, attempt: attempt)],
        requests: leasing
          ? [LeaseRequest(channel: channel, queue: lease.queue, count: 10)] : [],
        terms: LeaseTerms(now: now, until: now + 60_000)))
    #expect(result.fenced.isEmpty)
    return result.leases
  }

  private func prune(before: Int64, limit: Int) throws -> Int {
    try ledger.prune(before: before, parkedBefore: before, limit: limit).deleted
  }

  private func statuses(at now: Int64) throws -> [DeliveryStatus] {
    try lease(.status, at: now).map(status)
  }

  private func text(_ lease: Lease) -> String {
    guard case .post(let content, _, _, _) = lease.work else { return "" }
    return (try? JSONReader.read(content.bytes))?["text"]?.string ?? ""
  }

  private func status(_ lease: Lease) -> DeliveryStatus {
    guard case .report(let status, _, _) = lease.work else { return .queued }
    return status
  }
}
