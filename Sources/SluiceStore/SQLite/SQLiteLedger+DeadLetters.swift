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
    if filter == DeadLetterFilter(channel: filter.channel) {
      return try troubles(of: filter.channel).reduce(0) { $0 + $1.deadLetters }
    }
    return try read { connection throws(LedgerError) in
      var count = 0
      for search in try DeadLetterSearch.all(filter, on: connection) {
        count += try search.count(filter, on: connection).first { Int($0.integer(0)) } ?? 0
      }
      return count
    }
  }

  package func deadLetterPage(
    _ filter: DeadLetterFilter, before mark: DeadLetterMark?, limit: Int
  ) throws(LedgerError) -> DeadLetterPage {
    try read { connection throws(LedgerError) in
      let rows = try Self.rows(
        filter, newestFirst: true, before: mark, limit: limit + 1, on: connection)
      let last = rows.prefix(limit).last.map { letter, message in
        DeadLetterMark(
          diedAt: letter.diedAt, message: message, queue: Int64(letter.queue.rawValue),
          part: Int64(letter.part))
      }
      return DeadLetterPage(
        letters: rows.prefix(limit).map(\.letter), next: rows.count > limit ? last : nil)
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
    _ filter: DeadLetterFilter, newestFirst: Bool, before mark: DeadLetterMark? = nil, limit: Int,
    on connection: Connection
  ) throws(LedgerError) -> [(letter: DeadLetter, message: Int64)] {
    let searches = try DeadLetterSearch.all(filter, on: connection)
    var found: [(letter: DeadLetter, message: Int64)] = []
    for search in searches {
      let rows = try search.statement(
        filter, newestFirst: newestFirst, before: mark, limit: limit, on: connection)
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
    }
    guard searches.count > 1 else { return found }
    found.sort { a, b in
      newestFirst
        ? Self.order(a) > Self.order(b) : Self.order(a) < Self.order(b)
    }
    return Array(found.prefix(limit))
  }

  private static func order(
    _ row: (letter: DeadLetter, message: Int64)
  ) -> (Int64, Int64, Int, Int) {
    (row.letter.diedAt, row.message, row.letter.queue.rawValue, row.letter.part)
  }

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
