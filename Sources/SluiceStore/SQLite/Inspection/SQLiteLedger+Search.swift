import SluiceCore

// Finding messages.

extension SQLiteLedger {
  /// Files what has been accepted, so that it is where people look for it. A little at a time: others
  /// take their turns. If it cannot be written, what is filed can still be read.
  func catchUp() throws(LedgerError) { while try fileSome() > 0 {} }

  /// A part of that, for whoever wants to say how far it is.
  /// - Returns: How many rows were filed, at most; 0 where none are left, or none can be.
  package func fileSome() throws(LedgerError) -> Int {
    let policy = policy
    guard
      try read({ connection throws(LedgerError) in
        try connection.prepared(Self.anyIntake).hasRow()
      })
    else { return 0 }
    do throws(LedgerError) {
      try write { connection throws(LedgerError) in
        _ = try Self.file(atMost: Self.filedAtOnce, policy: policy, on: connection)
      }
      return Self.filedAtOnce
    } catch {
      guard error.isPassing else { throw error }
      return 0
    }
  }

  /// Rows that were accepted and are not filed yet.
  package func unfiled() throws(LedgerError) -> Int {
    try read { connection throws(LedgerError) in
      try connection.prepared(Self.countIntake).first { Int($0.integer(0)) } ?? 0
    }
  }

  package func channels() throws(LedgerError) -> [ChannelName] {
    try catchUp()
    return try read { connection throws(LedgerError) in try Self.channels(on: connection) }
  }

  static func channels(
    orOnly channel: ChannelName?, on connection: Connection
  ) throws(LedgerError) -> [ChannelName] {
    if let channel { return [channel] }
    return try channels(on: connection)
  }

  /// A skip scan: each step jumps over all of a channel's messages.
  private static func channels(on connection: Connection) throws(LedgerError) -> [ChannelName] {
    var channels: [ChannelName] = []
    var last = ""
    while let next = try connection.prepared(nextChannel).bind(1, last)
      .first({ $0.optionalText(0) }) ?? nil
    {
      last = next
      if let channel = ChannelName(next) { channels.append(channel) }
    }
    return channels
  }

  package func messages(_ search: MessageSearch) throws(LedgerError) -> MessagePage {
    try catchUp()
    return try read { connection throws(LedgerError) in
      if search.contact != nil { return try Self.ofContact(search, on: connection) }
      return try Self.page(search, on: connection)
    }
  }

  /// A contact's messages are few, and found by their key.
  private static func ofContact(
    _ search: MessageSearch, on connection: Connection
  ) throws(LedgerError) -> MessagePage {
    guard let contact = search.contact else { return MessagePage(messages: [], next: nil) }
    var found: [MessageSummary] = []
    for channel in try channels(orOnly: search.channel, on: connection) {
      let key = ContactKey(channel: channel, contact: contact)
      found += try summaries(
        matching: bind(connection.prepared(selectOfContact), search, from: 0, to: search.before)
          .bind(10, key.rawValue).bind(11, search.limit + 1))
    }
    found.sort { $0.row > $1.row }
    let page = Array(found.prefix(search.limit))
    return MessagePage(messages: page, next: found.count > page.count ? page.last?.row : nil)
  }

  private static func page(
    _ search: MessageSearch, on connection: Connection
  ) throws(LedgerError) -> MessagePage {
    let channel = search.channel?.description
    let top = min(
      search.before ?? .max, try newestRow(before: search.createdBefore, on: connection))
    let skip = try connection.prepared(channel == nil ? floor : floorOfChannel)
      .bind(1, top).bind(2, scanned).bind(3, channel)
      .first { $0.integer(0) }
    let statement = try connection.prepared(channel == nil ? select : selectOfChannel)
    let found = try summaries(
      matching: bind(statement, search, from: skip ?? 0, to: top)
        .bind(10, channel).bind(11, search.limit + 1))
    let page = Array(found.prefix(search.limit))
    // What is that old is not looked for any further.
    let isOver =
      if let from = search.createdFrom, let skip { try createdAt(skip, on: connection) < from } else
      {
        false
      }
    let next = found.count > page.count ? page.last?.row : isOver ? nil : skip
    return MessagePage(messages: page, next: next)
  }

