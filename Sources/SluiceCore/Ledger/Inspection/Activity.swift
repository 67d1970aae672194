/// How far somebody has followed a ledger.
package struct ActivityMark: Sendable {
  /// The rows of the last message and of the last webhook.
  package let message: Int64
  package let webhook: Int64
  /// Unix milliseconds: when it was set.
  package let time: Int64
  /// What has been told of the time shortly before: it may be committed a moment after it happened.
  package let told: Set<String>

  package init(message: Int64, webhook: Int64, time: Int64, told: Set<String>) {
    self.message = message
    self.webhook = webhook
    self.time = time
    self.told = told
  }
}

package struct Activity: Sendable {
  package enum Event: Sendable {
    case message(MessageSummary)
    case attempt(MessageSummary, TracedAttempt)
    case callback(MessageSummary, TracedCallback)
    case quarantined(StoredWebhook)

    /// Unix milliseconds.
    package var at: Int64 {
      switch self {
      case .message(let message): message.createdAt
      case .attempt(_, let attempt): attempt.record.finishedAt
      case .callback(_, let callback): callback.receivedAt
      case .quarantined(let webhook): webhook.receivedAt
      }
    }
  }

  /// In the order of their times.
  package let events: [Event]
  package let mark: ActivityMark

  package init(events: [Event], mark: ActivityMark) {
    self.events = events
    self.mark = mark
  }
}
