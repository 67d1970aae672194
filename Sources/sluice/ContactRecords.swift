import ArgumentParser
import SluiceCore

/// Which contact, where.
struct ContactOptions: ParsableArguments {
  @Argument(help: "The contact, as the platform has it: +60177872890.") var contact: String
  @Option(help: "On this channel only.") var channel: String?

  func validate() throws {
    _ = try Word.contact(contact)
    _ = try channel.map(Word.channel)
  }

  func records(_ ledger: any InspectableLedger) throws -> ContactRecords {
    try ContactRecords(
      ledger, contact: Word.contact(contact), channel: channel.map(Word.channel))
  }
}

/// What a ledger has of a contact, known before it is gone through.
struct ContactRecords {
  let ledger: any InspectableLedger
  let contact: ContactID
  /// `nil` means all channels.
  let only: ChannelName?
  /// With messages, or perhaps none.
  let channels: [ChannelName]
  private let holdings: ContactHoldings

  init(
    _ ledger: any InspectableLedger, contact: ContactID, channel: ChannelName?
  ) throws(LedgerError) {
    self.ledger = ledger
    self.contact = contact
    only = channel
    channels = if let channel { [channel] } else { try ledger.channels() }
    var sum = ContactHoldings()
    for channel in channels {
      let holdings = try ledger.holdings(of: contact, on: channel)
      sum.messages += holdings.messages
      sum.webhooks.formUnion(holdings.webhooks)
    }
    holdings = sum
  }

  var messages: Int { holdings.messages }
  /// Webhooks that brought the contact's messages and their statuses.
  var webhooks: Int { holdings.webhooks.count }

  /// Webhooks that mention the contact besides those, oldest first: in quarantine, or of messages that
  /// are gone.
  func eachWebhook(_ body: (StoredWebhook) throws -> Void) throws {
    try walk { row, limit in
      let step = try ledger.webhooks(mentioning: contact, on: only, after: row, limit: limit)
      for webhook in step.found where !holdings.webhooks.contains(webhook.row) {
        try body(webhook)
      }
      return step.next
    }
  }

  /// Goes through all webhooks, and says how far it is.
  /// - Parameter step: Looks at so many behind a row, and says behind which to go on.
  func walk(_ step: (Int64, Int) throws -> Int64?) throws {
    let rows = try ledger.webhookRows() ?? 1...1
    var progress = Progress("webhooks looked at")
    var next: Int64? = rows.lowerBound - 1
    while let row = next {
      next = try step(row, 1_000)
      progress.report(Int((next ?? rows.upperBound) - rows.lowerBound + 1), of: rows.count)
    }
  }
}
