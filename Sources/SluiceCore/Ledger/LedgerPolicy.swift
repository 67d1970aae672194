/// What holds for a whole ledger.
package struct LedgerPolicy: Equatable, Sendable {
  /// Milliseconds for which a contact's last message makes a conversation, which goes before bulk.
  package let conversationWindow: Int64
  /// Disk kept aside for settling what was accepted before the disk was full.
  package let reserveBytes: Int

  package init(conversationWindow: Int64 = 900_000, reserveBytes: Int = 0) {
    self.conversationWindow = conversationWindow
    self.reserveBytes = reserveBytes
  }
}
