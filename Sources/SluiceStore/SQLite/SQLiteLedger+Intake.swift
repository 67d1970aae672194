import SluiceCore

// Accepting: what handlers take in is appended to the intake, in one place of one table. Everything
// that needs a look at what is there already (duplicates, lanes, statuses of parts) is done when it is
// filed, before anybody looks at a queue.

extension SQLiteLedger {
  package func record(
    _ webhook: WebhookRecord,
    then done: @escaping @Sendable (Result<WebhookReceipt, LedgerError>) -> Void
  ) {
    admit(recording(webhook), then: done)
  }

  package func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    let body = recording(webhook)
    let policy = policy
    return try waiting { done in
      admit(
        { connection throws(LedgerError) in
          _ = try Self.file(policy: policy, on: connection)
          let receipt = try body(connection)
          return receipt.isRefused
            ? receipt : try Self.file(policy: policy, on: connection).lastReceipt
        }, then: done)
    }
  }

  func recording(
    _ webhook: WebhookRecord
  ) -> (Connection) throws(LedgerError) -> WebhookReceipt {
    let rows = IntakeRow.rows(of: webhook)
    let messages = rows.count { $0.kind == .message || $0.kind == .echo }
    let policy = policy
    return { connection throws(LedgerError) in
      var receipt = WebhookReceipt()
      let queue = BacklogCounter.Key(channel: webhook.channel, queue: .inbound)
      // Statuses make room, if anything: they are always taken.
      if messages > 0,
        try !Self.hasRoom(
          for: messages, in: queue, limit: webhook.terms.maximumQueued, policy: policy,
          on: connection)
      {
        receipt.isRefused = true
        return receipt
      }
      for row in rows { try row.insert(on: connection) }
      receipt.unfiled = webhook.events.count
      return receipt
    }
  }

  package func enqueue(
    _ message: OutboundMessage,
    then done: @escaping @Sendable (Result<Enqueued, LedgerError>) -> Void
  ) {
    enqueue(message, leasingFor: nil, then: done)
  }

  package func enqueue(
    _ message: OutboundMessage, leasingFor terms: LeaseTerms?
  ) throws(LedgerError) -> Enqueued {
    try waiting { enqueue(message, leasingFor: terms, then: $0) }
  }

  private func enqueue(
    _ message: OutboundMessage, leasingFor terms: LeaseTerms?,
    then done: @escaping (Result<Enqueued, LedgerError>) -> Void
  ) {
    let rows = IntakeRow.rows(of: message)
    let queue = BacklogCounter.Key(channel: message.channel, queue: .outbound)
    let policy = policy
    admit { connection throws(LedgerError) -> Enqueued? in
      if message.terms.repeatWindow > 0 {
        // An earlier one may not be filed yet. A little at a time: others wait for this commit.
        guard try Self.file(atMost: Self.filedAtOnce, policy: policy, on: connection).isAll
        else { return nil }
        if let earlier = try Self.earlier(message, on: connection) { return .repeated(earlier) }
      }
      guard
        try Self.hasRoom(
          for: rows.count, in: queue, limit: message.terms.maximumQueued, policy: policy,
          on: connection)
      else { return .full }
      // What is to be sent at once has to know what is before it in its lane. Where much is not filed
      // yet, it takes its place behind that, and is a carrier's work.
      let isNext = try connection.backlog.unfiled(on: connection) <= Self.filedForOne
      for row in rows { try row.insert(on: connection) }
      guard isNext, let terms else { return .queued(nil) }
      _ = try Self.file(policy: policy, on: connection)
      return .queued(
        try Self.leaseFirstPart(of: message, terms: terms, policy: policy, on: connection))
    } then: { result in
      switch result {
      case .success(let enqueued?): done(.success(enqueued))
      case .success(nil): self.enqueue(message, leasingFor: terms, then: done)
      case .failure(let error): done(.failure(error))
      }
    }
  }

  /// - Returns: `nil` where something is before it in its lane, or the channel pauses.
  private static func leaseFirstPart(
    of message: OutboundMessage, terms: LeaseTerms, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) -> Lease? {
    guard try !isPaused(.outbound, of: message.channel, on: connection) else { return nil }
    let lane = Lane(channel: message.channel, queue: .outbound, contact: message.contact)
    let head = try connection.prepared(dueHead)
      .bind(1, lane.contact.rawValue).bind(2, message.id).first { $0.integer(0) }
    guard let head else { return nil }
    return try lease(
      EntryKey(lane: lane, id: head), terms: terms, policy: policy, on: connection)
  }

  /// The channel's latest message that says the same to the same contact, within the window.
  private static func earlier(
    _ message: OutboundMessage, on connection: Connection
  ) throws(LedgerError) -> MessageID? {
    let contact = ContactKey(channel: message.channel, contact: message.contact)
    return try connection.prepared(earlierMessage)
      .bind(1, contact.rawValue).bind(2, message.createdAt - message.terms.repeatWindow)
      .bind(3, message.content.json.text).bind(4, message.contact.description)
      .first { $0.messageID(0) }
  }

  /// Whether as many entries as that may be added to a queue. What is not filed yet counts as if all
  /// of it belonged there, unless it matters.
  private static func hasRoom(
    for entries: Int, in queue: BacklogCounter.Key, limit: Int, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) -> Bool {
    guard limit < .max else { return true }
    let room = limit - entries
    let unfiled = try connection.backlog.unfiled(on: connection)
    if try connection.backlog.queued(queue, on: connection) + unfiled <= room { return true }
    // Repeats among it may make no entries. Once in a transaction: many may ask.
    if connection.backlog.mayFile() {
      _ = try file(atMost: filedAtOnce, policy: policy, on: connection)
    }
    return try connection.backlog.queued(queue, on: connection)
      + unfiledEntries(of: queue, on: connection) <= room
  }

  private static func unfiledEntries(
    of queue: BacklogCounter.Key, on connection: Connection
  ) throws(LedgerError) -> Int {
    guard try connection.backlog.unfiled(on: connection) > 0 else { return 0 }
    return try connection.prepared(queue.queue == .outbound ? countOutbound : countInbound)
      .bind(1, queue.channel.description).first { Int($0.integer(0)) } ?? 0
  }

  /// Rows that one transaction of a handler or carrier files: some ten milliseconds' work.
  static let filedAtOnce = 1_000
  /// Rows that are filed for one message that is to be sent at once.
  private static let filedForOne = 100

  /// Only an entry that is its lane's head has a time.
  private static let dueHead = Query(
    """
    SELECT id FROM entry WHERE contact_key = ?1 AND queue = 0 AND due_ms IS NOT NULL
      AND message = (SELECT id FROM message WHERE mid = ?2) LIMIT 1
    """)
  /// Among the contact's last ones: a window is minutes long.
  private static let earlierMessage = Query(
    """
    SELECT mid FROM (SELECT mid, content, contact, status, created_ms FROM message
        WHERE contact_key = ?1 AND direction = 0 ORDER BY id DESC LIMIT 50)
      WHERE created_ms >= ?2 AND content = ?3 AND contact = ?4 AND status <> 4 LIMIT 1
    """)
  private static let countInbound = Query(
    "SELECT count(*) FROM intake WHERE channel = ? AND kind IN (1, 2)")
  private static let countOutbound = Query(
    "SELECT count(*) FROM intake WHERE channel = ? AND kind = 4")
}
