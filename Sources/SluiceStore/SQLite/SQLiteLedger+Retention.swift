import SluiceCore

// What keeps the ledger's size a matter of retention, not of age.

extension SQLiteLedger {
  package func prune(
    before: Int64, parkedBefore: Int64, limit: Int
  ) throws(LedgerError) -> Pruned {
    try write { connection throws(LedgerError) in
      var pruned = Pruned()
      // Rows grow with time, so the oldest are the first. What is still queued stays; it cannot be
      // older than a message's maximum age, so it does not stand in the way for long.
      let rows = try connection.prepared(Self.oldMessages).bind(1, before).bind(2, limit)
      var old: [(id: Int64, contact: Int64)] = []
      while try rows.step() { old.append((rows.integer(0), rows.integer(1))) }
      for message in old
      where try !connection.prepared(Self.entryOfMessage)
        .bind(1, message.contact).bind(2, message.id).hasRow()
      {
        try Self.forget(message.id, on: connection)
        pruned.deleted += 1
      }
      try connection.prepared(Self.deleteWebhooks).bind(1, before).bind(2, limit).run()
      pruned.deleted += connection.changes
      pruned.expired = try Self.expire(before: parkedBefore, limit: limit, on: connection)
      pruned.deleted += pruned.expired.count
      return pruned
    }
  }

  /// Deletes a message with everything but what waits in queues.
  static func forget(_ message: Int64, on connection: Connection) throws(LedgerError) {
    for query in [
      deleteMessage, deleteParts, deleteFragments, deleteAttempts, deleteCallbacks,
      deleteDeadLetters,
    ] { try connection.prepared(query).bind(1, message).run() }
  }

  private static func expire(
    before: Int64, limit: Int, on connection: Connection
  ) throws(LedgerError) -> [ParkedStatus] {
    let rows = try connection.prepared(oldParked).bind(1, before).bind(2, limit)
    var expired: [ParkedStatus] = []
    while try rows.step() {
      guard let channel = ChannelName(rows.text(0)),
        let status = DeliveryStatus(rawValue: Int(rows.integer(2)))
      else { continue }
      expired.append(ParkedStatus(channel: channel, externalID: rows.text(1), status: status))
    }
    for parked in expired {
      try connection.prepared(deleteParkedStatus)
        .bind(1, parked.channel.description).bind(2, parked.externalID)
        .bind(3, parked.status.rawValue).run()
    }
    return expired
  }

  package func maintain() throws(LedgerError) {
    reserve.fill()
    // Freed pages go back to the file system a few at a time, so that nobody waits long.
    try write { connection throws(LedgerError) in
      try connection.prepared(Self.vacuum).run()
    }
  }

  private static let oldMessages = Query(
    """
    SELECT id, contact_key FROM (SELECT * FROM message ORDER BY id LIMIT ?2)
      WHERE created_ms < ?1
    """)
  private static let entryOfMessage = Query(
    "SELECT 1 FROM entry WHERE contact_key = ? AND message = ? LIMIT 1")
  private static let deleteMessage = Query("DELETE FROM message WHERE id = ?")
  private static let deleteParts = Query("DELETE FROM part WHERE message = ?")
  private static let deleteFragments = Query("DELETE FROM fragment WHERE message = ?")
  private static let deleteAttempts = Query("DELETE FROM attempt WHERE message = ?")
  private static let deleteCallbacks = Query("DELETE FROM callback WHERE message = ?")
  private static let deleteDeadLetters = Query("DELETE FROM dead_letter WHERE message = ?")
  private static let deleteWebhooks = Query(
    """
    DELETE FROM webhook WHERE id IN (
      SELECT id FROM (SELECT id, received_ms FROM webhook ORDER BY id LIMIT ?2)
        WHERE received_ms < ?1)
    """)
  private static let oldParked = Query(
    "SELECT channel, external_id, status FROM parked WHERE received_ms < ? LIMIT ?")
  private static let deleteParkedStatus = Query(
    "DELETE FROM parked WHERE channel = ? AND external_id = ? AND status = ?")
  private static let vacuum = Query("PRAGMA incremental_vacuum(64)")
}
