import SluiceCore

// What the handlers write: webhooks and their events, and messages on their way out.

extension SQLiteLedger {
  package func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    try write(Self.recording(webhook))
  }

  package func record(
    _ webhook: WebhookRecord,
    then done: @escaping @Sendable (Result<WebhookReceipt, LedgerError>) -> Void
  ) {
    write(Self.recording(webhook), then: done)
  }

  private static func recording(
    _ webhook: WebhookRecord
  ) -> (Connection) throws(LedgerError) -> WebhookReceipt {
    // Whatever can be worked out beforehand is: the transaction is one thread's, and all wait for it.
    let events = webhook.events.map { PreparedEvent($0.event, id: $0.id, channel: webhook.channel) }
    return { connection throws(LedgerError) in
      try connection.prepared(Self.insertWebhook)
        .bind(1, webhook.channel.description).bind(2, webhook.receivedAt)
        .bind(3, webhook.contentType).bind(4, webhook.body).bind(5, webhook.problem).run()
      let row = connection.lastInsertID
      var receipt = WebhookReceipt()
      for event in events {
        switch event {
        case .message(let message):
          if try Self.insert(message, from: webhook, row: row, on: connection) {
            receipt.accepted += 1
          } else {
            receipt.duplicates += 1
          }
        case .status(let report):
          switch try Self.apply(
            report, channel: webhook.channel, now: webhook.receivedAt, on: connection)
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
    case status(StatusReport)

    init(_ event: WebhookEvent, id: MessageID, channel: ChannelName) {
      switch event {
      case .status(let report): self = .status(report)
      case .message(let message):
        self = .message(
          PreparedMessage(
            message: message, id: id, content: message.content.json.text,
            profile: message.profile?.json.text,
            lane: Lane(channel: channel, queue: .inbound, contact: message.contact)))
      }
    }
  }

  private struct PreparedMessage {
    let message: InboundMessage
    let id: MessageID
    let content: String
    let profile: String?
    let lane: Lane
  }

  private static func insert(
    _ prepared: PreparedMessage, from webhook: WebhookRecord, row: Int64,
    on connection: Connection
  ) throws(LedgerError) -> Bool {
    let message = prepared.message
    try connection.prepared(insertInbound)
      .bind(1, prepared.id).bind(2, webhook.channel.description).bind(3, message.isEcho ? 2 : 1)
      .bind(4, message.contact.description).bind(5, message.externalID)
      .bind(6, webhook.receivedAt).bind(7, message.timestamp ?? webhook.receivedAt)
      .bind(8, prepared.content).bind(9, prepared.profile).bind(10, row).run()
    guard connection.changes > 0 else { return false }
    try enqueue(
      EntryKey(lane: prepared.lane, message: connection.lastInsertID, part: 0),
      queue: .inbound, channel: webhook.channel, now: webhook.receivedAt, on: connection)
    return true
  }

  /// Puts an entry at the end of its lane; due at once if the lane is empty, otherwise when what is
  /// before it is done.
  static func enqueue(
    _ key: EntryKey, queue: Queue, channel: ChannelName, now: Int64, dueAt: Int64? = nil,
    on connection: Connection
  ) throws(LedgerError) {
    let isHead = try !connection.prepared(laneIsOccupied).bind(1, key.lane.id).hasRow()
    try connection.prepared(insertEntry)
      .bind(1, key.lane.id).bind(2, key.message).bind(3, key.part)
      .bind(4, channel.description).bind(5, queue.rawValue)
      .bind(6, isHead ? dueAt ?? now : nil).bind(7, now).run()
  }

  package func enqueue(
    _ message: OutboundMessage, leasingFor terms: LeaseTerms?
  ) throws(LedgerError) -> Lease? {
    try write(Self.enqueuing(message, leasingFor: terms))
  }

  package func enqueue(
    _ message: OutboundMessage, then done: @escaping @Sendable (Result<Void, LedgerError>) -> Void
  ) {
    write(Self.enqueuing(message, leasingFor: nil)) { done($0.map { _ in }) }
  }

  private static func enqueuing(
    _ message: OutboundMessage, leasingFor terms: LeaseTerms?
  ) -> (Connection) throws(LedgerError) -> Lease? {
    let content = message.content.json.text
    let parts = message.parts.map(\.json.text)
    let lane = Lane(channel: message.channel, queue: .outbound, contact: message.contact)
    return { connection throws(LedgerError) in
      try connection.prepared(Self.insertOutbound)
        .bind(1, message.id).bind(2, message.channel.description)
        .bind(3, message.contact.description).bind(4, message.createdAt)
        .bind(5, content).run()
      let row = connection.lastInsertID
      let isHead = try !connection.prepared(Self.laneIsOccupied).bind(1, lane.id).hasRow()
      for (number, part) in parts.enumerated() {
        try connection.prepared(Self.insertPart)
          .bind(1, row).bind(2, number).bind(3, message.channel.description)
          .bind(4, part).run()
        try connection.prepared(Self.insertEntry)
          .bind(1, lane.id).bind(2, row).bind(3, number)
          .bind(4, message.channel.description).bind(5, Queue.outbound.rawValue)
          .bind(6, isHead && number == 0 ? message.createdAt : nil).bind(7, message.createdAt)
          .run()
      }
      guard isHead, let terms else { return nil }
      return try Self.lease(
        EntryKey(lane: lane, message: row, part: 0), terms: terms, on: connection)
    }
  }

  private static let insertWebhook = Query(
    "INSERT INTO webhook (channel, received_ms, content_type, body, problem) VALUES (?,?,?,?,?)")
  private static let deleteWebhook = Query("DELETE FROM webhook WHERE id = ?")
  private static let insertInbound = Query(
    """
    INSERT INTO message (mid, channel, direction, contact, external_id, created_ms, timestamp_ms,
      content, profile, webhook, status, status_ms) VALUES (?,?,?,?,?,?,?,?,?,?,0,?6)
    ON CONFLICT (channel, external_id) WHERE external_id IS NOT NULL DO NOTHING
    """)
  private static let insertOutbound = Query(
    """
    INSERT INTO message (mid, channel, direction, contact, created_ms, timestamp_ms, content,
      status, status_ms) VALUES (?1,?2,0,?3,?4,?4,?5,0,?4)
    """)
  private static let insertPart = Query(
    "INSERT INTO part (message, number, channel, payload) VALUES (?,?,?,?)")
  static let laneIsOccupied = Query("SELECT 1 FROM entry WHERE lane = ? LIMIT 1")
  private static let insertEntry = Query(
    """
    INSERT OR IGNORE INTO entry (lane, message, part, channel, queue, due_ms, enqueued_ms)
      VALUES (?,?,?,?,?,?,?)
    """)
}
