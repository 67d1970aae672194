import SluiceCore

// Everything about one message.

extension SQLiteLedger {
  package func trace(_ id: MessageID) throws(LedgerError) -> MessageTrace? {
    try catchUp()
    return try read { connection throws(LedgerError) in
      guard let row = try Self.row(of: id, on: connection) else { return nil }
      let head = try connection.prepared(Self.selectMessage).bind(1, row)
        .first { row throws(LedgerError) in
          (
            message: try Self.summary(row), profile: row.isNull(12) ? nil : Array(row.bytes(12)),
            reported: DeliveryStatus(rawValue: Int(row.integer(13))),
            webhook: row.optionalInteger(14)
          )
        }
      guard let head else { return nil }
      let message = head.message
      return MessageTrace(
        message: message, profile: head.profile,
        reported: head.reported == .queued ? nil : head.reported,
        webhook: try Self.webhook(
          head.webhook, of: message.channel, at: message.createdAt, on: connection),
        parts: try Self.parts(of: row, on: connection),
        waiting: try Self.entries(
          connection.prepared(Self.entriesOfMessage)
            .bind(1, ContactKey(channel: message.channel, contact: message.contact).rawValue)
            .bind(2, row)),
        attempts: try Self.attempts(of: row, on: connection),
        callbacks: try Self.callbacks(of: message, on: connection),
        deadLetters: try Self.rows(
          DeadLetterFilter(id: id), newestFirst: false, limit: 100, on: connection
        ).map(\.letter))
    }
  }

  private static func parts(
    of message: Int64, on connection: Connection
  ) throws(LedgerError) -> [TracedPart] {
    let rows = try connection.prepared(selectParts).bind(1, message)
    var parts: [TracedPart] = []
    while try rows.step() {
      parts.append(
        TracedPart(
          number: Int(rows.integer(0)),
          status: DeliveryStatus(rawValue: Int(rows.integer(1))) ?? .queued,
          externalID: rows.optionalText(2), reason: rows.optionalText(3),
          payload: Array(rows.bytes(4))))
    }
    return parts
  }

  private static func attempts(
    of message: Int64, on connection: Connection
  ) throws(LedgerError) -> [TracedAttempt] {
    let rows = try connection.prepared(selectAttempts).bind(1, message)
    var attempts: [TracedAttempt] = []
    while try rows.step() {
      guard let queue = Queue(rawValue: Int(rows.integer(0))), let record = attempt(rows, from: 2)
      else { throw .broken("an attempt of message row \(message) cannot be read") }
      attempts.append(
        TracedAttempt(
          queue: queue, part: Int(rows.integer(1)),
          account: Account(rawValue: Int(rows.integer(7))) ?? .main, record: record))
    }
    return attempts
  }

  /// The attempt in five columns from `first` on; `nil` where there is none.
  static func attempt(_ row: Statement, from first: Int32) -> AttemptRecord? {
    guard !row.isNull(first),
      let outcome = AttemptRecord.Outcome(rawValue: Int(row.integer(first + 2)))
    else { return nil }
    return AttemptRecord(
      startedAt: row.integer(first), finishedAt: row.integer(first + 1), outcome: outcome,
      httpStatus: row.optionalInteger(first + 3).map { Int($0) }, detail: row.text(first + 4))
  }

  private static func callbacks(
    of message: MessageSummary, on connection: Connection
  ) throws(LedgerError) -> [TracedCallback] {
    let rows = try connection.prepared(selectCallbacks).bind(1, message.row)
    var callbacks: [TracedCallback] = []
    while try rows.step() {
      guard let status = DeliveryStatus(rawValue: Int(rows.integer(1))) else { continue }
      let receivedAt = rows.integer(2)
      callbacks.append(
        TracedCallback(
          part: Int(rows.integer(0)), status: status, receivedAt: receivedAt,
          reason: rows.optionalText(3),
          webhook: try webhook(
            rows.optionalInteger(4), of: message.channel, at: receivedAt, on: connection)))
    }
    return callbacks
  }

  private static let selectMessage = Query(
    """
    SELECT \(summaryColumns), m.profile, m.reported, m.webhook FROM message m WHERE m.id = ?
    """)
  private static let selectParts = Query(
    """
    SELECT number, status, external_id, reason, payload FROM part WHERE message = ? ORDER BY number
    """)
  private static let selectAttempts = Query(
    """
    SELECT queue, part, started_ms, finished_ms, outcome, http_status, detail, account FROM attempt
      WHERE message = ? ORDER BY started_ms, finished_ms, queue, part, token
    """)
  private static let selectCallbacks = Query(
    """
    SELECT part, status, received_ms, reason, webhook FROM callback
      WHERE message = ? ORDER BY received_ms, part, status
    """)
  private static let entriesOfMessage = Query(
    entrySelect + " WHERE e.contact_key = ?1 AND e.message = ?2 ORDER BY e.queue, e.id")
}
