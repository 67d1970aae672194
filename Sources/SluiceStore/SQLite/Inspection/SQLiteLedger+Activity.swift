import SluiceCore

// Following what happens, by looking again and again.

extension SQLiteLedger {
  package func activity(since mark: ActivityMark?, now: Int64) throws(LedgerError) -> Activity {
    try catchUp()
    return try read { connection throws(LedgerError) in
      let ends =
        try connection.prepared(Self.selectEnds)
        .first { (message: $0.integer(0), webhook: $0.integer(1)) } ?? (message: 0, webhook: 0)
      guard let mark else {
        return Activity(
          events: [],
          mark: ActivityMark(
            message: ends.message, webhook: ends.webhook, time: now,
            told: try Self.calls(ends.message, since: now, on: connection).keys))
      }
      var events: [Activity.Event] = []
      let messages = try connection.prepared(Self.selectNew).bind(1, mark.message)
      events += try Self.summaries(matching: messages).map(Activity.Event.message)
      let calls = try Self.calls(ends.message, since: mark.time, on: connection)
      events += calls.events.filter { !mark.told.contains($0.key) }.map(\.event)
      for webhook in try Self.quarantined(after: mark.webhook, on: connection) {
        events.append(.quarantined(webhook))
      }
      return Activity(
        events: events.sorted { $0.at < $1.at },
        mark: ActivityMark(
          message: ends.message, webhook: ends.webhook, time: max(mark.time, now),
          told: calls.keys))
    }
  }

  private struct Calls {
    var events: [(key: String, event: Activity.Event)] = []
    var keys: Set<String> { Set(events.map(\.key)) }
  }

  /// Attempts and callbacks that ended shortly before `time` or later.
  private static func calls(
    _ last: Int64, since time: Int64, on connection: Connection
  ) throws(LedgerError) -> Calls {
    var calls = Calls()
    var rows = try connection.prepared(selectAttempts).bind(1, last - followed)
      .bind(2, time - overlap)
    while try rows.step() {
      guard let queue = Queue(rawValue: Int(rows.integer(12))), let record = attempt(rows, from: 15)
      else { continue }
      let (message, part) = (try summary(rows), Int(rows.integer(13)))
      calls.events.append(
        (
          "\(message.row) \(queue) \(part) \(rows.integer(14))",
          .attempt(
            message,
            TracedAttempt(
              queue: queue, part: part, account: Account(rawValue: Int(rows.integer(20))) ?? .main,
              record: record))
        ))
    }
    rows = try connection.prepared(selectCallbacks).bind(1, last - followed)
      .bind(2, time - overlap)
    while try rows.step() {
      guard let status = DeliveryStatus(rawValue: Int(rows.integer(13))) else { continue }
      let (message, part) = (try summary(rows), Int(rows.integer(12)))
      let callback = TracedCallback(
        part: part, status: status, receivedAt: rows.integer(14), reason: rows.optionalText(15),
        webhook: nil)
      calls.events.append(("\(message.row) \(part) \(status)", .callback(message, callback)))
    }
    return calls
  }

  /// Messages back from the newest whose calls are followed.
  private static let followed: Int64 = 2_000
  /// Milliseconds by which something may be seen later than it happened.
  private static let overlap: Int64 = 10_000

  private static let selectEnds = Query(
    """
    SELECT coalesce((SELECT max(id) FROM message), 0), coalesce((SELECT max(id) FROM webhook), 0)
    """)
  private static let selectNew = Query(
    "SELECT \(summaryColumns) FROM message m WHERE m.id > ? ORDER BY m.id")
  private static let selectAttempts = Query(
    """
    SELECT \(summaryColumns), a.queue, a.part, a.token, a.started_ms, a.finished_ms, a.outcome,
        a.http_status, a.detail, a.account
      FROM attempt a JOIN message m ON m.id = a.message
      WHERE a.message > ? AND a.finished_ms > ? ORDER BY a.finished_ms
    """)
  private static let selectCallbacks = Query(
    """
    SELECT \(summaryColumns), c.part, c.status, c.received_ms, c.reason
      FROM callback c JOIN message m ON m.id = c.message
      WHERE c.message > ? AND c.received_ms > ? ORDER BY c.received_ms
    """)
}
