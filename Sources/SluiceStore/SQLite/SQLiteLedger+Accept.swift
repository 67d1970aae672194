import SluiceCore

// What the handlers write: webhooks and their events, and messages on their way out.

extension SQLiteLedger {
  package func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    try admitIntake()
    return try write(recording(webhook))
  }

  package func record(
    _ webhook: WebhookRecord,
    then done: @escaping @Sendable (Result<WebhookReceipt, LedgerError>) -> Void
  ) {
    do throws(LedgerError) { try admitIntake() } catch { return done(.failure(error)) }
    write(recording(webhook), then: done)
  }

  private func recording(
    _ webhook: WebhookRecord
  ) -> (Connection) throws(LedgerError) -> WebhookReceipt {
    // Whatever can be worked out beforehand is: the transaction is one thread's, and all wait for it.
    let events = webhook.events.map { PreparedEvent($0.event, id: $0.id, channel: webhook.channel) }
    let messages = events.count { if case .message = $0 { true } else { false } }
    let policy = policy
    return { connection throws(LedgerError) in
      var receipt = WebhookReceipt()
      let limit = webhook.terms.maximumQueued
      let inbound = BacklogCounter.Key(channel: webhook.channel, queue: .inbound)
      // Statuses make room, if anything: they are always taken.
      if limit < .max, messages > 0,
        try connection.backlog.queued(inbound, on: connection) + messages > limit
      {
        receipt.isRefused = true
        return receipt
      }
      try connection.prepared(Self.insertWebhook)
        .bind(1, webhook.channel.description).bind(2, webhook.receivedAt)
        .bind(3, webhook.contentType).bind(4, webhook.query.isEmpty ? nil : webhook.query)
        .bind(5, webhook.body).bind(6, webhook.problem).run()
      let row = connection.lastInsertID
      for event in events {
        switch event {
        case .message(let message):
          if try Self.insert(message, from: webhook, row: row, on: connection) {
            receipt.accepted += 1
          } else {
            receipt.duplicates += 1
          }
        case .status(let report, let key):
          switch try Self.apply(
            report, key: key, channel: webhook.channel, now: webhook.receivedAt, policy: policy,
            on: connection)
          {
          case .changed: receipt.accepted += 1
          case .unchanged: receipt.duplicates += 1
          case .parked: receipt.parked += 1
          }
        }
      }
      // A mere repeat leaves nothing behind: a provider that keeps repeating must not fill the disk.
      if receipt.duplicates > 0 && receipt.duplicates == webhook.events.count {
        try connection.prepared(Self.deleteWebhook).bind(1, row).run()
      }
      return receipt
    }
  }

  private enum PreparedEvent {
    case message(PreparedMessage)
    case status(StatusReport, ExternalKey)

    init(_ event: WebhookEvent, id: MessageID, channel: ChannelName) {
      switch event {
      case .status(let report):
        self = .status(report, ExternalKey(channel: channel, externalID: report.externalID))
      case .message(let message):
        self = .message(
          PreparedMessage(
            message: message, id: id, content: message.content.json.text,
            profile: message.profile?.json.text,
            contact: ContactKey(channel: channel, contact: message.contact),
            key: ExternalKey(channel: channel, externalID: message.externalID)))
      }
    }
  }

  private struct PreparedMessage {
    let message: InboundMessage
    let id: MessageID
    let content: String
    let profile: String?
    let contact: ContactKey
    let key: ExternalKey
  }

  /// - Returns: `false` if the channel has that message already.
  private static func insert(
    _ prepared: PreparedMessage, from webhook: WebhookRecord, row: Int64,
    on connection: Connection
  ) throws(LedgerError) -> Bool {
    let message = prepared.message
    if message.isEcho, try isOurs(message, key: prepared.key, on: connection) { return false }
    if try !insert(prepared, key: prepared.key, from: webhook, row: row, on: connection) {
      if try isKnown(message.externalID, key: prepared.key, on: connection) { return false }
      // Another ID with the same digest: rare enough to do without the index.
      _ = try insert(prepared, key: nil, from: webhook, row: row, on: connection)
    }
    try enqueue(
      Lane(contact: prepared.contact, queue: .inbound), message: connection.lastInsertID, part: 0,
      channel: webhook.channel, rank: 0, now: webhook.receivedAt, on: connection)
    if !message.isEcho { try preferReplies(to: prepared.contact, on: connection) }
    return true
  }

  private static func insert(
    _ prepared: PreparedMessage, key: ExternalKey?, from webhook: WebhookRecord, row: Int64,
    on connection: Connection
  ) throws(LedgerError) -> Bool {
    let message = prepared.message
    try connection.prepared(insertInbound)
      .bind(1, prepared.id).bind(2, webhook.channel.description).bind(3, message.isEcho ? 2 : 1)
      .bind(4, message.contact.description).bind(5, prepared.contact.rawValue)
      .bind(6, message.externalID).bind(7, key?.rawValue)
      .bind(8, webhook.receivedAt).bind(9, message.timestamp ?? webhook.receivedAt)
      .bind(10, prepared.content).bind(11, prepared.profile).bind(12, row).run()
    return connection.changes > 0
  }

  private static func isKnown(
    _ externalID: String, key: ExternalKey, on connection: Connection
  ) throws(LedgerError) -> Bool {
    try connection.prepared(externalIDByKey).bind(1, key.rawValue).first { $0.text(0) }
      == externalID
  }

  /// Whether an echo is of a message that came through us.
  private static func isOurs(
    _ echo: InboundMessage, key: ExternalKey, on connection: Connection
  ) throws(LedgerError) -> Bool {
    if let reference = echo.reference,
      try connection.prepared(messageByID).bind(1, reference.message).hasRow()
    {
      return true
    }
    return try part(externalID: echo.externalID, key: key, on: connection) != nil
  }

  /// Puts an entry at the end of its lane; due at once if the lane is empty, otherwise when what is
  /// before it is done.
  /// - Parameter dueAt: Before which it is not due in either case.
  static func enqueue(
    _ lane: Lane, message: Int64, part: Int, channel: ChannelName, rank: Int, now: Int64,
    dueAt: Int64? = nil, on connection: Connection
  ) throws(LedgerError) {
    let isHead = try !connection.prepared(laneIsOccupied)
      .bind(1, lane.contact.rawValue).bind(2, lane.queue.rawValue).hasRow()
    try insertEntry(
      lane, message: message, part: part, channel: channel, rank: rank,
      dueAt: isHead ? dueAt ?? now : nil, earliest: dueAt ?? 0, now: now, on: connection)
  }

  private static func insertEntry(
    _ lane: Lane, message: Int64, part: Int, channel: ChannelName, rank: Int, dueAt: Int64?,
    earliest: Int64 = 0, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(insertEntry)
      .bind(1, lane.contact.rawValue).bind(2, lane.queue.rawValue).bind(3, message).bind(4, part)
      .bind(5, channel.description).bind(6, rank).bind(7, dueAt).bind(8, now)
      .bind(9, earliest).run()
    try connection.backlog.add(
      1, to: BacklogCounter.Key(channel: channel, queue: lane.queue), on: connection)
  }

  package func enqueue(
    _ message: OutboundMessage, leasingFor terms: LeaseTerms?
  ) throws(LedgerError) -> Enqueued {
    try admitIntake()
    return try write(enqueuing(message, leasingFor: terms))
  }

  package func enqueue(
    _ message: OutboundMessage,
    then done: @escaping @Sendable (Result<Enqueued, LedgerError>) -> Void
  ) {
    do throws(LedgerError) { try admitIntake() } catch { return done(.failure(error)) }
    write(enqueuing(message, leasingFor: nil), then: done)
  }

  private func enqueuing(
    _ message: OutboundMessage, leasingFor terms: LeaseTerms?
  ) -> (Connection) throws(LedgerError) -> Enqueued {
    let content = message.content.json.text
    let parts = message.parts.map(\.json.text)
    let lane = Lane(channel: message.channel, queue: .outbound, contact: message.contact)
    let policy = policy
    return { connection throws(LedgerError) in
      if message.terms.repeatWindow > 0,
        let earlier = try connection.prepared(Self.earlierMessage)
          .bind(1, lane.contact.rawValue).bind(2, message.createdAt - message.terms.repeatWindow)
          .bind(3, content).bind(4, message.contact.description).first({ $0.messageID(0) })
      {
        return .repeated(earlier)
      }
      let limit = message.terms.maximumQueued
      let key = BacklogCounter.Key(channel: message.channel, queue: .outbound)
      if limit < .max, try connection.backlog.queued(key, on: connection) + parts.count > limit {
        return .full
      }
      try connection.prepared(Self.insertOutbound)
        .bind(1, message.id).bind(2, message.channel.description)
        .bind(3, message.contact.description).bind(4, lane.contact.rawValue)
        .bind(5, message.createdAt).bind(6, content).run()
      let row = connection.lastInsertID
      let isHead = try !connection.prepared(laneIsOccupied)
        .bind(1, lane.contact.rawValue).bind(2, lane.queue.rawValue).hasRow()
      // Only a head's rank is ever looked at.
      let rank =
        isHead
        ? try Self.rank(of: lane, now: message.createdAt, policy: policy, on: connection) : 1
      var head: Int64?
      for (number, part) in parts.enumerated() {
        try connection.prepared(Self.insertPart)
          .bind(1, row).bind(2, number).bind(3, message.channel.description)
          .bind(4, part).run()
        let isFirst = isHead && number == 0
        try Self.insertEntry(
          lane, message: row, part: number, channel: message.channel, rank: rank,
          dueAt: isFirst ? message.createdAt : nil, now: message.createdAt, on: connection)
        if isFirst { head = connection.lastInsertID }
      }
      guard let head, let terms else { return .queued(nil) }
      return .queued(
        try Self.lease(
          EntryKey(lane: lane, id: head), terms: terms, policy: policy, on: connection))
    }
  }

  private static let insertWebhook = Query(
    """
    INSERT INTO webhook (channel, received_ms, content_type, query, body, problem)
      VALUES (?,?,?,?,?,?)
    """)
  private static let deleteWebhook = Query("DELETE FROM webhook WHERE id = ?")
  private static let insertInbound = Query(
    """
    INSERT INTO message (mid, channel, direction, contact, contact_key, external_id, external_key,
      created_ms, timestamp_ms, content, profile, webhook, status, status_ms)
      VALUES (?,?,?,?,?,?,?,?,?,?,?,?,0,?8)
    ON CONFLICT (external_key) WHERE external_key IS NOT NULL DO NOTHING
    """)
  private static let externalIDByKey = Query(
    "SELECT external_id FROM message WHERE external_key = ?")
  static let messageByID = Query("SELECT id FROM message WHERE mid = ? AND direction = 0")
  private static let insertOutbound = Query(
    """
    INSERT INTO message (mid, channel, direction, contact, contact_key, created_ms, timestamp_ms,
      content, status, status_ms) VALUES (?1,?2,0,?3,?4,?5,?5,?6,0,?5)
    """)
  /// Among the contact's last ones: a window is minutes long.
  private static let earlierMessage = Query(
    """
    SELECT mid FROM (SELECT mid, content, contact, status, created_ms FROM message
        WHERE contact_key = ?1 AND direction = 0 ORDER BY id DESC LIMIT 50)
      WHERE created_ms >= ?2 AND content = ?3 AND contact = ?4 AND status <> 4 LIMIT 1
    """)
  private static let insertPart = Query(
    "INSERT INTO part (message, number, channel, payload) VALUES (?,?,?,?)")
  private static let insertEntry = Query(
    """
    INSERT INTO entry (contact_key, queue, message, part, channel, rank, due_ms, enqueued_ms, token,
      earliest_ms) VALUES (?,?,?,?,?,?,?,?8,?8,?9)
    """)
}

let laneIsOccupied = Query("SELECT 1 FROM entry WHERE contact_key = ? AND queue = ? LIMIT 1")
