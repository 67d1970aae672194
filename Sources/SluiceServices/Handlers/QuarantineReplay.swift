import Logging
import SluiceCore

/// Reads what was not understood when it came with today's adapters, and takes in what is in it.
package final class QuarantineReplay {
  /// What became of one webhook.
  package enum Outcome: Equatable, Sendable {
    /// It has left quarantine. Events that were there already were dropped.
    case understood(WebhookReceipt)
    /// It stays where it is.
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
    var problem = "no account of the channel reads it"
    // It came to one of the channel's accounts, and which one was not kept.
    for account in [Account.main, .fallback] {
      guard let provider = channel.account(account)?.provider else { continue }
      let events: [WebhookEvent]
      do throws(WebhookError) {
        events = try provider.events(reading: webhook.request, now: webhook.receivedAt)
          .filter(channel.wants)
      } catch {
        if account == .main { problem = "\(error)" }
        continue
      }
      if isTrial { return .understood(WebhookReceipt(unfiled: events.count)) }
      return try take(events, of: webhook, channel, account, provider)
    }
    return .notUnderstood(problem)
  }

  private func take(
    _ events: [WebhookEvent], of webhook: StoredWebhook, _ channel: ChannelSettings,
    _ account: Account, _ provider: any Provider
  ) throws(LedgerError) -> Outcome {
    let now = clocks.wall
    let name = ChannelAccount(channel.name, account)
    var random = SystemRandomNumberGenerator()
    // Its age starts anew: what is that old would be given up at once.
    let record = WebhookRecord(
      channel: webhook.channel, receivedAt: now, contentType: webhook.contentType,
      query: webhook.query, body: webhook.body,
      events: events.map { event in
        (
          media.published(event.dated(webhook.receivedAt), on: name, of: provider, now: now)
            .qualified(by: account),
          MessageID(milliseconds: now, using: &random)
        )
      }, terms: channel.intake)
    guard let receipt = try ledger.release(quarantined: webhook.row, as: record) else {
      return .gone
    }
    return receipt.isRefused ? .full : .understood(receipt)
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
