/// Everything that the ledger knows of one message. Times are Unix milliseconds.
package struct MessageTrace: Equatable, Sendable {
  package let message: MessageSummary
  /// The contact's, as JSON (``ContactProfile``); of inbound messages.
  package let profile: [UInt8]?
  /// The last status that the platform has taken; `nil` if none was posted.
  package let reported: DeliveryStatus?
  /// The webhook that brought it, as long as it is kept.
  package let webhook: StoredWebhook?
  /// Of an outbound message, in order.
  package let parts: [TracedPart]
  /// What is still to be done, in order.
  package let waiting: [WaitingEntry]
  /// Calls that have ended, in order.
  package let attempts: [TracedAttempt]
  /// What the provider reported, in order.
  package let callbacks: [TracedCallback]
  package let deadLetters: [DeadLetter]

  package init(
    message: MessageSummary, profile: [UInt8]?, reported: DeliveryStatus?,
    webhook: StoredWebhook?, parts: [TracedPart], waiting: [WaitingEntry],
    attempts: [TracedAttempt], callbacks: [TracedCallback], deadLetters: [DeadLetter]
  ) {
    self.message = message
    self.profile = profile
    self.reported = reported
    self.webhook = webhook
    self.parts = parts
    self.waiting = waiting
    self.attempts = attempts
    self.callbacks = callbacks
    self.deadLetters = deadLetters
  }
}

package struct TracedPart: Equatable, Sendable {
  /// From 0.
  package let number: Int
  package let status: DeliveryStatus
  /// The provider's ID of it, once it is known.
  package let externalID: String?
  package let reason: String?
  /// JSON (``MessagePart``).
  package let payload: [UInt8]

  package init(
    number: Int, status: DeliveryStatus, externalID: String?, reason: String?, payload: [UInt8]
  ) {
    self.number = number
    self.status = status
    self.externalID = externalID
    self.reason = reason
    self.payload = payload
  }
}

/// A call that was made for a message, and what came of it.
package struct TracedAttempt: Equatable, Sendable {
  package let queue: Queue
  /// Of an outbound message, from 0; of a status, the status that made the entry.
  package let part: Int
  /// Which account was called; the main one where the platform was.
  package let account: Account
  package let record: AttemptRecord

  package init(queue: Queue, part: Int, account: Account = .main, record: AttemptRecord) {
    self.queue = queue
    self.part = part
    self.account = account
    self.record = record
  }
}

/// A status that took a part forward.
package struct TracedCallback: Equatable, Sendable {
  /// From 0.
  package let part: Int
  package let status: DeliveryStatus
  package let receivedAt: Int64
  package let reason: String?
  /// What said so, as long as it is kept; none where the provider was asked.
  package let webhook: StoredWebhook?

  package init(
    part: Int, status: DeliveryStatus, receivedAt: Int64, reason: String?,
    webhook: StoredWebhook?
  ) {
    self.part = part
    self.status = status
    self.receivedAt = receivedAt
    self.reason = reason
    self.webhook = webhook
  }
}

/// A webhook as it came: its query may hold secrets.
package struct StoredWebhook: Equatable, Sendable {
  /// Its row; grows with time.
  package let row: Int64
  package let channel: ChannelName
  /// To which it came; `nil` where an earlier version did not keep that.
  package let account: Account?
  package let receivedAt: Int64
  package let contentType: String?
  /// Of one that came by GET.
  package let query: String
  package let body: [UInt8]
  /// Why it is in quarantine; `nil` if all of it was understood.
  package let problem: String?

  package init(
    row: Int64, channel: ChannelName, account: Account?, receivedAt: Int64, contentType: String?,
    query: String, body: [UInt8], problem: String?
  ) {
    self.account = account
    self.row = row
    self.channel = channel
    self.receivedAt = receivedAt
    self.contentType = contentType
    self.query = query
    self.body = body
    self.problem = problem
  }
}
