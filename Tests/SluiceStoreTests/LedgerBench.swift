import SluiceCore
import SluiceTesting
import Testing

/// A fresh ledger for one test, and the steps that tests are made of. `start` is its first moment.
final class LedgerBench {
  let directory = TemporaryDirectory()
  let ledger: any Ledger
  let channel = ChannelName("sms")!
  let start: Int64 = 1_760_000_000_000
  let contact = try! ContactID("+60100000001")
  private var random = SplitMix64(seed: 1)
  private var webhooks = 0

  init() throws { ledger = try LedgerKind.current.open(directory.path) }

  struct Unexpected: Error {}

  func id() -> MessageID { MessageID(milliseconds: start, using: &random) }

  func contact(_ number: Int) throws -> ContactID { try ContactID("+6010\(1_000_000 + number)") }

  // MARK: Taking in

  func record(
    _ events: [WebhookEvent], on channel: ChannelName? = nil, at now: Int64? = nil,
    terms: IntakeTerms = .unbounded
  ) throws -> WebhookReceipt {
    webhooks += 1
    return try ledger.record(
      WebhookRecord(
        channel: channel ?? self.channel, receivedAt: now ?? start, contentType: nil,
        body: Array("\(webhooks)".utf8), events: events.map { ($0, id()) }, terms: terms))
  }

  /// A contact's message whose text is its external ID.
  @discardableResult
  func receive(
    _ id: String, from contact: ContactID? = nil, on channel: ChannelName? = nil,
    at now: Int64? = nil, terms: IntakeTerms = .unbounded
  ) throws -> WebhookReceipt {
    try record(
      [
        .message(
          InboundMessage(externalID: id, contact: contact ?? self.contact, content: .text(id)))
      ],
      on: channel, at: now, terms: terms)
  }

  /// A piece of a text from a contact; its external ID is "reference.number.total" unless it says
  /// otherwise.
  @discardableResult
  func receive(
    _ text: String, piece number: Int, of total: Int, reference: String = "7", id: String? = nil,
    from contact: ContactID? = nil, at now: Int64? = nil, joinWindow: Int64 = 60_000
  ) throws -> WebhookReceipt {
    try record(
      [
        .message(
          InboundMessage(
            externalID: id ?? "\(reference).\(number).\(total)", contact: contact ?? self.contact,
            content: .text(text),
            fragment: Fragment(reference: reference, number: number, total: total)))
      ], at: now,
      terms: IntakeTerms(maximumQueued: .max, repeatWindow: 0, joinWindow: joinWindow))
  }

  @discardableResult
  func echo(
    _ id: String, reference: PartReference? = nil, at now: Int64? = nil
  ) throws -> WebhookReceipt {
    try record(
      [
        .message(
          InboundMessage(
            externalID: id, contact: contact, content: .text(id), isEcho: true,
            reference: reference))
      ], at: now)
  }

  @discardableResult
  func report(
    _ externalID: String, _ status: DeliveryStatus, reason: String? = nil,
    reference: PartReference? = nil, at now: Int64? = nil
  ) throws -> WebhookReceipt {
    try record(
      [
        .status(
          StatusReport(
            externalID: externalID, status: status, reason: reason, reference: reference))
      ], at: now)
  }

  func enqueue(
    _ parts: [String], to contact: ContactID? = nil, on channel: ChannelName? = nil,
    at now: Int64? = nil, leasing: Bool = false, terms: IntakeTerms = .unbounded
  ) throws -> (id: MessageID, enqueued: Enqueued) {
    let id = id()
    let now = now ?? start
    return (
      id,
      try ledger.enqueue(
        OutboundMessage(
          id: id, channel: channel ?? self.channel, contact: contact ?? self.contact,
          content: .text(parts.joined()), parts: parts.map(MessagePart.text), createdAt: now,
          terms: terms),
        leasingFor: leasing ? LeaseTerms(now: now, until: now + 60_000) : nil)
    )
  }

