import SluiceCore

// What waits, for whom, and behind what.

extension SQLiteLedger {
  package func checkWritable() throws(LedgerError) {
    try waiting { done in
      admit(
        { connection throws(LedgerError) in
          try connection.execute("PRAGMA user_version=\(Migrations.current)")
        }, then: done)
    }
  }

  package func overview(of channel: ChannelName?) throws(LedgerError) -> [QueueOverview] {
    let backlog = try backlog(of: channel)
    return try read { connection throws(LedgerError) in
      let late = try Self.oldestLate(of: channel, on: connection)
      var overview: [QueueOverview] = []
      for queue in backlog {
        var due: Int64?
        // Whatever is not late was queued when it fell due: no sooner than the first that is due.
        var queued = late[BacklogCounter.Key(channel: queue.channel, queue: queue.queue)]
        for rank in 0...1 {
          let first = try connection.prepared(Self.firstOfTrack)
            .bind(1, queue.channel.description).bind(2, queue.queue.rawValue).bind(3, rank)
            .first { (due: $0.integer(0), queued: $0.integer(1)) }
          guard let first else { continue }
          due = min(due ?? .max, first.due)
          queued = min(queued ?? .max, first.queued)
        }
        overview.append(
          QueueOverview(
            channel: queue.channel, queue: queue.queue, queued: queue.queued,
            unknown: queue.unknown, firstDue: due, oldestQueued: queued))
      }
      return overview
    }
  }

  /// Of each queue with heads that were queued before they fell due, since when the oldest of them waits.
  private static func oldestLate(
    of wanted: ChannelName?, on connection: Connection
  ) throws(LedgerError) -> [BacklogCounter.Key: Int64] {
    var oldest: [BacklogCounter.Key: Int64] = [:]
    var (channel, queue) = (wanted?.description ?? "", -1)
    // A skip scan: each step jumps over all of a queue's.
    while let next = try connection.prepared(wanted == nil ? nextLate : nextLateOfChannel)
      .bind(1, channel).bind(2, queue)
      .first({ ($0.text(0), Int($0.integer(1)), $0.integer(2)) })
    {
      (channel, queue) = (next.0, next.1)
      guard let name = ChannelName(channel), let queue = Queue(rawValue: queue) else { continue }
      oldest[BacklogCounter.Key(channel: name, queue: queue)] = next.2
    }
    return oldest
  }

  package func lanes(
    of channel: ChannelName, queue: Queue?, limit: Int
  ) throws(LedgerError) -> [WaitingLane] {
    try catchUp()
    return try read { connection throws(LedgerError) in
      var heads: [(lane: Lane, entry: WaitingEntry)] = []
      for queue in queue.map({ [$0] }) ?? Queue.allCases {
        let rows = try connection.prepared(Self.selectHeads)
          .bind(1, channel.description).bind(2, queue.rawValue).bind(3, Self.headsScanned)
          .bind(4, limit)
        while try rows.step() {
          let lane = Lane(
            contact: ContactKey(rawValue: rows.integer(Self.entryColumns)), queue: queue)
          heads.append((lane, try Self.entry(rows)))
        }
      }
      heads.sort { $0.entry.enqueuedAt < $1.entry.enqueuedAt }
      var lanes: [WaitingLane] = []
      for head in heads.prefix(limit) {
        let count =
          try connection.prepared(Self.countLane)
          .bind(1, head.lane.contact.rawValue).bind(2, head.lane.queue.rawValue)
          .first { Int($0.integer(0)) } ?? 1
        lanes.append(WaitingLane(head: head.entry, behind: max(count - 1, 0)))
      }
      return lanes
    }
  }

  static func entries(_ rows: Statement) throws(LedgerError) -> [WaitingEntry] {
    var entries: [WaitingEntry] = []
    while try rows.step() { entries.append(try entry(rows)) }
    return entries
  }

  /// Of a row that begins with the columns of ``entrySelect``.
  private static func entry(_ row: Statement) throws(LedgerError) -> WaitingEntry {
    guard let queue = Queue(rawValue: Int(row.integer(0))), let channel = ChannelName(row.text(1)),
      let contact = try? ContactID(row.text(9))
    else { throw .broken("queue entry of message row \(row.integer(2)) cannot be read") }
    let isLeased = row.integer(5) == 1
    let state: WaitingEntry.State
    if let due = row.optionalInteger(4) {
      state =
        if isLeased {
          .leased(until: due)
        } else if let since = row.optionalInteger(6) {
          .unknown(since: since, next: due)
        } else {
          .due(at: due)
        }
    } else {
      // Leased, it leaves together with its head.
      state = isLeased ? .leased(until: row.integer(11)) : .behind(row.messageID(10))
    }
    return WaitingEntry(
      id: row.messageID(8), channel: channel, contact: contact, queue: queue,
      part: Int(row.integer(2)), enqueuedAt: row.integer(7), attempts: Int(row.integer(3)),
      isConversation: row.integer(12) == 0, state: state, lastAttempt: attempt(row, from: 13),
      route: route(row, of: queue))
  }

