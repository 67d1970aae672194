import SluiceCore

// Texts that arrive in pieces. The first piece becomes the message, and its entry takes the text's
// place in the lane, due once the wait is over; `message.content` is at all times what would go out
// then. The last piece makes the entry due. So nothing has to look for texts whose wait is over.

extension SQLiteLedger {
  /// Whether a text has that piece already.
  static func isKnownFragment(
    _ externalID: String, _ key: ExternalKey, on connection: Connection
  ) throws(LedgerError) -> Bool {
    try connection.prepared(fragmentByExternalID).bind(1, key.rawValue).bind(2, externalID)
      .hasRow()
  }

  /// The oldest message that waits for such a piece, if there is one.
  static func messageAwaiting(
    _ fragment: IntakeRow.FragmentRow, from contact: ContactKey, now: Int64,
    on connection: Connection
  ) throws(LedgerError) -> (message: Int64, entry: Int64)? {
    try connection.prepared(awaitingMessage)
      .bind(1, fragment.key.rawValue).bind(2, contact.rawValue).bind(3, now)
      .bind(4, fragment.number).first { ($0.integer(0), $0.integer(1)) }
  }

  /// - Parameter intake: The piece's row there.
  static func insertFragment(
    _ fragment: IntakeRow.FragmentRow, intake: Int64, _ key: ExternalKey, into message: Int64,
    on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(insertFragment)
      .bind(1, intake).bind(2, message).bind(3, key.rawValue).run()
    let content = MessageContent.text(
      Fragment.joined(try pieces(of: message, on: connection), of: fragment.total))
    try connection.prepared(updateContent).bind(1, content.json.text).bind(2, message).run()
  }

  /// Lets the message go if nothing of it is missing.
  static func release(
    _ entry: Int64, of message: Int64, joinedOf total: Int, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    guard try pieces(of: message, on: connection).count == total else { return }
    try connection.prepared(endWait).bind(1, now).bind(2, entry).run()
  }

  private static func pieces(
    of message: Int64, on connection: Connection
  ) throws(LedgerError) -> [(number: Int, text: String)] {
    let rows = try connection.prepared(selectFragments).bind(1, message)
    var pieces: [(number: Int, text: String)] = []
    while try rows.step() { pieces.append((Int(rows.integer(0)), rows.text(1))) }
    return pieces
  }

  private static let fragmentByExternalID = Query(
    "SELECT 1 FROM fragment WHERE external_key = ? AND external_id = ?")
  private static let awaitingMessage = Query(
    """
    SELECT f.message, e.id FROM fragment f
      JOIN entry e ON e.contact_key = ?2 AND e.queue = 1 AND e.message = f.message
      WHERE f.join_key = ?1 AND e.earliest_ms > ?3
        AND NOT EXISTS (SELECT 1 FROM fragment WHERE message = f.message AND number = ?4)
      ORDER BY f.message LIMIT 1
    """)
  private static let insertFragment = Query(
    """
    INSERT INTO fragment (message, number, join_key, external_id, external_key, text)
      SELECT ?2, piece, join_key, external_id, ?3, content FROM intake WHERE id = ?1
    """)
  private static let selectFragments = Query(
    "SELECT number, text FROM fragment WHERE message = ? ORDER BY number")
  private static let updateContent = Query("UPDATE message SET content = ? WHERE id = ?")
  /// Behind others it has no time yet.
  private static let endWait = Query(
    "UPDATE entry SET earliest_ms = 0, due_ms = min(due_ms, ?) WHERE id = ?")
}
