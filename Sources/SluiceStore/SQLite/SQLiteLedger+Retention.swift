import SluiceCore

// What keeps the ledger's size a matter of retention, not of age.

extension SQLiteLedger {
  package func prune(before: Int64, limit: Int) throws(LedgerError) -> Int {
    try write { connection throws(LedgerError) in
      var deleted = 0
      // Rows grow with time, so the oldest are the first. What is still queued stays; it cannot be
      // older than a message's maximum age, so it does not stand in the way for long.
      let rows = try connection.prepared(Self.oldMessages).bind(1, before).bind(2, limit)
      var old: [(id: Int64, lanes: [Lane])] = []
      while try rows.step() {
        guard let channel = ChannelName(rows.text(1)), let contact = try? ContactID(rows.text(2))
        else { continue }
        let queues: [Queue] = rows.integer(3) == 0 ? [.outbound, .status] : [.inbound]
        let lanes = queues.map { Lane(channel: channel, queue: $0, contact: contact) }
        old.append((rows.integer(0), lanes))
      }
      var messages: [Int64] = []
      for (id, lanes) in old where try !Self.isQueued(id, in: lanes, on: connection) {
        messages.append(id)
      }
      for message in messages {
        for query in [
          Self.deleteMessage, Self.deleteParts, Self.deleteAttempts, Self.deleteDeadLetters,
        ] { try connection.prepared(query).bind(1, message).run() }
      }
      deleted += messages.count
      for query in [Self.deleteWebhooks, Self.deleteParked] {
        try connection.prepared(query).bind(1, before).bind(2, limit).run()
        deleted += connection.changes
      }
      return deleted
    }
  }

  package func maintain() throws(LedgerError) {
    // Freed pages go back to the file system a few at a time, so that nobody waits long.
    try write { connection throws(LedgerError) in
      try connection.prepared(Self.vacuum).run()
    }
  }

  private static func isQueued(
    _ message: Int64, in lanes: [Lane], on connection: Connection
  ) throws(LedgerError) -> Bool {
    for lane in lanes {
      if try connection.prepared(entryOfMessage).bind(1, lane.id).bind(2, message).hasRow() {
        return true
      }
    }
    return false
  }

  private static let oldMessages = Query(
    """
    SELECT id, channel, contact, direction FROM (SELECT * FROM message ORDER BY id LIMIT ?2)
      WHERE created_ms < ?1
    """)
  private static let entryOfMessage = Query(
    "SELECT 1 FROM entry WHERE lane = ? AND message = ? LIMIT 1")
  private static let deleteMessage = Query("DELETE FROM message WHERE id = ?")
  private static let deleteParts = Query("DELETE FROM part WHERE message = ?")
  private static let deleteAttempts = Query("DELETE FROM attempt WHERE message = ?")
  private static let deleteDeadLetters = Query("DELETE FROM dead_letter WHERE message = ?")
  private static let deleteWebhooks = Query(
    """
    DELETE FROM webhook WHERE id IN (
      SELECT id FROM (SELECT id, received_ms FROM webhook ORDER BY id LIMIT ?2)
        WHERE received_ms < ?1)
    """)
  private static let deleteParked = Query(
    """
    DELETE FROM parked WHERE (channel, external_id, status) IN (
      SELECT channel, external_id, status FROM parked WHERE received_ms < ? LIMIT ?)
    """)
  private static let vacuum = Query("PRAGMA incremental_vacuum(64)")
}