  /// A row behind the last one made before that time. IDs sort by time, and rows nearly do.
  private static func newestRow(
    before time: Int64?, on connection: Connection
  ) throws(LedgerError) -> Int64 {
    guard let time else { return .max }
    let row = try connection.prepared(rowByTime)
      .bind(1, MessageID(high: UInt64(max(time, 0)) << 16, low: 0)).first { $0.integer(0) }
    return row.map { $0 + disorder } ?? 0
  }

  private static func createdAt(
    _ row: Int64, on connection: Connection
  ) throws(LedgerError) -> Int64 {
    try connection.prepared(timeOfRow).bind(1, row).first { $0.integer(0) } ?? .max
  }

  private static func bind(
    _ statement: Statement, _ search: MessageSearch, from bottom: Int64, to top: Int64?
  ) -> Statement {
    statement.bind(1, bottom).bind(2, top ?? .max)
      .bind(3, search.direction.map { Int64($0.rawValue) })
      .bind(4, search.status.map { Int64($0.rawValue) })
      .bind(5, search.text.map(pattern))
      .bind(6, search.createdFrom).bind(7, search.createdBefore)
      .bind(8, search.contact?.description)
  }

  /// For LIKE, in the content's JSON.
  private static func pattern(_ text: String) -> String {
    let written = JSON.string(text).text.dropFirst().dropLast()
    var pattern = "%"
    for character in written.unicodeScalars {
      if "%_~".unicodeScalars.contains(character) { pattern.unicodeScalars.append("~") }
      pattern.unicodeScalars.append(character)
    }
    return pattern + "%"
  }

  // MARK: By name

  package func find(
    _ text: String, on channel: ChannelName?, limit: Int
  ) throws(LedgerError) -> Found {
    try catchUp()
    return try read { connection throws(LedgerError) in
      if let id = MessageID(text), let row = try Self.row(of: id, on: connection) {
        let message = try Self.summaries(matching: connection.prepared(Self.byRow).bind(1, row))
        // An mId of another channel than was asked for is somebody else's.
        return Found(messages: message.filter { channel == nil || $0.channel == channel })
      }
      var rows: Set<Int64> = []
      var parked: [ParkedStatus] = []
      for channel in try Self.channels(orOnly: channel, on: connection) {
        for externalID in [text, Account.fallback.qualified(text)] {
          let key = ExternalKey(channel: channel, externalID: externalID)
          rows.formUnion(
            try Self.rows(
              connection.prepared(Self.byExternalID).bind(1, key.rawValue).bind(2, externalID)))
          parked += try Self.parked(externalID, on: channel, connection)
        }
        guard let contact = try? ContactID(text) else { continue }
        rows.formUnion(
          try Self.rows(
            connection.prepared(Self.byContact)
              .bind(1, ContactKey(channel: channel, contact: contact).rawValue).bind(2, text)
              .bind(3, limit)))
      }
      var messages: [MessageSummary] = []
      for row in rows.sorted(by: >).prefix(limit) {
        messages += try Self.summaries(
          matching: connection.prepared(Self.byRow).bind(1, row))
      }
      return Found(messages: messages, parked: parked)
    }
  }

  static func row(of id: MessageID, on connection: Connection) throws(LedgerError) -> Int64? {
    try connection.prepared(rowByID).bind(1, id).first { $0.integer(0) }
  }

  private static func rows(_ statement: Statement) throws(LedgerError) -> [Int64] {
    var rows: [Int64] = []
    while try statement.step() { rows.append(statement.integer(0)) }
    return rows
  }

  private static func parked(
    _ externalID: String, on channel: ChannelName, _ connection: Connection
  ) throws(LedgerError) -> [ParkedStatus] {
    let rows = try connection.prepared(selectParked).bind(1, channel.description)
      .bind(2, externalID)
    var parked: [ParkedStatus] = []
    while try rows.step() {
      guard let status = DeliveryStatus(rawValue: Int(rows.integer(0))) else { continue }
      parked.append(ParkedStatus(channel: channel, externalID: externalID, status: status))
    }
    return parked
  }

