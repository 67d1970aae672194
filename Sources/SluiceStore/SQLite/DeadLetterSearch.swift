import SluiceCore

/// By which index dead letters are looked for: by what is rarest of all that a filter says.
enum DeadLetterSearch {
  case byMessage
  case byContact(ContactKey)
  case byChannel
  case byTime

  /// The searches that together find what `filter` means: of a contact, one on each channel.
  static func all(
    _ filter: DeadLetterFilter, on connection: Connection
  ) throws(LedgerError) -> [DeadLetterSearch] {
    if filter.id != nil { return [.byMessage] }
    if let contact = filter.contact {
      return try SQLiteLedger.channels(orOnly: filter.channel, on: connection)
        .map { .byContact(ContactKey(channel: $0, contact: contact)) }
    }
    return [filter.channel == nil ? .byTime : .byChannel]
  }

  func statement(
    _ filter: DeadLetterFilter, newestFirst: Bool, before mark: DeadLetterMark?, limit: Int,
    on connection: Connection
  ) throws(LedgerError) -> Statement {
    let query =
      switch self {
      case .byMessage: newestFirst ? Self.newestOfMessage : Self.oldestOfMessage
      case .byContact: newestFirst ? Self.newestOfContact : Self.oldestOfContact
      case .byChannel: newestFirst ? Self.newestOfChannel : Self.oldestOfChannel
      case .byTime: newestFirst ? Self.newest : Self.oldest
      }
    return bind(
      try connection.prepared(query), filter, before: mark, limit: Int64(limit))
  }

  /// A statement whose one row says how many there are.
  func count(
    _ filter: DeadLetterFilter, on connection: Connection
  ) throws(LedgerError) -> Statement {
    let query =
      switch self {
      case .byMessage: Self.countOfMessage
      case .byContact: Self.countOfContact
      case .byChannel: Self.countOfChannel
      case .byTime: Self.countOfAny
      }
    return bind(try connection.prepared(query), filter, before: nil, limit: .max)
  }

  private func bind(
    _ statement: Statement, _ filter: DeadLetterFilter, before mark: DeadLetterMark?, limit: Int64
  ) -> Statement {
    statement
      .bind(1, filter.id).bind(2, filter.channel?.description)
      .bind(3, filter.queue.map { Int64($0.rawValue) }).bind(4, filter.contact?.description)
      .bind(5, filter.diedFrom ?? .min)
      .bind(6, min(filter.diedBefore ?? .max, mark.map { $0.diedAt &+ 1 } ?? .max)).bind(7, limit)
      .bind(8, mark?.diedAt).bind(9, mark?.message).bind(10, mark?.queue).bind(11, mark?.part)
    if case .byContact(let key) = self { statement.bind(12, key.rawValue) }
    return statement
  }

  private static let countOfMessage = count(ofMessage)
  private static let countOfContact = count(ofContact)
  private static let countOfChannel = count(ofChannel)
  private static let countOfAny = count(anyTime)
  private static let newestOfMessage = query(ofMessage, newestFirst: true)
  private static let oldestOfMessage = query(ofMessage, newestFirst: false)
  private static let newestOfContact = query(ofContact, newestFirst: true)
  private static let oldestOfContact = query(ofContact, newestFirst: false)
  private static let newestOfChannel = query(ofChannel, newestFirst: true)
  private static let oldestOfChannel = query(ofChannel, newestFirst: false)
  private static let newest = query(anyTime, newestFirst: true)
  private static let oldest = query(anyTime, newestFirst: false)

  /// Where a query looks. A plus before a column keeps its index out of it.
  private typealias Source = (table: String, condition: String, time: String, isOfMessages: Bool)

  private static let ofMessage: Source = (
    "dead_letter d", "d.message = (SELECT id FROM message WHERE mid = ?1)", "+d.died_ms", true
  )
  private static let ofContact: Source = (
    "dead_letter d",
    "d.message IN (SELECT id FROM message INDEXED BY message_contact WHERE contact_key = ?12)",
    "+d.died_ms", true
  )
  private static let ofChannel: Source = (
    "dead_letter d INDEXED BY dead_letter_channel", "d.channel = ?2", "d.died_ms", false
  )
  private static let anyTime: Source = (
    "dead_letter d INDEXED BY dead_letter_died", "1", "d.died_ms", false
  )

  /// What all conditions have in common. Only of a contact, or a message, the message's row is asked.
  private static func conditions(_ source: Source) -> String {
    """
    \(source.condition) AND (?2 IS NULL OR d.channel = ?2) AND (?3 IS NULL OR d.queue = ?3)
      AND \(source.time) >= ?5 AND \(source.time) < ?6
    """
  }

  private static func count(_ source: Source) -> Query {
    let contact =
      source.isOfMessages
      ? "AND (?4 IS NULL OR ?4 = (SELECT contact FROM message WHERE id = d.message))" : ""
    return Query(
      """
      SELECT count(*) FROM (SELECT 1 FROM \(source.table)
        WHERE \(conditions(source)) \(contact) LIMIT ?7)
      """)
  }

  private static func query(_ source: Source, newestFirst: Bool) -> Query {
    let way = newestFirst ? " DESC" : ""
    return Query(
      """
      SELECT d.message, d.queue, d.part, d.channel, d.died_ms, d.attempts, d.reason, m.mid,
        m.contact, a.http_status, a.detail
        FROM \(source.table) CROSS JOIN message m ON m.id = d.message
        LEFT JOIN attempt a ON a.message = d.message AND a.queue = d.queue AND a.part = d.part
          AND a.token = (SELECT max(token) FROM attempt b
            WHERE b.message = d.message AND b.queue = d.queue AND b.part = d.part)
        WHERE \(conditions(source)) AND (?4 IS NULL OR m.contact = ?4) AND (?8 IS NULL
            OR (d.died_ms, d.message, d.queue, d.part) < (?8, ?9, ?10, ?11))
        ORDER BY \(source.time)\(way), d.message\(way), d.queue\(way), d.part\(way) LIMIT ?7
      """)
  }
}
