import SluiceCore

// What is kept of a contact, and how much there is to go through.

extension SQLiteLedger {
  package func holdings(
    of contact: ContactID, on channel: ChannelName
  ) throws(LedgerError) -> ContactHoldings {
    try catchUp()
    return try read { connection throws(LedgerError) in
      let key = ContactKey(channel: channel, contact: contact).rawValue
      var holdings = ContactHoldings()
      holdings.messages =
        try connection.prepared(Self.countMessages).bind(1, key).bind(2, contact.description)
        .first { Int($0.integer(0)) } ?? 0
      let rows = try connection.prepared(Self.selectTheirWebhooks)
        .bind(1, key).bind(2, contact.description)
      while try rows.step() { holdings.webhooks.insert(rows.integer(0)) }
      return holdings
    }
  }

  package func webhookRows() throws(LedgerError) -> ClosedRange<Int64>? {
    try catchUp()
    return try read { connection throws(LedgerError) in
      try connection.prepared(Self.selectWebhookRows).first { row in
        row.isNull(0) ? nil : row.integer(0)...row.integer(1)
      } ?? nil
    }
  }

  package func webhooks(
    mentioning contact: ContactID, on channel: ChannelName?, after row: Int64, limit: Int
  ) throws(LedgerError) -> MentioningWebhooks {
    try read { connection throws(LedgerError) in
      let walk = try Self.walk(
        mentioning: contact, on: channel, after: row, limit: limit, connection)
      var found: [StoredWebhook] = []
      for row in walk.found {
        if let webhook = try Self.webhook(row, on: connection) { found.append(webhook) }
      }
      return MentioningWebhooks(found: found, next: walk.next)
    }
  }

  /// The rows of those webhooks that mention a contact, of at most `limit` behind `row`.
  static func walk(
    mentioning contact: ContactID, on channel: ChannelName?, after row: Int64, limit: Int,
    _ connection: Connection
  ) throws(LedgerError) -> (found: [Int64], next: Int64?) {
    // A webhook has the provider's ID.
    let mention = ContactMention(try resolved(contact, channel: channel, on: connection))
    let rows = try connection.prepared(selectBehind).bind(1, row).bind(2, limit)
    var (last, count): (Int64?, Int) = (nil, 0)
    var found: [Int64] = []
    while try rows.step() {
      let id = rows.integer(0)
      last = id
      count += 1
      guard channel == nil || rows.text(1) == channel?.description else { continue }
      if mention.isIn(Array(rows.bytes(2))) || mention.isIn(Array(rows.bytes(3))) {
        found.append(id)
      }
    }
    return (found, count < limit ? nil : last)
  }

  private static let countMessages = Query(
    """
    SELECT count(*) FROM message INDEXED BY message_contact WHERE contact_key = ? AND contact = ?
    """)
  private static let selectTheirWebhooks = Query(
    """
    SELECT w.id FROM message m INDEXED BY message_contact
        JOIN webhook w ON w.id = m.webhook AND w.received_ms = m.created_ms AND w.channel = m.channel
      WHERE m.contact_key = ?1 AND m.contact = ?2
    UNION SELECT w.id FROM message m INDEXED BY message_contact
        JOIN callback c ON c.message = m.id
        JOIN webhook w ON w.id = c.webhook AND w.received_ms = c.received_ms
      WHERE m.contact_key = ?1 AND m.contact = ?2
    """)
  private static let selectWebhookRows = Query("SELECT min(id), max(id) FROM webhook")
  private static let selectBehind = Query(
    "SELECT id, channel, body, query FROM webhook WHERE id > ? ORDER BY id LIMIT ?")
}
