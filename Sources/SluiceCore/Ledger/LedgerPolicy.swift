/// What holds for a whole ledger.
package struct LedgerPolicy: Equatable, Sendable {
  /// Milliseconds for which a contact's last message makes a conversation, which goes before bulk.
  package let conversationWindow: Int64
  /// Milliseconds for which `/message` may work on a message before it answers with its mId.
  package let firstAttempt: Int64
  /// Disk kept aside for settling what was accepted before the disk was full.
  package let reserveBytes: Int

  package init(
    conversationWindow: Int64 = 900_000, firstAttempt: Int64 = 3_000, reserveBytes: Int = 0
  ) {
    self.conversationWindow = conversationWindow
    self.firstAttempt = firstAttempt
    self.reserveBytes = reserveBytes
  }
}
