import Logging
import SluiceCore

/// Reads what was not understood when it came with today's adapters, and takes in what is in it.
package final class QuarantineReplay {
  /// What became of one webhook.
  package enum Outcome: Equatable, Sendable {
    /// It has left quarantine. Events that were there already were dropped.
    case understood(WebhookReceipt)
    /// It stays where it is; what could be read of it has been taken in.
    case notUnderstood(String)
    /// Its channel is not there any more, or cannot be read.
    case noChannel
    /// As much waits in the channel as may (`max_queued`).
    case full
    /// Somebody else was faster.
    case gone
  }

  private let ledger: any InspectableLedger
  private let settings: Settings
  private let media: MediaPublisher
  private let clocks: any Clocks

  package init(
    _ ledger: any InspectableLedger, settings: Settings, clocks: any Clocks, log: Logger
  ) {
    self.ledger = ledger
    self.settings = settings
    self.clocks = clocks
    media = MediaPublisher(settings, log: log)
  }

  /// - Parameter isTrial: Says what would become of it, and does nothing.
  package func replay(
    _ webhook: StoredWebhook, isTrial: Bool = false
  ) throws(LedgerError) -> Outcome {
    guard let channel = try? settings.channels.channel(webhook.channel) else { return .noChannel }
    var problem: String?
    for account in webhook.account.map({ [$0] }) ?? [.main, .fallback] {
      guard let provider = channel.account(account)?.provider,
        let reading = try? WebhookReading({ () throws(WebhookError) in
          try provider.events(reading: webhook.request, now: webhook.receivedAt)
        })
      else { continue }
      problem = problem ?? reading.problem
      let events = reading.events.filter(channel.wants)
      if reading.problem != nil && events.isEmpty { continue }
      let record = record(events, of: webhook, channel, account, provider)
      if let problem = reading.problem {
        return try takePart(record, isTrial: isTrial) ? .notUnderstood(problem) : .full
      }
      if isTrial { return .understood(WebhookReceipt(unfiled: events.count)) }
      guard let receipt = try ledger.release(quarantined: webhook.row, as: record) else {
        return .gone
      }
      return receipt.isRefused ? .full : .understood(receipt)
    }
    return .notUnderstood(problem ?? "no account of the channel reads it")
  }

  /// Takes in what is understood of a webhook that stays in quarantine.
  /// - Returns: `false` where too much waits.
  private func takePart(_ record: WebhookRecord, isTrial: Bool) throws(LedgerError) -> Bool {
    isTrial ? true : try !ledger.record(record).isRefused
  }

  private func record(
    _ events: [WebhookEvent], of webhook: StoredWebhook, _ channel: ChannelSettings,
    _ account: Account, _ provider: any Provider
  ) -> WebhookRecord {
    let now = clocks.wall
    let name = ChannelAccount(channel.name, account)
    var random = SystemRandomNumberGenerator()
    // Its age starts anew: what is that old would be given up at once.
    return WebhookRecord(
      channel: webhook.channel, account: account, receivedAt: now,
      contentType: webhook.contentType, query: webhook.query, body: webhook.body,
      events: events.map { event in
        (
          media.published(event.dated(webhook.receivedAt), on: name, of: provider, now: now)
            .qualified(by: account),
          MessageID(milliseconds: now, using: &random)
        )
      }, terms: channel.intake)
  }
}

extension StoredWebhook {
  /// As much of the request as was kept.
  fileprivate var request: HTTPRequest {
    HTTPRequest(
      method: query.isEmpty ? "POST" : "GET", path: "/\(channel)/inbound",
      channel: channel.description, query: query,
      headers: contentType.map { ["content-type": $0] } ?? [:], body: body)
  }
}

extension WebhookEvent {
  /// Written when it came, where the provider does not say when.
  fileprivate func dated(_ time: Int64) -> WebhookEvent {
    guard case .message(let message) = self, message.timestamp == nil else { return self }
    var dated = message
    dated.timestamp = time
    return .message(dated)
  }
}
