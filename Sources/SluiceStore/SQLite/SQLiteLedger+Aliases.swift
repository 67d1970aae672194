import SluiceCore

// Contacts whose ID at the provider is too long for the platform: kept with the message that brings
// them, and found again when somebody writes to them.

extension SQLiteLedger {
  static func keepAlias(
    _ alias: String, of id: String, channel: ChannelName, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(insertAlias)
      .bind(1, channel.description).bind(2, alias).bind(3, id).run()
    guard connection.changes == 0 else { return }
    let known = try providerID(of: alias, channel: channel, on: connection)
    guard let known, known.utf8.elementsEqual(id.utf8) else {
      // Rather nobody gets an answer than the wrong one.
      throw .broken("two contacts of channel \(channel) have the alias \(alias)")
    }
  }

  /// The contact with its ID at the provider; as it was where nobody knows that.
  /// - Parameter channel: `nil` asks all of them: an alias is made of the ID alone.
  static func resolved(
    _ contact: ContactID, channel: ChannelName?, on connection: Connection
  ) throws(LedgerError) -> ContactID {
    guard contact.isAlias else { return contact }
    let known = try providerID(of: contact.description, channel: channel, on: connection)
    return known.map { ContactID(alias: contact.description, of: $0) } ?? contact
  }

  static func forgetAlias(
    _ contact: ContactID, channel: ChannelName?, on connection: Connection
  ) throws(LedgerError) {
    guard contact.isAlias else { return }
    let statement =
      if let channel {
        try connection.prepared(deleteAlias).bind(2, channel.description)
      } else {
        try connection.prepared(deleteEverywhere)
      }
    try statement.bind(1, contact.description).run()
  }

  private static func providerID(
    of alias: String, channel: ChannelName?, on connection: Connection
  ) throws(LedgerError) -> String? {
    let statement =
      if let channel {
        try connection.prepared(selectAlias).bind(2, channel.description)
      } else {
        try connection.prepared(selectAnywhere)
      }
    return try statement.bind(1, alias).first { $0.text(0) }
  }

  private static let insertAlias = Query(
    """
    INSERT INTO alias (channel, alias, provider_contact) VALUES (?,?,?)
      ON CONFLICT (channel, alias) DO NOTHING
    """)
  private static let deleteAlias = Query("DELETE FROM alias WHERE alias = ?1 AND channel = ?2")
  private static let deleteEverywhere = Query("DELETE FROM alias WHERE alias = ?1")
  private static let selectAlias = Query(
    "SELECT provider_contact FROM alias WHERE alias = ?1 AND channel = ?2")
  private static let selectAnywhere = Query(
    "SELECT provider_contact FROM alias WHERE alias = ?1 LIMIT 1")
}
