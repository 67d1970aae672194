import SluiceCore

// What is accepted first and filed later, as `SQLiteLedger` does it for its handlers.

extension InMemoryLedger.Tables {
  enum Unfiled {
    case webhook(WebhookRecord)
    case message(OutboundMessage)

    /// Rows of SQLite's intake.
    var rows: Int {
      switch self {
      case .webhook(let webhook): max(webhook.events.count, 1)
      case .message(let message): message.parts.count
      }
    }

    var receivedAt: Int64 {
      switch self {
      case .webhook(let webhook): webhook.receivedAt
      case .message(let message): message.createdAt
      }
    }
  }

  private var unfiledRows: Int { unfiled.reduce(0) { $0 + $1.rows } }

  mutating func accept(_ webhook: WebhookRecord) -> WebhookReceipt {
    let count = webhook.messageCount
    let queue = QueueKey(channel: webhook.channel, queue: .inbound)
    var receipt = WebhookReceipt()
    guard count == 0 || hasRoom(for: count, in: queue, limit: webhook.terms.maximumQueued) else {
      receipt.isRefused = true
      return receipt
    }
    unfiled.append(.webhook(webhook))
    receipt.unfiled = webhook.events.count
    return receipt
  }

  mutating func accept(_ message: OutboundMessage, leasingFor terms: LeaseTerms?) -> Enqueued {
    if message.terms.repeatWindow > 0 {
      file()
      if let earlier = earlier(message) { return .repeated(earlier) }
    }
    let queue = QueueKey(channel: message.channel, queue: .outbound)
    guard hasRoom(for: message.parts.count, in: queue, limit: message.terms.maximumQueued) else {
      return .full
    }
    guard let terms, unfiledRows <= 100 else {
      unfiled.append(.message(message))
      return .queued(nil)
    }
    file()
    return enqueue(message, leasingFor: terms)
  }

  private mutating func hasRoom(for entries: Int, in queue: QueueKey, limit: Int) -> Bool {
    guard limit < .max else { return true }
    if backlog[queue, default: 0] + unfiledRows <= limit - entries { return true }
    file()
    return backlog[queue, default: 0] <= limit - entries
  }

  /// - Returns: Whose.
  @discardableResult
  mutating func file() -> Set<ChannelName> {
    var channels: Set<ChannelName> = []
    let waiting = unfiled
    unfiled.removeAll()
    for item in waiting {
      switch item {
      case .webhook(let webhook):
        channels.insert(webhook.channel)
        _ = record(webhook)
      case .message(let message):
        channels.insert(message.channel)
        _ = enqueue(message, leasingFor: nil)
      }
    }
    return channels
  }
}

extension WebhookRecord {
  fileprivate var messageCount: Int {
    events.count { if case .message = $0.event { true } else { false } }
  }
}
