import SluiceCore

// What is due is a matter of the time of day, which somebody may set back.

extension SQLiteLedger {
  package func hasten(_ delays: LongestDelays) throws(LedgerError) -> Int {
    // Almost always there is nothing to do, and then nobody has to wait for a write.
    let isNeeded = try read { connection throws(LedgerError) in
      if try Self.bind(connection.prepared(Self.hasHidden), delays).hasRow() { return true }
      return try connection.prepared(Self.hasFuture).bind(1, delays.now).hasRow()
    }
    guard isNeeded else { return 0 }
    let policy = policy
    return try waiting { done in
      settle(
        { connection throws(LedgerError) in
          _ = try Self.file(atMost: Self.filedAtOnce, policy: policy, on: connection)
          try Self.bind(connection.prepared(Self.bringBack), delays).run()
          return connection.changes
        }, then: done)
    }
  }

  private static func bind(_ statement: Statement, _ delays: LongestDelays) -> Statement {
    statement.bind(1, delays.now).bind(2, delays.retry).bind(3, delays.unknown)
      .bind(4, delays.lease)
  }

  /// Entries that cannot be due that late, by the present time. A question about a part that was
  /// sent may be hours away, and nothing is lost with it. A second is for the processes' clocks to
  /// differ by.
  private static let hidden = """
    due_ms > ?1 AND queue <> 3 AND CASE
      WHEN leased THEN due_ms > ?1 + ?4 + 1000
      WHEN enqueued_ms > ?1 + 1000 OR unknown_ms > ?1 + 1000 THEN 1
      WHEN unknown_ms IS NULL THEN due_ms > ?1 + ?2
      ELSE due_ms > ?1 + ?3 END
    """
  private static let hasHidden = Query("SELECT 1 FROM entry WHERE \(hidden) LIMIT 1")
  private static let hasFuture = Query(
    "SELECT 1 FROM (SELECT received_ms FROM intake LIMIT 1000) WHERE received_ms > ? + 1000 LIMIT 1"
  )
  /// A lease goes on for as long as a new one.
  private static let bringBack = Query(
    """
    UPDATE entry SET due_ms = CASE WHEN leased THEN ?1 + ?4 ELSE ?1 END,
      unknown_ms = min(unknown_ms, ?1), enqueued_ms = min(enqueued_ms, ?1) WHERE \(hidden)
    """)
}