  /// A question goes to the account whose part it is about.
  private static func route(_ row: Statement, of queue: Queue) -> Route {
    guard queue == .check else { return Route(rawValue: Int(row.integer(18))) ?? .main }
    return Account.split(row.text(19)).account == .main ? .boundToMain : .boundToFallback
  }

  private static let entryColumns: Int32 = 20
  private static let entryFields = """
    e.queue, e.channel, e.part, e.attempts, e.due_ms, e.leased, e.unknown_ms, e.enqueued_ms,
      m.mid, m.contact, coalesce(hm.mid, m.mid), h.due_ms, e.rank,
      a.started_ms, a.finished_ms, a.outcome, a.http_status, a.detail, e.account,
      CASE WHEN e.queue = 3 THEN (SELECT external_id FROM part
        WHERE message = e.message AND number = e.part) END
    """
  private static let entryTables = """
    FROM entry e JOIN message m ON m.id = e.message
      LEFT JOIN entry h ON e.due_ms IS NULL AND h.id = (SELECT min(id) FROM entry x
        WHERE x.contact_key = e.contact_key AND x.queue = e.queue)
      LEFT JOIN message hm ON hm.id = h.message
      LEFT JOIN attempt a ON a.message = e.message AND a.queue = e.queue AND a.part = e.part
        AND a.token = (SELECT max(token) FROM attempt b
          WHERE b.message = e.message AND b.queue = e.queue AND b.part = e.part)
    """
  static let entrySelect = "SELECT \(entryFields) \(entryTables)"

  /// Heads of each rank among which the oldest are looked for, beside those that are late: those that
  /// are due first. Too few only where as many of them are late.
  private static let headsScanned = 1_250

  /// The condition of the index `entry_late`, to the letter.
  private static let isLate = "due_ms > enqueued_ms AND (leased = 0 OR attempts > 1)"
  private static let lateOfChannel = """
    SELECT channel, queue, enqueued_ms FROM entry INDEXED BY entry_late
      WHERE \(isLate) AND channel = ?1 AND queue > ?2 ORDER BY queue, enqueued_ms LIMIT 1
    """
  private static let nextLateOfChannel = Query(lateOfChannel)
  private static let nextLate = Query(
    """
    SELECT * FROM (\(lateOfChannel))
      UNION ALL
      SELECT * FROM (SELECT channel, queue, enqueued_ms FROM entry INDEXED BY entry_late
        WHERE \(isLate) AND channel > ?1 ORDER BY channel, queue, enqueued_ms LIMIT 1)
      ORDER BY 1, 2 LIMIT 1
    """)

  private static let firstOfTrack = Query(
    """
    SELECT due_ms, enqueued_ms FROM entry
      WHERE channel = ? AND queue = ? AND rank = ? AND due_ms IS NOT NULL ORDER BY due_ms LIMIT 1
    """)
  private static let selectHeads = Query(
    """
    SELECT \(entryFields), e.contact_key \(entryTables) WHERE e.id IN (
        SELECT id FROM (
            SELECT * FROM (\(firstDue(rank: 0)))
            UNION SELECT * FROM (\(firstDue(rank: 1)))
            UNION SELECT * FROM (SELECT id, enqueued_ms FROM entry INDEXED BY entry_late
              WHERE \(isLate) AND channel = ?1 AND queue = ?2 ORDER BY enqueued_ms LIMIT ?4))
          ORDER BY enqueued_ms LIMIT ?4)
    """)
  private static func firstDue(rank: Int) -> String {
    """
    SELECT id, enqueued_ms FROM entry
      WHERE channel = ?1 AND queue = ?2 AND rank = \(rank) AND due_ms IS NOT NULL
      ORDER BY due_ms LIMIT ?3
    """
  }
  private static let countLane = Query(
    "SELECT count(*) FROM entry WHERE contact_key = ? AND queue = ?")
}