  // MARK: Rows

  static func summaries(
    matching rows: Statement
  ) throws(LedgerError) -> [MessageSummary] {
    var found: [MessageSummary] = []
    while try rows.step() { found.append(try summary(rows)) }
    return found
  }

  /// Of a row that begins with ``summaryColumns``.
  static func summary(_ row: Statement) throws(LedgerError) -> MessageSummary {
    guard let channel = ChannelName(row.text(2)),
      let direction = MessageDirection(rawValue: Int(row.integer(3))),
      let contact = try? ContactID(row.text(4)),
      let status = DeliveryStatus(rawValue: Int(row.integer(8)))
    else { throw .broken("message row \(row.integer(0)) cannot be read") }
    return MessageSummary(
      row: row.integer(0), id: row.messageID(1), channel: channel, direction: direction,
      contact: contact, externalID: row.optionalText(5), createdAt: row.integer(6),
      timestamp: row.integer(7), status: status, statusSince: row.integer(9),
      reason: row.optionalText(10), content: Array(row.bytes(11)))
  }

  static let summaryColumns = """
    m.id, m.mid, m.channel, m.direction, m.contact, m.external_id, m.created_ms, m.timestamp_ms,
      m.status, m.status_ms, m.reason, m.content
    """

  /// Messages that one call looks at, at most: some milliseconds' work.
  private static let scanned: Int64 = 10_000
  /// Rows by which the order of IDs may differ from that of acceptance.
  private static let disorder: Int64 = 1_000

  private static let conditions = """
    m.id >= ?1 AND m.id < ?2 AND (?3 IS NULL OR m.direction = ?3) AND (?4 IS NULL OR m.status = ?4)
      AND (?6 IS NULL OR m.created_ms >= ?6) AND (?7 IS NULL OR m.created_ms < ?7)
      AND (?8 IS NULL OR m.contact = ?8) AND (?5 IS NULL OR m.content LIKE ?5 ESCAPE '~')
    """
  private static let countIntake = Query("SELECT count(*) FROM intake")
  private static let select = Query(
    "SELECT \(summaryColumns) FROM message m WHERE \(conditions) ORDER BY m.id DESC LIMIT ?11")
  private static let selectOfChannel = Query(
    """
    SELECT \(summaryColumns) FROM message m INDEXED BY message_channel
      WHERE m.channel = ?10 AND \(conditions) ORDER BY m.id DESC LIMIT ?11
    """)
  private static let selectOfContact = Query(
    """
    SELECT \(summaryColumns) FROM message m INDEXED BY message_contact
      WHERE m.contact_key = ?10 AND \(conditions) ORDER BY m.id DESC LIMIT ?11
    """)
  private static let floor = Query(
    "SELECT id FROM message WHERE id < ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2")
  private static let floorOfChannel = Query(
    """
    SELECT id FROM message INDEXED BY message_channel WHERE channel = ?3 AND id < ?1
      ORDER BY id DESC LIMIT 1 OFFSET ?2
    """)
  private static let rowByTime = Query(
    "SELECT id FROM message WHERE mid < ? ORDER BY mid DESC LIMIT 1")
  private static let timeOfRow = Query("SELECT created_ms FROM message WHERE id = ?")
  private static let nextChannel = Query("SELECT min(channel) FROM message WHERE channel > ?")
  private static let rowByID = Query("SELECT id FROM message WHERE mid = ?")
  private static let byRow = Query("SELECT \(summaryColumns) FROM message m WHERE m.id = ?")
  private static let byExternalID = Query(
    """
    SELECT id FROM message WHERE external_key = ?1 AND external_id = ?2
      UNION SELECT message FROM part WHERE external_key = ?1 AND external_id = ?2
    """)
  private static let byContact = Query(
    """
    SELECT id FROM message INDEXED BY message_contact WHERE contact_key = ?1 AND contact = ?2
      ORDER BY id DESC LIMIT ?3
    """)
  private static let selectParked = Query(
    "SELECT status FROM parked WHERE channel = ? AND external_id = ? ORDER BY status")
}
