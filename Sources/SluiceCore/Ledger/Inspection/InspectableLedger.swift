/// A ledger that people can look into. What was accepted and is not filed yet is filed first, so that
/// whatever was acknowledged is found.
///
/// Every question is answered within milliseconds however large the ledger is, by what it has indexes
/// for; where it has none, a call looks at a bounded number of rows and says where to go on.
package protocol InspectableLedger: Ledger {
  /// The channels that have messages, in the order of their names.
  func channels() throws(LedgerError) -> [ChannelName]

  /// The messages that `text` names, as an mId, as the provider's ID of a message or part, or as a
  /// contact; newest first.
  /// - Parameter channel: `nil` looks in all of them.
  func find(_ text: String, on channel: ChannelName?, limit: Int) throws(LedgerError) -> Found

  /// The messages that match, newest first.
  func messages(_ search: MessageSearch) throws(LedgerError) -> MessagePage

  /// Everything that is known of one message; `nil` if there is none of that ID.
  func trace(_ id: MessageID) throws(LedgerError) -> MessageTrace?

  /// Commits a change that changes nothing: whether something new could be kept now.
  func checkWritable() throws(LedgerError)

  /// What has happened since `mark`, as far as it concerns the newest few thousand messages.
  /// - Parameter mark: `nil` begins here and now, with nothing to tell.
  func activity(since mark: ActivityMark?, now: Int64) throws(LedgerError) -> Activity

  /// How each queue that anything waits in stands.
  /// - Parameter channel: `nil` looks at all.
  func overview(of channel: ChannelName?) throws(LedgerError) -> [QueueOverview]

  /// The lanes of a channel's queues in which something waits, the oldest head first.
  /// - Parameter queue: `nil` looks at all.
  func lanes(
    of channel: ChannelName, queue: Queue?, limit: Int
  ) throws(LedgerError) -> [WaitingLane]

  /// How much went wrong for good, of each channel of which anything did.
  /// - Parameter channel: `nil` looks at all.
  func troubles(of channel: ChannelName?) throws(LedgerError) -> [ChannelTroubles]

  /// How many dead letters match.
  func count(_ filter: DeadLetterFilter) throws(LedgerError) -> Int

  /// How many webhooks are in quarantine.
  /// - Parameter channel: `nil` counts those of all.
  func countQuarantine(of channel: ChannelName?) throws(LedgerError) -> Int

  /// What was given up, newest first.
  /// - Parameter mark: Only what is behind it: ``DeadLetterPage/next`` of the page before.
  func deadLetterPage(
    _ filter: DeadLetterFilter, before mark: DeadLetterMark?, limit: Int
  ) throws(LedgerError) -> DeadLetterPage

  /// Webhooks that were authentic and, all or in part, not understood, newest first.
  /// - Parameter row: Only those before it: the last of the page before.
  func quarantine(
    of channel: ChannelName?, before row: Int64?, limit: Int
  ) throws(LedgerError) -> [StoredWebhook]

  /// The same, oldest first: in that order they are replayed, so that what contacts wrote keeps its order.
  /// - Parameter row: Only those after it: 0 at first, then the last of the page before.
  func quarantine(
    of channel: ChannelName?, after row: Int64, limit: Int
  ) throws(LedgerError) -> [StoredWebhook]

  /// A webhook as it came; `nil` if it is not kept (any more).
  func webhook(_ row: Int64) throws(LedgerError) -> StoredWebhook?

  /// Takes a webhook out of quarantine: `record` is what is understood of it today.
  /// - Returns: What became of its events; `nil` if it is not in quarantine (any more).
  func release(quarantined row: Int64, as record: WebhookRecord) throws(LedgerError)
    -> WebhookReceipt?

  /// How much is known to be a contact's.
  func holdings(
    of contact: ContactID, on channel: ChannelName
  ) throws(LedgerError) -> ContactHoldings

  /// The rows of the first and the last webhook that is kept; `nil` if none is.
  func webhookRows() throws(LedgerError) -> ClosedRange<Int64>?

  /// Those webhooks that mention a contact, of at most `limit` behind `row`.
  /// - Parameters: As in ``eraseWebhooks(mentioning:on:after:limit:)``, which deletes the same.
  func webhooks(
    mentioning contact: ContactID, on channel: ChannelName?, after row: Int64, limit: Int
  ) throws(LedgerError) -> MentioningWebhooks

  /// Deletes at most `limit` of a contact's messages with all that belongs to them, what waits in its
  /// queues included, and the webhooks that brought them.
  /// - Returns: How many; 0 means that there are none left.
  func eraseMessages(
    of contact: ContactID, on channel: ChannelName, limit: Int
  ) throws(LedgerError) -> Int

  /// Deletes those webhooks that mention a contact, of at most `limit` behind `row`.
  /// - Parameters:
  ///   - channel: `nil` looks at those of all.
  ///   - row: 0 at first, then what the call before said.
  func eraseWebhooks(
    mentioning contact: ContactID, on channel: ChannelName?, after row: Int64, limit: Int
  ) throws(LedgerError) -> WebhookErasure
}

extension InspectableLedger {
  package func overview() throws(LedgerError) -> [QueueOverview] { try overview(of: nil) }

  package func troubles() throws(LedgerError) -> [ChannelTroubles] { try troubles(of: nil) }
}

/// What is kept under a contact's own name.
package struct ContactHoldings: Equatable, Sendable {
  package var messages: Int
  /// The rows of the webhooks that brought these messages and their statuses.
  package var webhooks: Set<Int64>

  package init(messages: Int = 0, webhooks: Set<Int64> = []) {
    self.messages = messages
    self.webhooks = webhooks
  }
}

/// One step through the webhooks, to look.
package struct MentioningWebhooks: Equatable, Sendable {
  package let found: [StoredWebhook]
  /// Behind which to go on; `nil` at the end.
  package let next: Int64?

  package init(found: [StoredWebhook], next: Int64?) {
    self.found = found
    self.next = next
  }
}

/// One step through the webhooks, to delete.
package struct WebhookErasure: Equatable, Sendable {
  package let deleted: Int
  /// Behind which to go on; `nil` at the end.
  package let next: Int64?

  package init(deleted: Int, next: Int64?) {
    self.deleted = deleted
    self.next = next
  }
}

/// What a word of the operator's can mean.
package struct Found: Sendable {
  package let messages: [MessageSummary]
  /// Statuses of parts by that ID, which nobody has sent (yet).
  package let parked: [ParkedStatus]

  package init(messages: [MessageSummary], parked: [ParkedStatus] = []) {
    self.messages = messages
    self.parked = parked
  }
}
