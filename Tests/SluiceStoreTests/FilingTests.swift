import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

/// What handlers accept is only appended; whoever looks at a queue files it first.
struct FilingTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  // MARK: Accepting, as handlers do

  private func waiting<Value: Sendable>(
    _ begin: (@escaping @Sendable (Result<Value, LedgerError>) -> Void) -> Void
  ) throws -> Value {
    let isDone = CountingSemaphore()
    nonisolated(unsafe) var outcome: Result<Value, LedgerError>?
    begin {
      outcome = $0
      isDone.signal()
    }
    isDone.wait()
    return try #require(outcome).get()
  }

  @discardableResult
  private func accept(
    _ events: [WebhookEvent], at now: Int64? = nil, terms: IntakeTerms = .unbounded,
    by ledger: (any Ledger)? = nil
  ) throws -> WebhookReceipt {
    let record = WebhookRecord(
      channel: bench.channel, receivedAt: now ?? start, contentType: "application/json",
      query: "a=b", body: Array("{}".utf8), events: events.map { ($0, bench.id()) }, terms: terms)
    return try waiting { (ledger ?? bench.ledger).record(record, then: $0) }
  }

  private func message(_ id: String, from contact: Int = 1) throws -> WebhookEvent {
    .message(
      InboundMessage(externalID: id, contact: try bench.contact(contact), content: .text(id)))
  }

  private func status(_ id: String, _ status: DeliveryStatus) -> WebhookEvent {
    .status(StatusReport(externalID: id, status: status, reason: nil))
  }

  @discardableResult
  private func acceptOutbound(
    _ parts: String..., to contact: Int = 1, leasing: Bool = false,
    terms: IntakeTerms = .unbounded
  ) throws -> Enqueued {
    let message = OutboundMessage(
      id: bench.id(), channel: bench.channel, contact: try bench.contact(contact),
      content: .text(parts.joined()), parts: parts.map(MessagePart.text), createdAt: start,
      terms: terms)
    if leasing {
      return try bench.ledger.enqueue(
        message, leasingFor: LeaseTerms(now: start, until: start + 60_000))
    }
    return try waiting { bench.ledger.enqueue(message, then: $0) }
  }

  // MARK: Tests

  @Test("what is accepted shows as unfiled, and is filed by the next exchange")
  func files() throws {
    #expect(try !bench.ledger.dueChannels(now: start).hasUnfiled)
    #expect(try accept([message("a")]) == WebhookReceipt(unfiled: 1))
    let due = try bench.ledger.dueChannels(now: start)
    #expect(due.hasUnfiled && due.due.isEmpty)
    #expect(try bench.queued(.inbound) == 1, "operators see it all the same")
    let result = try bench.ledger.exchange(
      Exchange(
        settlements: [], requests: [], terms: LeaseTerms(now: start, until: start + 60_000)))
    #expect(result.filed == [bench.channel] && !result.hasUnfiled)
    #expect(try !bench.ledger.dueChannels(now: start).hasUnfiled)
    #expect(try bench.lease(.inbound).map(LedgerBench.text) == ["a"])
  }

  @Test("a repeat is dropped when it is filed, whichever of the two was filed before")
  func dropsRepeats() throws {
    try accept([message("a")])
    try accept([message("a"), message("b", from: 2)])
    #expect(Set(try bench.lease(.inbound).map(LedgerBench.text)) == ["a", "b"])
    try accept([message("b", from: 2)])
    #expect(try bench.lease(.inbound).isEmpty)
    #expect(try bench.queued(.inbound) == 2)
    // The webhook that was a mere repeat is gone; the other two have their messages.
    for lease in try bench.lease(.inbound, at: start + 100_000) { try bench.acknowledge(lease) }
    #expect(
      try bench.ledger.prune(before: start + 1, parkedBefore: 0, limit: 100).deleted == 2 + 2)
  }

  @Test("what a process accepted before it died is there for the next")
  func survives() throws {
    try accept([message("a"), message("b")])
    try acceptOutbound("one", "two")
    let other = try SQLiteLedger(directory: bench.directory.path)
    let leases = try other.exchange(
      Exchange(
        settlements: [],
        requests: [.inbound, .outbound].map {
          LeaseRequest(channel: bench.channel, queue: $0, count: 10)
        }, terms: LeaseTerms(now: start, until: start + 60_000))
    ).leases
    #expect(leases.map(LedgerBench.text) == ["a", "one"])
  }

  @Test("order is that of acceptance, however it was accepted")
  func keepsOrder() throws {
    try acceptOutbound("1", "2")
    guard case .queued(nil) = try acceptOutbound("3", leasing: true) else {
      _ = Issue.record("something is before it in its lane")
      return
    }
    try acceptOutbound("4")
    guard case .queued(let other?) = try acceptOutbound("x", to: 2, leasing: true) else {
      _ = Issue.record("nothing is before it")
      return
    }
    #expect(LedgerBench.text(other) == "x")
    var texts: [String] = []
    while let lease = try bench.lease(.outbound).first {
      texts.append(LedgerBench.text(lease))
      try bench.acknowledge(lease)
    }
    #expect(texts == ["1", "2", "3", "4"])
  }

  @Test("a status that waits to be filed is there before whatever is settled after it")
  func filesStatuses() throws {
    let lease = try bench.send("one")
    try accept([status("ext", .delivered)])
    try bench.acknowledge(lease, "ext")
    try accept([status("ext", .read)])
    #expect(try bench.statuses() == [.read])
  }

  @Test("a webhook's events stay together, wherever a run of filing ends")
  func filesWebhooksWhole() throws {
    let events = 700
    for webhook in 0..<3 {
      try accept((0..<events).map { try message("\(webhook)-\($0)", from: $0) })
    }
    var runs = 0
    while try bench.ledger.dueChannels(now: start).hasUnfiled {
      _ = try bench.lease(.check)
      runs += 1
    }
    #expect(runs == 2, "two webhooks, then one")
    var seen = 0
    while case let leases = try bench.lease(.inbound), !leases.isEmpty {
      for lease in leases { try bench.acknowledge(lease) }
      seen += leases.count
    }
    #expect(seen == 3 * events)
    #expect(
      try bench.ledger.prune(before: start + 1, parkedBefore: 0, limit: 10_000).deleted
        == 3 * events + 3)
  }

  @Test("where much is unfiled, a message takes its place behind it instead of being sent at once")
  func doesNotJumpTheQueue() throws {
    for number in 0..<150 { try acceptOutbound("\(number)", to: number) }
    guard case .queued(nil) = try acceptOutbound("last", to: 1, leasing: true) else {
      _ = Issue.record("it was leased")
      return
    }
    #expect(try bench.lease(.outbound, count: 1_000).count == 150)
  }

  @Test("a limit counts what is unfiled, but not its repeats")
  func countsTheUnfiled() throws {
    let terms = IntakeTerms(maximumQueued: 2, repeatWindow: 0)
    for _ in 0..<3 {
      #expect(try !accept([message("a")], terms: terms).isRefused)
    }
    #expect(try !accept([message("b")], terms: terms).isRefused)
    #expect(try accept([message("c")], terms: terms).isRefused)
    #expect(try !accept([status("x", .delivered)], terms: terms).isRefused)
    guard case .queued = try acceptOutbound("1", terms: terms),
      case .full = try acceptOutbound("2", "3", terms: terms),
      case .queued = try acceptOutbound("2", terms: terms),
      case .full = try acceptOutbound("3", terms: terms)
    else {
      _ = Issue.record("two fit")
      return
    }
  }

  @Test("a repeat of a message that is unfiled is a repeat")
  func findsUnfiledRepeats() throws {
    let terms = IntakeTerms(maximumQueued: .max, repeatWindow: 10_000)
    for number in 0..<2_500 { try acceptOutbound("\(number)", to: number) }
    guard case .queued = try acceptOutbound("again", terms: terms),
      case .repeated = try acceptOutbound("again", terms: terms),
      case .repeated = try acceptOutbound("again", leasing: true, terms: terms)
    else {
      _ = Issue.record("it was taken twice")
      return
    }
  }

  @Test("what was accepted in a future that is none any more is brought back")
  func hastens() throws {
    try accept([message("a")], at: start + 3_600_000)
    let delays = LongestDelays(now: start, retry: 1_000, unknown: 1_000, lease: 1_000)
    #expect(try bench.ledger.hasten(delays) == 1)
    #expect(try bench.lease(.inbound).map(LedgerBench.text) == ["a"])
  }
}
