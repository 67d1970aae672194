/// Which of a channel's accounts with providers: a channel may have a second one, for when the first
/// is down or refuses to send. Raw values are stored.
package enum Account: Int, Sendable {
  case main = 0
  case fallback = 1

  /// The provider's ID of a message as the ledger has it: unique in the channel, though both accounts
  /// may give the same one.
  package func qualified(_ externalID: String) -> String {
    self == .fallback ? Self.prefix + externalID : externalID
  }

  /// Whose ID it is, and the ID as its provider knows it.
  package static func split(_ qualified: String) -> (account: Account, externalID: String) {
    qualified.hasPrefix(prefix)
      ? (.fallback, String(qualified.dropFirst(prefix.count))) : (.main, qualified)
  }

  private static let prefix = "fallback/"
}

/// An account of a channel, as it stands in the URLs of its webhooks: `NAME`, or `NAME~fallback`.
package struct ChannelAccount: Hashable, Sendable, CustomStringConvertible {
  package let channel: ChannelName
  package let account: Account

  package init(_ channel: ChannelName, _ account: Account = .main) {
    self.channel = channel
    self.account = account
  }

  package init?(_ text: String) {
    let isFallback = text.hasSuffix(Self.suffix)
    guard let channel = ChannelName(isFallback ? String(text.dropLast(Self.suffix.count)) : text)
    else { return nil }
    self.init(channel, isFallback ? .fallback : .main)
  }

  package var description: String {
    account == .fallback ? "\(channel)\(Self.suffix)" : channel.description
  }

  private static let suffix = "~fallback"
}

extension WebhookEvent {
  /// The event with IDs that are the account's own.
  package func qualified(by account: Account) -> WebhookEvent {
    switch self {
    case .message(let message): .message(message.qualified(by: account))
    case .status(let report):
      .status(
        StatusReport(
          externalID: account.qualified(report.externalID), status: report.status,
          reason: report.reason, reference: report.reference))
    }
  }
}

extension InboundMessage {
  fileprivate func qualified(by account: Account) -> InboundMessage {
    var message = self
    message.externalID = account.qualified(externalID)
    return message
  }
}
