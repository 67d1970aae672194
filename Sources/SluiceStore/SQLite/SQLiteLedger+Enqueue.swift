import SluiceCore

// How entries get into lanes.

extension SQLiteLedger {
  /// Puts an entry at the end of its lane; due at once if the lane is empty, otherwise when what is
  /// before it is done.
  /// - Parameter dueAt: Before which it is not due in either case.
  static func enqueue(
    _ lane: Lane, message: Int64, part: Int, channel: ChannelName, rank: Int, now: Int64,
    dueAt: Int64? = nil, on connection: Connection
  ) throws(LedgerError) {
    let isHead = try isEmpty(lane, on: connection)
    try insertEntry(
      lane, message: message, part: part, channel: channel, rank: rank,
      dueAt: isHead ? dueAt ?? now : nil, earliest: dueAt ?? 0, now: now, on: connection)
  }

  static func isEmpty(_ lane: Lane, on connection: Connection) throws(LedgerError) -> Bool {
    try !connection.prepared(laneIsOccupied)
      .bind(1, lane.contact.rawValue).bind(2, lane.queue.rawValue).hasRow()
  }

  /// - Parameter dueAt: Of its lane's head; `nil` for any other.
  static func insertEntry(
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

  private static let insertEntry = Query(
    """
    INSERT INTO entry (contact_key, queue, message, part, channel, rank, due_ms, enqueued_ms, token,
      earliest_ms) VALUES (?,?,?,?,?,?,?,?8,?8,?9)
    """)
  private static let laneIsOccupied = Query(
    "SELECT 1 FROM entry WHERE contact_key = ? AND queue = ? LIMIT 1")
}
