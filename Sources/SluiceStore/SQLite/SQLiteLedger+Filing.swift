import SluiceCore

// Filing: the intake's rows become webhooks, messages, parts, statuses and queue entries, in the order
// of their acceptance. Whoever looks at queues files first, in the same transaction, so that nobody
// ever sees what was accepted later and not what was accepted before.

extension SQLiteLedger {
  /// What one run of filing did.
  struct Filed {
    /// Of the webhook that was filed last.
    fileprivate(set) var lastReceipt = WebhookReceipt()
    /// Whose rows were filed.
    fileprivate(set) var channels: Set<ChannelName> = []
    /// Whether nothing is left.
    fileprivate(set) var isAll = true
  }

  /// Files what has been accepted, oldest first.
  /// - Parameter limit: Rows; the last request among them is filed whole.
  static func file(
    atMost limit: Int = .max, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) -> Filed {
    var filed = Filed()
    guard try connection.backlog.unfiled(on: connection) > 0 else { return filed }
    var file = File(policy: policy, connection: connection)
    var count = 0
    var last: Int64?
    let rows = try connection.prepared(selectIntake)
    while try rows.step() {
      if count >= limit, File.beginsRequest(rows) {
        filed.isAll = false
        break
      }
      last = rows.integer(0)
      count += 1
      try file.take(rows)
    }
    rows.reset()
    try file.endWebhook()
    filed.lastReceipt = file.receipt
    filed.channels = file.channels
    if let last {
      try connection.prepared(deleteIntake).bind(1, last).run()
      connection.backlog.filed(count, isAll: filed.isAll)
    }
    return filed
  }

  /// What carriers have not filed by the time that handlers rest, the handlers file themselves: then
  /// it costs nobody anything.
  static func filingAtLeisure(_ policy: LedgerPolicy) -> GroupCommit.Leisure {
    GroupCommit.Leisure(
      isWanted: { connection throws(LedgerError) in
        try connection.prepared(anyIntake).hasRow()
      },
      write: { connection throws(LedgerError) in
        _ = try file(atMost: filedAtLeisure, policy: policy, on: connection)
      })
  }

  /// Rows: some milliseconds' work, for which others may have to wait.
  private static let filedAtLeisure = 200

  static let anyIntake = Query("SELECT 1 FROM intake LIMIT 1")
  private static let selectIntake = Query(
    """
    SELECT id, channel, received_ms, kind, body IS NOT NULL, mid, contact, external_id, reference,
      part, status, reason, join_key, piece, pieces, join_until_ms, provider_contact,
      problem IS NOT NULL FROM intake ORDER BY id
    """)
  private static let deleteIntake = Query("DELETE FROM intake WHERE id <= ?")
}

/// One run of filing: remembers what a row's followers belong to.
private struct File {
  let policy: LedgerPolicy
  let connection: Connection
  private(set) var receipt = WebhookReceipt()
  private(set) var channels: Set<ChannelName> = []

  private var channel: (text: String, name: ChannelName)?
  private var webhook: Int64?
  /// Whether some of it was not understood.
  private var isQuarantined = false
  private var message: Outbound?

  private struct Outbound {
    let row: Int64
    let lane: Lane
    let rank: Int
    /// Whether its first part is its lane's head.
    let isHead: Bool
  }

  init(policy: LedgerPolicy, connection: Connection) {
    self.policy = policy
    self.connection = connection
  }

  /// Whether a row belongs to no row before it.
  static func beginsRequest(_ row: Statement) -> Bool {
    row.integer(3) == IntakeRow.Kind.outbound.rawValue ? row.integer(9) == 0 : row.integer(4) == 1
  }