  /// Queues a message and leases its first part, which is the only one in its lane.
  func send(
    _ parts: String..., to contact: ContactID? = nil, at now: Int64? = nil
  ) throws -> Lease {
    guard
      case .queued(let lease?) = try enqueue(parts, to: contact, at: now, leasing: true).enqueued
    else { throw Unexpected() }
    return lease
  }

  /// A message that the provider has taken, and calls `externalID`.
  @discardableResult
  func sent(_ externalID: String, checkAt: Int64? = nil, at now: Int64? = nil) throws -> Lease {
    let lease = try send("one", at: now)
    try settle(
      lease, .acknowledge(Settlement.Receipt(externalID: externalID, checkAt: checkAt)), at: now)
    return lease
  }

  func reference(_ lease: Lease) -> PartReference {
    PartReference(message: lease.id, part: lease.part)
  }

  // MARK: Carrying

  func lease(
    _ queue: Queue, at now: Int64? = nil, until: Int64? = nil, count: Int = 100, perCall: Int = 1,
    bulkShare: Int = 0, enqueuedBy: Int64? = nil, on channel: ChannelName? = nil
  ) throws -> [Lease] {
    let now = now ?? start
    return try ledger.exchange(
      Exchange(
        settlements: [],
        requests: [
          LeaseRequest(
            channel: channel ?? self.channel, queue: queue, count: count, bulkShare: bulkShare,
            perCall: perCall, enqueuedBy: enqueuedBy)
        ], terms: LeaseTerms(now: now, until: until ?? now + 60_000))
    ).leases
  }

  /// - Returns: Whether the lease was still the settler's.
  @discardableResult
  func settle(_ lease: Lease, _ fate: Settlement.Fate, at now: Int64? = nil) throws -> Bool {
    let now = now ?? start
    let attempt = AttemptRecord(
      startedAt: now, finishedAt: now, outcome: .accepted, httpStatus: 200, detail: "an answer")
    return try ledger.exchange(
      Exchange(
        settlements: [Settlement(lease: lease, fate: fate, attempt: attempt)], requests: [],
        terms: LeaseTerms(now: now, until: now + 60_000))
    ).fenced.isEmpty
  }

  @discardableResult
  func acknowledge(
    _ lease: Lease, _ externalID: String? = nil, at now: Int64? = nil
  ) throws -> Bool {
    try settle(lease, .acknowledge(Settlement.Receipt(externalID: externalID)), at: now)
  }

  /// The statuses that leave for the platform long after everything that happened.
  func statuses(at now: Int64? = nil) throws -> [DeliveryStatus] {
    try lease(.status, at: now ?? start + 3_600_000).map(Self.status)
  }

  /// How much waits in a queue.
  func queued(_ queue: Queue) throws -> Int {
    try ledger.backlog().first { $0.channel == channel && $0.queue == queue }?.queued ?? 0
  }

  func letters(_ filter: DeadLetterFilter = DeadLetterFilter()) throws -> [DeadLetter] {
    try ledger.deadLetters(filter, limit: 100)
  }

  static func text(_ lease: Lease) -> String { text(lease.work) }

  static func text(_ work: Work) -> String {
    switch work {
    case .send(.text(let text)): text
    case .post(let content, _, _, _):
      (try? JSONReader.read(content.bytes))?["text"]?.string ?? ""
    case .report(let status, _, _): "\(status)"
    case .check(let externalID): externalID
    case .send: ""
    }
  }

  static func status(_ lease: Lease) -> DeliveryStatus {
    guard case .report(let status, _, _) = lease.work else { return .queued }
    return status
  }
}

extension Ledger {
  /// One step of pruning, from the start.
  func prune(before: Int64, parkedBefore: Int64, limit: Int) throws(LedgerError) -> Pruned {
    try prune(
      PruneTerms(now: .max, before: before, parkedBefore: parkedBefore, limit: limit), from: .start)
  }
}
