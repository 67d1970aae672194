import SluiceCore

// A contact who is to be forgotten. What is deleted is also written over.

extension SQLiteLedger {
  package func eraseMessages(
    of contact: ContactID, on channel: ChannelName, limit: Int
  ) throws(LedgerError) -> Int {
    let policy = policy
    return try waiting { done in
      settle(
        { connection throws(LedgerError) in
          try connection.prepared(Self.overwrite).run()
          _ = try Self.file(policy: policy, on: connection)
          let key = ContactKey(channel: channel, contact: contact)
          let rows = try connection.prepared(Self.selectMessages)
            .bind(1, key.rawValue).bind(2, contact.description).bind(3, limit)
          var messages: [Int64] = []
          while try rows.step() { messages.append(rows.integer(0)) }
          for message in messages {
            try Self.erase(message, of: key, on: channel, connection)
          }
          for queue in Queue.allCases {
            try Self.promote(
              Lane(contact: key, queue: queue), now: 0, policy: policy, on: connection)
          }
          return messages.count
        }, then: done)
    }
  }

  private static func erase(
    _ message: Int64, of contact: ContactKey, on channel: ChannelName, _ connection: Connection
  ) throws(LedgerError) {
    let rows = try connection.prepared(selectEntries).bind(1, contact.rawValue).bind(2, message)
    var entries: [(id: Int64, queue: Queue)] = []
    while try rows.step() {
      guard let queue = Queue(rawValue: Int(rows.integer(1))) else { continue }
      entries.append((rows.integer(0), queue))
    }
    for entry in entries {
      try discard(entry.id, queue: entry.queue, channel: channel, on: connection)
    }
    try connection.prepared(deleteItsWebhooks).bind(1, message).run()
    try forget(message, on: connection)
  }

  package func eraseWebhooks(
    mentioning contact: ContactID, on channel: ChannelName?, after row: Int64, limit: Int
  ) throws(LedgerError) -> WebhookErasure {
    try waiting { done in
      settle(
        { connection throws(LedgerError) in
          try connection.prepared(Self.overwrite).run()
          let walk = try Self.walk(
            mentioning: contact, on: channel, after: row, limit: limit, connection)
          for webhook in walk.found {
            try connection.prepared(Self.deleteWebhook).bind(1, webhook).run()
          }
          if walk.next == nil { try Self.forgetAlias(contact, channel: channel, on: connection) }
          return WebhookErasure(deleted: walk.found.count, next: walk.next)
        }, then: done)
    }
  }

  /// Of this connection, from now on: what was there is not to be found in free pages.
  private static let overwrite = Query("PRAGMA secure_delete=ON")
  private static let selectMessages = Query(
    """
    SELECT id FROM message INDEXED BY message_contact WHERE contact_key = ? AND contact = ?
      ORDER BY id LIMIT ?
    """)
  private static let selectEntries = Query(
    "SELECT id, queue FROM entry WHERE contact_key = ? AND message = ?")
  private static let deleteItsWebhooks = Query(
    """
    DELETE FROM webhook WHERE id IN (
      SELECT w.id FROM message m JOIN webhook w ON w.id = m.webhook
        AND w.received_ms = m.created_ms AND w.channel = m.channel WHERE m.id = ?1
      UNION SELECT w.id FROM callback c JOIN webhook w ON w.id = c.webhook
        AND w.received_ms = c.received_ms WHERE c.message = ?1)
    """)
}
