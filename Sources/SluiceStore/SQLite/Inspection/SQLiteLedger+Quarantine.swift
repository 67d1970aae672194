import SluiceCore

// Webhooks as they came, and those that nobody understood.

extension SQLiteLedger {
  package func troubles(of channel: ChannelName?) throws(LedgerError) -> [ChannelTroubles] {
    try catchUp()
    return try read { connection throws(LedgerError) in
      let rows = try connection.prepared(channel == nil ? Self.troubles : Self.troublesOfChannel)
        .bind(1, channel?.description)
      var troubles: [ChannelTroubles] = []
      while try rows.step() {
        guard let channel = ChannelName(rows.text(0)) else { continue }
        troubles.append(
          ChannelTroubles(
            channel: channel, deadLetters: Int(rows.integer(1)),
            quarantined: Int(rows.integer(2))))
      }
      return troubles
    }
  }

  package func countQuarantine(of channel: ChannelName?) throws(LedgerError) -> Int {
    try troubles(of: channel).reduce(0) { $0 + $1.quarantined }
  }

  package func quarantine(
    of channel: ChannelName?, before row: Int64?, limit: Int
  ) throws(LedgerError) -> [StoredWebhook] {
    try quarantine(
      channel, channel == nil ? Self.selectQuarantine : Self.selectQuarantineOfChannel,
      from: row ?? .max, limit: limit)
  }

  package func quarantine(
    of channel: ChannelName?, after row: Int64, limit: Int
  ) throws(LedgerError) -> [StoredWebhook] {
    try quarantine(
      channel, channel == nil ? Self.selectOldest : Self.selectOldestOfChannel, from: row,
      limit: limit)
  }

  private func quarantine(
    _ channel: ChannelName?, _ query: Query, from row: Int64, limit: Int
  ) throws(LedgerError) -> [StoredWebhook] {
    try catchUp()
    return try read { connection throws(LedgerError) in
      let rows = try connection.prepared(query)
        .bind(1, row).bind(2, limit).bind(3, channel?.description)
      var found: [StoredWebhook] = []
      while try rows.step() { found.append(try Self.storedWebhook(rows)) }
      return found
    }
  }

  package func webhook(_ row: Int64) throws(LedgerError) -> StoredWebhook? {
    try read { connection throws(LedgerError) in try Self.webhook(row, on: connection) }
  }

  static func webhook(
    _ row: Int64, on connection: Connection
  ) throws(LedgerError) -> StoredWebhook? {
    try connection.prepared(selectWebhook).bind(1, row).first(storedWebhook)
  }

  package func release(
    quarantined row: Int64, as record: WebhookRecord
  ) throws(LedgerError) -> WebhookReceipt? {
    let recording = recording(record)
    let policy = policy
    return try waiting { done in
      admit(
        { connection throws(LedgerError) -> WebhookReceipt? in
          _ = try Self.file(policy: policy, on: connection)
          guard try connection.prepared(Self.isQuarantined).bind(1, row).hasRow() else {
            return nil
          }
          let receipt = try recording(connection)
          guard !receipt.isRefused else { return receipt }
          try connection.prepared(Self.deleteWebhook).bind(1, row).run()
          return try Self.file(policy: policy, on: connection).lastReceipt
        }, then: done)
    }
  }

  /// The webhook of that row, if it is the one that came then: rows of deleted ones are used again.
  static func webhook(
    _ row: Int64?, of channel: ChannelName, at receivedAt: Int64, on connection: Connection
  ) throws(LedgerError) -> StoredWebhook? {
    guard let row else { return nil }
    let found = try webhook(row, on: connection)
    return found?.channel == channel && found?.receivedAt == receivedAt ? found : nil
  }

  static func quarantined(
    after row: Int64, on connection: Connection
  ) throws(LedgerError) -> [StoredWebhook] {
    let rows = try connection.prepared(selectNewlyQuarantined).bind(1, row)
    var found: [StoredWebhook] = []
    while try rows.step() { found.append(try storedWebhook(rows)) }
    return found
  }

  private static func storedWebhook(_ row: Statement) throws(LedgerError) -> StoredWebhook {
    guard let channel = ChannelName(row.text(1)) else {
      throw .broken("webhook row \(row.integer(0)) cannot be read")
    }
    return StoredWebhook(
      row: row.integer(0), channel: channel,
      account: row.optionalInteger(7).flatMap { Account(rawValue: Int($0)) },
      receivedAt: row.integer(2), contentType: row.optionalText(3),
      query: row.optionalText(4) ?? "", body: Array(row.bytes(5)), problem: row.optionalText(6))
  }

  private static let columns =
    "id, channel, received_ms, content_type, query, body, problem, account"
  private static let selectWebhook = Query("SELECT \(columns) FROM webhook WHERE id = ?")
  private static let selectQuarantine = quarantined("id < ?1 ORDER BY id DESC")
  private static let selectQuarantineOfChannel = quarantinedOfChannel("id < ?1 ORDER BY id DESC")
  private static let selectOldest = quarantined("id > ?1 ORDER BY id")
  private static let selectOldestOfChannel = quarantinedOfChannel("id > ?1 ORDER BY id")

  /// - Parameter place: Where in the table, and in which order.
  private static func quarantined(_ place: String) -> Query {
    Query(
      """
      SELECT \(columns) FROM webhook INDEXED BY webhook_problem
        WHERE problem IS NOT NULL AND ?3 IS NULL AND \(place) LIMIT ?2
      """)
  }

  private static func quarantinedOfChannel(_ place: String) -> Query {
    Query(
      """
      SELECT \(columns) FROM webhook INDEXED BY webhook_quarantine
        WHERE problem IS NOT NULL AND channel = ?3 AND \(place) LIMIT ?2
      """)
  }

  private static let selectNewlyQuarantined = Query(
    "SELECT \(columns) FROM webhook WHERE id > ? AND problem IS NOT NULL ORDER BY id")
  private static let isQuarantined = Query(
    "SELECT 1 FROM webhook WHERE id = ? AND problem IS NOT NULL")
  static let deleteWebhook = Query("DELETE FROM webhook WHERE id = ?")
  private static let troubles = Query(
    """
    SELECT channel, dead, quarantined FROM trouble WHERE dead + quarantined > 0 AND ?1 IS NULL
      ORDER BY channel
    """)
  private static let troublesOfChannel = Query(
    """
    SELECT channel, dead, quarantined FROM trouble WHERE dead + quarantined > 0 AND channel = ?1
    """)
}