  mutating func take(_ row: Statement) throws(LedgerError) {
    let id = row.integer(0)
    guard let kind = IntakeRow.Kind(rawValue: Int(row.integer(3))) else {
      throw .broken("intake row \(id) cannot be read")
    }
    let channel = try channelName(row.text(1), row: id)
    let receivedAt = row.integer(2)
    if Self.beginsRequest(row) {
      try endWebhook()
      receipt = WebhookReceipt()
      if kind != .outbound {
        try connection.prepared(Self.insertWebhook).bind(1, id).run()
        webhook = connection.lastInsertID
        isQuarantined = row.integer(17) == 1
      }
    }
    switch kind {
    case .webhook: break
    case .message, .echo:
      if try insertMessage(row, id: id, isEcho: kind == .echo, channel, receivedAt) {
        receipt.accepted += 1
      } else {
        countDuplicate(.inbound, channel)
      }
    case .status:
      let report = StatusReport(
        externalID: row.text(7), status: DeliveryStatus(rawValue: Int(row.integer(10))) ?? .queued,
        reason: row.optionalText(11), reference: reference(row))
      switch try SQLiteLedger.apply(
        report, key: ExternalKey(channel: channel, externalID: report.externalID),
        channel: channel,
        from: SQLiteLedger.StatusOrigin(webhook: webhook, receivedAt: receivedAt),
        now: receivedAt, policy: policy, on: connection)
      {
      case .changed: receipt.accepted += 1
      case .unchanged: countDuplicate(.status, channel)
      case .parked: receipt.parked += 1
      }
    case .outbound: try insertPart(row, id: id, channel, receivedAt)
    }
  }

  private mutating func countDuplicate(_ queue: Queue, _ channel: ChannelName) {
    receipt.duplicates += 1
    connection.duplicates[BacklogCounter.Key(channel: channel, queue: queue), default: 0] += 1
  }

  /// A mere repeat leaves nothing behind: a provider that keeps repeating must not fill the disk.
  mutating func endWebhook() throws(LedgerError) {
    guard let webhook else { return }
    self.webhook = nil
    if receipt.duplicates > 0 && receipt.accepted + receipt.parked == 0 && !isQuarantined {
      try connection.prepared(Self.deleteWebhook).bind(1, webhook).run()
    }
  }

  private mutating func channelName(
    _ text: String, row: Int64
  ) throws(LedgerError) -> ChannelName {
    if let channel, channel.text == text { return channel.name }
    guard let name = ChannelName(text) else { throw .broken("intake row \(row) cannot be read") }
    channel = (text, name)
    channels.insert(name)
    return name
  }

  private func reference(_ row: Statement) -> PartReference? {
    row.isNull(8)
      ? nil : PartReference(message: row.messageID(8), part: Int(row.integer(9)))
  }

  private func fragment(_ row: Statement) -> IntakeRow.FragmentRow? {
    row.isNull(12)
      ? nil
      : IntakeRow.FragmentRow(
        key: JoinKey(rawValue: row.integer(12)), number: Int(row.integer(13)),
        total: Int(row.integer(14)), until: row.integer(15))
  }

  // MARK: Inbound

  /// - Returns: `false` if the channel has that message already.
  private func insertMessage(
    _ row: Statement, id: Int64, isEcho: Bool, _ channel: ChannelName, _ receivedAt: Int64
  ) throws(LedgerError) -> Bool {
    let externalID = row.text(7)
    let key = ExternalKey(channel: channel, externalID: externalID)
    if isEcho, try isOurs(reference(row), externalID, key) { return false }
    let contact = ContactKey(channel: channel, contact: row.text(6))
    if !row.isNull(16) {
      try SQLiteLedger.keepAlias(
        row.text(6), of: row.text(16), channel: channel, on: connection)
    }
    let fragment = fragment(row)
    if let fragment {
      if try SQLiteLedger.isKnownFragment(externalID, key, on: connection) { return false }
      let waiting = try SQLiteLedger.messageAwaiting(
        fragment, from: contact, now: receivedAt, on: connection)
      if let waiting {
        try SQLiteLedger.insertFragment(
          fragment, intake: id, key, into: waiting.message, on: connection)
        try SQLiteLedger.release(
          waiting.entry, of: waiting.message, joinedOf: fragment.total, now: receivedAt,
          on: connection)
        try SQLiteLedger.preferReplies(to: contact, on: connection)
        return true
      }
    }
    if try !insertMessage(id, isEcho: isEcho, contact, key) {
      let known = try connection.prepared(Self.externalIDByKey).bind(1, key.rawValue)
        .first { $0.text(0) }
      if let known, known.utf8.elementsEqual(externalID.utf8) { return false }
      // Another ID with the same digest: rare enough to do without the index.
      _ = try insertMessage(id, isEcho: isEcho, contact, nil)
    }
    let message = connection.lastInsertID
    try SQLiteLedger.enqueue(
      Lane(contact: contact, queue: .inbound), message: message, part: 0, channel: channel,
      rank: 0, now: receivedAt, dueAt: fragment?.until, on: connection)
    if let fragment {
      try SQLiteLedger.insertFragment(fragment, intake: id, key, into: message, on: connection)
    }
    if !isEcho { try SQLiteLedger.preferReplies(to: contact, on: connection) }
    return true
  }

