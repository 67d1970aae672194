import SluiceCore

// What keeps the ledger's size a matter of retention, not of age.

extension SQLiteLedger {
  package func prune(
    _ terms: PruneTerms, from mark: PruneMark
  ) throws(LedgerError) -> Pruned {
    try write { connection throws(LedgerError) in
      var pruned = Pruned()
      let messages = try Self.walk(
        Self.messagesBehind, from: mark.message, terms, on: connection)
      for message in messages.old
      where try !connection.prepared(Self.entryOfMessage)
        .bind(1, message.contact).bind(2, message.id).hasRow()
      {
        try Self.forget(message.id, on: connection)
        pruned.deleted += 1
      }
      let webhooks = try Self.walk(
        Self.webhooksBehind, from: mark.webhook, terms, on: connection)
      for webhook in webhooks.old {
        try connection.prepared(Self.deleteWebhook).bind(1, webhook.id).run()
        pruned.deleted += 1
      }
      pruned.next = PruneMark(message: messages.next, webhook: webhooks.next)
      pruned.expired = try Self.expire(
        before: terms.parkedBefore, limit: terms.limit, on: connection)
      pruned.deleted += pruned.expired.count
      return pruned
    }
  }

  /// Rows grow with time, so what is old comes first. What is queued stays, however old: of a channel that
  /// is paused, say. It is passed over, as is what a clock that was ahead has put into the future.
  /// - Returns: What is old, and where to go on; `nil` where the rest is young.
  private static func walk(
    _ query: Query, from row: Int64, _ terms: PruneTerms, on connection: Connection
  ) throws(LedgerError) -> (old: [(id: Int64, contact: Int64)], next: Int64?) {
    let rows = try connection.prepared(query).bind(1, row).bind(2, terms.limit)
    var old: [(id: Int64, contact: Int64)] = []
    var (last, count, isAtEnd) = (row, 0, false)
    while !isAtEnd, try rows.step() {
      let time = rows.integer(1)
      (last, count, isAtEnd) = (rows.integer(0), count + 1, terms.isYoung(time))
      if time < terms.before { old.append((last, rows.integer(2))) }
    }
    rows.reset()
    return (old, isAtEnd || count < terms.limit ? nil : last)
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

  private static let messagesBehind = Query(
    "SELECT id, created_ms, contact_key FROM message WHERE id > ? ORDER BY id LIMIT ?")
  private static let webhooksBehind = Query(
    "SELECT id, received_ms, 0 FROM webhook WHERE id > ? ORDER BY id LIMIT ?")
  private static let entryOfMessage = Query(
    "SELECT 1 FROM entry WHERE contact_key = ? AND message = ? LIMIT 1")
  private static let deleteMessage = Query("DELETE FROM message WHERE id = ?")
  private static let deleteParts = Query("DELETE FROM part WHERE message = ?")
  private static let deleteFragments = Query("DELETE FROM fragment WHERE message = ?")
  private static let deleteAttempts = Query("DELETE FROM attempt WHERE message = ?")
  private static let deleteCallbacks = Query("DELETE FROM callback WHERE message = ?")
  private static let deleteDeadLetters = Query("DELETE FROM dead_letter WHERE message = ?")
  private static let oldParked = Query(
    "SELECT channel, external_id, status FROM parked WHERE received_ms < ? LIMIT ?")
  private static let deleteParkedStatus = Query(
    "DELETE FROM parked WHERE channel = ? AND external_id = ? AND status = ?")
  private static let vacuum = Query("PRAGMA incremental_vacuum(64)")
}
