import SluiceCore

// What was given up, and its way back into the queue.

extension SQLiteLedger {
  package func deadLetters(
    _ filter: DeadLetterFilter, limit: Int
  ) throws(LedgerError) -> [DeadLetter] {
    try read { connection throws(LedgerError) in
      try Self.rows(filter, newestFirst: true, limit: limit, on: connection).map(\.letter)
    }
  }

  package func count(_ filter: DeadLetterFilter) throws(LedgerError) -> Int {
    try read { connection throws(LedgerError) in
      try Self.bind(connection.prepared(Self.countMatching), filter)
        .first { Int($0.integer(0)) } ?? 0
    }
  }

  package func replay(
    _ filter: DeadLetterFilter, limit: Int, now: Int64
  ) throws(LedgerError) -> Int {
    let policy = policy
    return try write { connection throws(LedgerError) in
      _ = try Self.file(atMost: Self.filedAtOnce, policy: policy, on: connection)
      let dead = try Self.rows(filter, newestFirst: false, limit: limit, on: connection)
      for (letter, message) in dead {
        let lane = Lane(
          channel: letter.channel, queue: letter.queue, contact: letter.contact)
        try connection.prepared(Self.deleteOne)
          .bind(1, message).bind(2, letter.queue.rawValue).bind(3, letter.part).run()
        let parts =
          letter.queue == .outbound
          ? try Self.unsentParts(of: message, from: letter.part, on: connection) : [letter.part]
        for part in parts {
          try Self.enqueue(
            lane, message: message, part: part, channel: letter.channel,
            rank: try Self.rank(of: lane, now: now, policy: policy, on: connection), now: now,
            on: connection)
        }
        guard letter.queue == .inbound || letter.queue == .outbound else { continue }
        try connection.prepared(Self.requeueMessage).bind(1, now).bind(2, message).run()
        if letter.queue == .outbound {
          try Self.refold(message, now: now, mayReport: true, policy: policy, on: connection)
        }
      }
      return dead.count
    }
  }

  package func drop(_ filter: DeadLetterFilter, limit: Int) throws(LedgerError) -> Int {
    try write { connection throws(LedgerError) in
      let dead = try Self.rows(filter, newestFirst: false, limit: limit, on: connection)
      for (letter, message) in dead {
        try connection.prepared(Self.deleteOne)
          .bind(1, message).bind(2, letter.queue.rawValue).bind(3, letter.part).run()
      }
      return dead.count
    }
  }

  /// The part that died, unless a callback has said since that it was sent after all, and those
  /// behind it that were never sent; all of them queued again.
  private static func unsentParts(
    of message: Int64, from part: Int, on connection: Connection
  ) throws(LedgerError) -> [Int] {
    let rows = try connection.prepared(selectUnsent).bind(1, message).bind(2, part)
    var numbers: [Int] = []
    while try rows.step() { numbers.append(Int(rows.integer(0))) }
    for number in numbers {
      try connection.prepared(requeuePart).bind(1, message).bind(2, number).run()
    }
    return numbers
  }

  static func rows(
    _ filter: DeadLetterFilter, newestFirst: Bool, limit: Int, on connection: Connection
  ) throws(LedgerError) -> [(letter: DeadLetter, message: Int64)] {
    let rows = try bind(connection.prepared(newestFirst ? selectNewest : selectOldest), filter)
      .bind(7, limit)
    var found: [(letter: DeadLetter, message: Int64)] = []
    while try rows.step() {
      guard let queue = Queue(rawValue: Int(rows.integer(1))),
        let channel = ChannelName(rows.text(3)),
        let contact = try? ContactID(rows.text(8))
      else { throw .broken("the dead letter of message \(rows.integer(0)) cannot be read") }
      let letter = DeadLetter(
        id: rows.messageID(7), channel: channel, queue: queue, contact: contact,
        part: Int(rows.integer(2)), diedAt: rows.integer(4), attempts: Int(rows.integer(5)),
        reason: rows.text(6), httpStatus: rows.optionalInteger(9).map { Int($0) },
        answer: rows.optionalText(10))
      found.append((letter, rows.integer(0)))
    }
    return found
  }

  private static func bind(_ statement: Statement, _ filter: DeadLetterFilter) -> Statement {
    statement.bind(1, filter.id).bind(2, filter.channel?.description)
      .bind(3, filter.queue.map { Int64($0.rawValue) }).bind(4, filter.contact?.description)
      .bind(5, filter.diedFrom).bind(6, filter.diedBefore)
  }

  private static let select = """
    SELECT d.message, d.queue, d.part, d.channel, d.died_ms, d.attempts, d.reason, m.mid, m.contact,
      a.http_status, a.detail
      FROM dead_letter d JOIN message m ON m.id = d.message
      LEFT JOIN attempt a ON a.message = d.message AND a.queue = d.queue AND a.part = d.part
        AND a.token = (SELECT max(token) FROM attempt b
          WHERE b.message = d.message AND b.queue = d.queue AND b.part = d.part)
    """ + condition
  private static let condition = """
      WHERE (?1 IS NULL OR d.message = (SELECT id FROM message WHERE mid = ?1))
        AND (?2 IS NULL OR d.channel = ?2) AND (?3 IS NULL OR d.queue = ?3)
        AND (?4 IS NULL OR m.contact = ?4)
        AND (?5 IS NULL OR d.died_ms >= ?5) AND (?6 IS NULL OR d.died_ms < ?6)
    """
  private static let countMatching = Query(
    "SELECT count(*) FROM dead_letter d JOIN message m ON m.id = d.message" + condition)
  private static let selectNewest = Query(
    select + " ORDER BY d.died_ms DESC, d.message DESC, d.part DESC LIMIT ?7")
  private static let selectOldest = Query(
    select + " ORDER BY d.died_ms, d.message, d.part LIMIT ?7")
  private static let deleteOne = Query(
    "DELETE FROM dead_letter WHERE message = ? AND queue = ? AND part = ?")
  private static let selectUnsent = Query(
    """
    SELECT number FROM part
      WHERE message = ?1 AND (number = ?2 AND status IN (0, 4) OR number > ?2 AND status = 0)
      ORDER BY number
    """)
  private static let requeuePart = Query(
    "UPDATE part SET status = 0, reason = NULL WHERE message = ? AND number = ?")
  private static let requeueMessage = Query(
    "UPDATE message SET status = 0, status_ms = ?, reason = NULL WHERE id = ?")
}