  private func insertMessage(
    _ id: Int64, isEcho: Bool, _ contact: ContactKey, _ key: ExternalKey?
  ) throws(LedgerError) -> Bool {
    try connection.prepared(Self.insertInbound)
      .bind(1, id).bind(2, isEcho ? 2 : 1).bind(3, contact.rawValue).bind(4, key?.rawValue)
      .bind(5, webhook).run()
    return connection.changes > 0
  }

  /// Whether an echo is of a message that came through us.
  private func isOurs(
    _ reference: PartReference?, _ externalID: String, _ key: ExternalKey
  ) throws(LedgerError) -> Bool {
    if let reference,
      try connection.prepared(Self.messageByID).bind(1, reference.message).hasRow()
    {
      return true
    }
    return try SQLiteLedger.part(externalID: externalID, key: key, on: connection) != nil
  }

  // MARK: Outbound

  private mutating func insertPart(
    _ row: Statement, id: Int64, _ channel: ChannelName, _ createdAt: Int64
  ) throws(LedgerError) {
    let number = Int(row.integer(9))
    if number == 0 {
      let contact = ContactKey(channel: channel, contact: row.text(6))
      try connection.prepared(Self.insertOutbound).bind(1, id).bind(2, contact.rawValue).run()
      let message = connection.lastInsertID
      let lane = Lane(contact: contact, queue: .outbound)
      let isHead = try SQLiteLedger.isEmpty(lane, on: connection)
      // Only a head's rank is ever looked at.
      let rank =
        isHead
        ? try SQLiteLedger.rank(of: lane, now: createdAt, policy: policy, on: connection) : 1
      self.message = Outbound(row: message, lane: lane, rank: rank, isHead: isHead)
    }
    guard let message else { throw .broken("intake row \(id) has no message before it") }
    try connection.prepared(Self.insertPart).bind(1, id).bind(2, message.row).run()
    try SQLiteLedger.insertEntry(
      message.lane, message: message.row, part: number, channel: channel, rank: message.rank,
      dueAt: message.isHead && number == 0 ? createdAt : nil, now: createdAt, on: connection)
  }

  // What is stored as it came goes from table to table, not by way of us.
  private static let insertWebhook = Query(
    """
    INSERT INTO webhook (channel, account, received_ms, content_type, query, body, problem)
      SELECT channel, account, received_ms, content_type, query, body, problem FROM intake
        WHERE id = ?
    """)
  private static let deleteWebhook = Query("DELETE FROM webhook WHERE id = ?")
  private static let insertInbound = Query(
    """
    INSERT INTO message (mid, channel, direction, contact, contact_key, external_id, external_key,
      created_ms, timestamp_ms, content, profile, webhook, status, status_ms)
      SELECT mid, channel, ?2, contact, ?3, external_id, ?4, received_ms, timestamp_ms, content,
        profile, ?5, 0, received_ms FROM intake WHERE id = ?1
    ON CONFLICT (external_key) WHERE external_key IS NOT NULL DO NOTHING
    """)
  private static let externalIDByKey = Query(
    "SELECT external_id FROM message WHERE external_key = ?")
  private static let messageByID = Query("SELECT id FROM message WHERE mid = ? AND direction = 0")
  private static let insertOutbound = Query(
    """
    INSERT INTO message (mid, channel, direction, contact, contact_key, created_ms, timestamp_ms,
      content, status, status_ms)
      SELECT mid, channel, 0, contact, ?2, received_ms, received_ms, content, 0, received_ms
        FROM intake WHERE id = ?1
    """)
  private static let insertPart = Query(
    """
    INSERT INTO part (message, number, channel, payload)
      SELECT ?2, part, channel, CAST(body AS TEXT) FROM intake WHERE id = ?1
    """)
}
