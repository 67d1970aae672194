import SluiceCore

// Who goes first: a contact who wrote a short while ago is in a conversation; the rest is bulk.

extension SQLiteLedger {
  /// 0 for a conversation, 1 for bulk.
  /// - Parameter policy: Says how long a contact's last message makes a conversation.
  static func rank(
    of lane: Lane, now: Int64, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) -> Int {
    guard lane.queue != .inbound else { return 0 }  // Whoever writes is in a conversation.
    let wrote = try connection.prepared(lastWritten).bind(1, lane.contact.rawValue)
      .first { $0.integer(0) }
    return if let wrote, wrote > now - policy.conversationWindow { 0 } else { 1 }
  }

  /// The contact has written: what waits for it is bulk no longer.
  static func preferReplies(
    to contact: ContactKey, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(prefer).bind(1, contact.rawValue).run()
  }

  private static let lastWritten = Query(
    """
    SELECT created_ms FROM message WHERE contact_key = ? AND direction = 1
      ORDER BY id DESC LIMIT 1
    """)
  private static let prefer = Query(
    """
    UPDATE entry SET rank = 0
      WHERE contact_key = ? AND queue IN (0, 2) AND due_ms IS NOT NULL AND rank > 0
    """)
}
