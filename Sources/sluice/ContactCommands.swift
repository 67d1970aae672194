import ArgumentParser
import SluiceCore

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Prints all that is kept of a contact, as JSON, an object a line.",
    discussion: """
      The messages, the newest first, each with what belongs to it; then every other webhook that mentions \
      the contact. It is what erase deletes. Ends with status 1 where nothing is kept.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var contact: ContactOptions
  // It prints nothing else.
  @OptionGroup var json: JSONFlag

  func run() throws {
    let installation = try settings.open()
    try reporting {
      let records = try contact.records(installation.ledger)
      var count = try printMessages(records, installation)
      try records.eachWebhook { webhook in
        let object: JSON = ["webhook": webhook.json]
        print(object.text)
        count += 1
      }
      if count == 0 { throw failure("nothing is kept of \(records.contact)") }
    }
  }

  private func printMessages(_ records: ContactRecords, _ installation: Installation) throws -> Int
  {
    var count = 0
    var progress = Progress("messages exported")
    for channel in records.channels {
      let state = try installation.state(of: channel)
      var search = MessageSearch(channel: channel, contact: records.contact, limit: 200)
      repeat {
        let page = try records.ledger.messages(search)
        for message in page.messages {
          guard let trace = try records.ledger.trace(message.id) else { continue }
          print(trace.json(TraceStory(trace, state, now: installation.clocks.wall)).text)
          count += 1
          progress.report(count, of: records.messages)
        }
        search.before = page.next
      } while search.before != nil
    }
    return count
  }
}

struct EraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Deletes all that is kept of a contact.",
    discussion: """
      Messages with their parts, calls, statuses and what waits of them (it is not sent any more), and every \
      webhook that mentions the contact; written over, not merely marked as free. Without --yes it says how \
      much that would be; export prints it. Logs and copies of media are not touched: they go when their \
      time comes.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var contact: ContactOptions
  @OptionGroup var consent: Consent
  @OptionGroup var json: JSONFlag

  func run() throws {
    let ledger = try settings.openLedger()
    try reporting {
      let records = try contact.records(ledger)
      var others = 0
      guard consent.isGiven else {
        try records.eachWebhook { _ in others += 1 }
        let webhooks = records.webhooks + others
        return tell(
          records.messages, webhooks,
          "\(records.messages) messages and \(webhooks) webhooks would be erased; add --yes to do it"
        )
      }
      let messages = try eraseMessages(records)
      try records.walk { row, limit in
        let step = try ledger.eraseWebhooks(
          mentioning: records.contact, on: records.only, after: row, limit: limit)
        others += step.deleted
        return step.next
      }
      let webhooks = records.webhooks + others
      tell(messages, webhooks, "erased: \(messages) messages, \(webhooks) webhooks")
    }
  }

  private func eraseMessages(_ records: ContactRecords) throws -> Int {
    var count = 0
    var progress = Progress("messages erased")
    for channel in records.channels {
      while case let step = try records.ledger.eraseMessages(
        of: records.contact, on: channel, limit: 200), step > 0
      {
        count += step
        progress.report(count, of: records.messages)
      }
    }
    return count
  }

  private func tell(_ messages: Int, _ webhooks: Int, _ text: String) {
    json.print(
      [
        "messages": .integer(Int64(messages)), "webhooks": .integer(Int64(webhooks)),
        "done": .bool(consent.isGiven),
      ], text)
  }
}
