import SluiceCore

// What a carrier writes: leases, and what came of them.

extension SQLiteLedger {
  package func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    try write { connection throws(LedgerError) in
      var result = ExchangeResult()
      for settlement in exchange.settlements {
        if try !Self.settle(settlement, now: exchange.terms.now, on: connection) {
          result.fenced.append(settlement)
        }
      }
      for request in exchange.requests {
        for key in try Self.dueKeys(request, now: exchange.terms.now, on: connection) {
          result.leases.append(try Self.lease(key, terms: exchange.terms, on: connection))
        }
        result.nextDue.append(
          try connection.prepared(Self.nextDue)
            .bind(1, request.channel.description).bind(2, request.queue.rawValue)
            .first { $0.integer(0) })
      }
      return result
    }
  }

  package func dueChannels(now: Int64) throws(LedgerError) -> DueChannels {
    try read { connection throws(LedgerError) in
      var due: [(channel: ChannelName, queue: Queue)] = []
      var nextDue: Int64?
      var (channel, queue) = ("", 0)
      // A skip scan: each step jumps to the next channel and queue, however long the last one is.
      while true {
        let head = try connection.prepared(Self.nextQueue).bind(1, channel).bind(2, queue)
          .first { ($0.text(0), Int($0.integer(1)), $0.integer(2)) }
        guard let head else { break }
        let dueAt = head.2
        (channel, queue) = (head.0, head.1)
        if dueAt > now {
          nextDue = min(nextDue ?? dueAt, dueAt)
        } else if let name = ChannelName(channel), let queue = Queue(rawValue: queue) {
          due.append((name, queue))
        }
      }
      return DueChannels(due: due, nextDue: nextDue)
    }
  }

  private static func dueKeys(
    _ request: LeaseRequest, now: Int64, on connection: Connection
  ) throws(LedgerError) -> [EntryKey] {
    let rows =
      if let lane = request.lane {
        try connection.prepared(selectDueInLane).bind(1, lane.id).bind(2, now)
      } else {
        try connection.prepared(selectDue)
          .bind(1, request.channel.description).bind(2, request.queue.rawValue).bind(3, now)
          .bind(4, request.count)
      }
    var keys: [EntryKey] = []
    while try rows.step() {
      keys.append(
        EntryKey(
          lane: Lane(id: rows.integer(0)), message: rows.integer(1), part: Int(rows.integer(2))))
    }
    return keys
  }

  /// Makes an entry ours. It is there, and due: the caller's transaction has just seen it.
  static func lease(
    _ key: EntryKey, terms: LeaseTerms, on connection: Connection
  ) throws(LedgerError) -> Lease {
    let lease = try connection.prepared(selectWork)
      .bind(1, key.lane.id).bind(2, key.message).bind(3, key.part)
      .first { row throws(LedgerError) in try Self.lease(key, terms: terms, from: row) }
    guard let lease else { throw .broken("message \(key.message) is queued, and is not there") }
    try connection.prepared(markLeased)
      .bind(1, terms.until).bind(2, key.lane.id).bind(3, key.message).bind(4, key.part).run()
    return lease
  }

  private static func lease(
    _ key: EntryKey, terms: LeaseTerms, from row: Statement
  ) throws(LedgerError) -> Lease {
    guard let queue = Queue(rawValue: Int(row.integer(0))), let channel = ChannelName(row.text(1)),
      let contact = try? ContactID(row.text(7))
    else { throw .broken("the queue entry of message \(key.message) cannot be read") }
    let work: Work
    switch queue {
    case .outbound:
      guard let json = try? JSONReader.read(row.bytes(14)), let part = MessagePart(json: json)
      else { throw .broken("part \(key.part) of message \(key.message) cannot be read") }
      work = .send(part)
    case .inbound:
      guard let content = try? JSONReader.read(row.bytes(9)) else {
        throw .broken("the content of message \(key.message) cannot be read")
      }
      work = .post(
        content: content, isEcho: row.integer(8) == 2, timestamp: row.integer(10),
        profile: row.isNull(11) ? nil : try? JSONReader.read(row.bytes(11)))
    case .status:
      work = .report(
        DeliveryStatus(rawValue: Int(row.integer(12))) ?? .queued, reason: row.optionalText(13),
        timestamp: row.integer(15))
    }
    return Lease(
      key: key, queue: queue, channel: channel, token: row.integer(2) + 1,
      attempt: Int(row.integer(3)) + 1, isTakenOver: row.integer(4) == 1, expiresAt: terms.until,
      enqueuedAt: row.integer(5), id: row.messageID(6), contact: contact, work: work)
  }

  /// - Returns: `false` if the lease is not the settler's any more: nothing is changed then.
  private static func settle(
    _ settlement: Settlement, now: Int64, on connection: Connection
  ) throws(LedgerError) -> Bool {
    let lease = settlement.lease
    switch settlement.fate {
    case .retry(let at), .release(let at):
      let isRelease = if case .release = settlement.fate { 1 } else { 0 }
      try connection.prepared(giveBack)
        .bind(1, at).bind(2, isRelease)
        .bind(3, lease.key.lane.id).bind(4, lease.key.message).bind(5, lease.key.part)
        .bind(6, lease.token).run()
      guard connection.changes > 0 else { return false }
    case .acknowledge(let externalID):
      guard try remove(lease, on: connection) else { return false }
      try acknowledge(lease, externalID: externalID, now: now, on: connection)
      try promote(lease.key.lane, now: now, on: connection)
    case .reject(let reason, let reportFailure):
      guard try remove(lease, on: connection) else { return false }
      try reject(lease, reason: reason, report: reportFailure, now: now, on: connection)
      try promote(lease.key.lane, now: now, on: connection)
    }
    if let attempt = settlement.attempt {
      try connection.prepared(insertAttempt)
        .bind(1, lease.key.message).bind(2, lease.queue.rawValue).bind(3, lease.key.part)
        .bind(4, lease.token).bind(5, attempt.startedAt).bind(6, attempt.finishedAt)
        .bind(7, attempt.outcome.rawValue).bind(8, attempt.httpStatus.map(Int64.init))
        .bind(9, attempt.detail).run()
    }
    return true
  }

  private static func remove(_ lease: Lease, on connection: Connection) throws(LedgerError) -> Bool
  {
    try connection.prepared(deleteLeased)
      .bind(1, lease.key.lane.id).bind(2, lease.key.message).bind(3, lease.key.part)
      .bind(4, lease.token).run()
    return connection.changes > 0
  }

  private static func acknowledge(
    _ lease: Lease, externalID: String?, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    switch lease.work {
    case .send:
      try set(
        .sent, reason: nil, externalID: externalID, ofPart: lease.key.part,
        of: lease.key.message, on: connection)
      try refold(lease.key.message, now: now, mayReport: false, on: connection)
      if let externalID {
        try applyParked(
          externalID: externalID, channel: lease.channel, now: now, on: connection)
      }
    case .post:
      try connection.prepared(markPosted).bind(1, now).bind(2, lease.key.message).run()
    case .report(let status, _, _):
      try connection.prepared(markReported)
        .bind(1, status.rawValue).bind(2, lease.key.message).run()
    }
  }

  private static func reject(
    _ lease: Lease, reason: String, report: Bool, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(insertDeadLetter)
      .bind(1, lease.key.message).bind(2, lease.queue.rawValue).bind(3, lease.key.part)
      .bind(4, lease.channel.description).bind(5, now).bind(6, lease.attempt).bind(7, reason)
      .run()
    switch lease.work {
    case .send:
      try set(
        .failed, reason: reason, ofPart: lease.key.part, of: lease.key.message, on: connection)
      // The rest of a message whose middle is missing would only confuse: it is not sent.
      try connection.prepared(deleteRest).bind(1, lease.key.lane.id).bind(2, lease.key.message)
        .run()
      try refold(lease.key.message, now: now, mayReport: report, on: connection)
    case .post:
      try connection.prepared(markRefused).bind(1, now).bind(2, reason)
        .bind(3, lease.key.message).run()
    case .report: break
    }
  }

  /// Makes the lane's first entry due, now that what was before it is gone.
  private static func promote(
    _ lane: Lane, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    let head = try connection.prepared(selectHead).bind(1, lane.id)
      .first { (message: $0.integer(0), part: $0.integer(1), isDue: !$0.isNull(2)) }
    guard let head, !head.isDue else { return }
    try connection.prepared(markDue)
      .bind(1, now).bind(2, lane.id).bind(3, head.message).bind(4, head.part).run()
  }

  /// Two ranges and not `(channel, queue) > (?1, ?2)`: SQLite begins that one at the pair itself,
  /// and reads its whole queue to find the next.
  private static let nextQueue = Query(
    """
    SELECT * FROM (SELECT channel, queue, due_ms FROM entry
        WHERE due_ms IS NOT NULL AND channel = ?1 AND queue > ?2 ORDER BY queue, due_ms LIMIT 1)
      UNION ALL
      SELECT * FROM (SELECT channel, queue, due_ms FROM entry
        WHERE due_ms IS NOT NULL AND channel > ?1 ORDER BY channel, queue, due_ms LIMIT 1)
      ORDER BY 1, 2 LIMIT 1
    """)
  private static let selectDue = Query(
    """
    SELECT lane, message, part FROM entry
      WHERE channel = ? AND queue = ? AND due_ms <= ? ORDER BY due_ms LIMIT ?
    """)
  private static let selectDueInLane = Query(
    "SELECT lane, message, part FROM entry WHERE lane = ? AND due_ms <= ? LIMIT 1")
  private static let nextDue = Query(
    """
    SELECT due_ms FROM entry WHERE channel = ? AND queue = ? AND due_ms IS NOT NULL
      ORDER BY due_ms LIMIT 1
    """)
  private static let selectWork = Query(
    """
    SELECT e.queue, e.channel, e.token, e.attempts, e.leased, e.enqueued_ms, m.mid, m.contact,
      m.direction, m.content, m.timestamp_ms, m.profile, m.status, m.reason, p.payload, m.status_ms
      FROM entry e JOIN message m ON m.id = e.message
      LEFT JOIN part p ON e.queue = 0 AND p.message = e.message AND p.number = e.part
      WHERE e.lane = ? AND e.message = ? AND e.part = ?
    """)
  private static let markLeased = Query(
    """
    UPDATE entry SET due_ms = ?, leased = 1, token = token + 1, attempts = attempts + 1
      WHERE lane = ? AND message = ? AND part = ?
    """)
  private static let giveBack = Query(
    """
    UPDATE entry SET due_ms = ?, leased = 0, attempts = attempts - ?
      WHERE lane = ? AND message = ? AND part = ? AND token = ? AND leased = 1
    """)
  private static let deleteLeased = Query(
    "DELETE FROM entry WHERE lane = ? AND message = ? AND part = ? AND token = ? AND leased = 1")
  private static let deleteRest = Query("DELETE FROM entry WHERE lane = ? AND message = ?")
  private static let selectHead = Query(
    "SELECT message, part, due_ms FROM entry WHERE lane = ? ORDER BY message, part LIMIT 1")
  private static let markDue = Query(
    "UPDATE entry SET due_ms = ? WHERE lane = ? AND message = ? AND part = ?")
  private static let markPosted = Query(
    "UPDATE message SET status = 2, status_ms = ? WHERE id = ?")
  private static let markRefused = Query(
    "UPDATE message SET status = 4, status_ms = ?, reason = ? WHERE id = ?")
  private static let markReported = Query("UPDATE message SET reported = ? WHERE id = ?")
  private static let insertAttempt = Query(
    """
    INSERT OR REPLACE INTO attempt (message, queue, part, token, started_ms, finished_ms, outcome,
      http_status, detail) VALUES (?,?,?,?,?,?,?,?,?)
    """)
  private static let insertDeadLetter = Query(
    """
    INSERT OR REPLACE INTO dead_letter (message, queue, part, channel, died_ms, attempts, reason)
      VALUES (?,?,?,?,?,?,?)
    """)
}
