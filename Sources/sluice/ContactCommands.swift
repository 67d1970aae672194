import ArgumentParser
import SluiceCore

/// Which contact, where.
struct ContactOptions: ParsableArguments {
  @Argument(help: "The contact, as the platform has it: +60177872890.") var contact: String
  @Option(help: "On this channel only.") var channel: String?

  var only: ChannelName? { get throws { try channel.map(Word.channel) } }

  func channels(_ ledger: any InspectableLedger) throws -> [ChannelName] {
    if let only = try only { return [only] }
    return try ledger.channels()
  }
}

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Prints all that is kept of a contact, as JSON, a message a line.",
    discussion: "The newest first. Ends with status 1 where nothing is kept.")

  @OptionGroup var settings: SettingsOption
  @OptionGroup var contact: ContactOptions

  func run() throws {
    let installation = try settings.open()
    let ledger = installation.ledger
    let contact = try Word.contact(self.contact.contact)
    var count = 0
    var progress = Progress("messages exported")
    try reporting {
      for channel in try self.contact.channels(ledger) {
        let state = try installation.state(of: channel)
        var search = MessageSearch(channel: channel, contact: contact, limit: 200)
        repeat {
          let page = try ledger.messages(search)
          for message in page.messages {
            guard let trace = try ledger.trace(message.id) else { continue }
            print(trace.json(TraceStory(trace, state, now: installation.clocks.wall)).text)
            count += 1
          }
          progress.report(count)
          search.before = page.next
        } while search.before != nil
      }
    }
    if count == 0 { throw failure("nothing is kept of \(contact)") }
  }
}

struct EraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Deletes all that is kept of a contact.",
    discussion: """
      Messages with their parts, calls, statuses and what waits of them (it is not sent any more), and every \
      webhook that mentions the contact; written over, not merely marked as free. Without --yes it says how \
      much that would be. Logs and copies of media are not touched: they go when their time comes.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var contact: ContactOptions
  @OptionGroup var consent: Consent

  func run() throws {
    let ledger = try settings.openLedger()
    let contact = try Word.contact(self.contact.contact)
    try reporting {
      let channels = try self.contact.channels(ledger)
      guard consent.isGiven else {
        let count = try channels.reduce(0) { try $0 + kept(of: contact, on: $1, ledger) }
        return print("\(count) messages would be erased; add --yes to do it")
      }
      var (messages, webhooks) = (0, 0)
      var progress = Progress("messages erased")
      for channel in channels {
        while case let count = try ledger.eraseMessages(of: contact, on: channel, limit: 200),
          count > 0
        {
          messages += count
          progress.report(messages)
        }
      }
      progress = Progress("webhooks looked at")
      var (next, seen): (Int64?, Int) = (0, 0)
      while let row = next {
        let step = try ledger.eraseWebhooks(
          mentioning: contact, on: try self.contact.only, after: row, limit: 1_000)
        webhooks += step.deleted
        seen += 1_000
        next = step.next
        progress.report(seen)
      }
      print("erased: \(messages) messages, \(webhooks) webhooks besides theirs")
    }
  }

  private func kept(
    of contact: ContactID, on channel: ChannelName, _ ledger: any InspectableLedger
  ) throws -> Int {
    var search = MessageSearch(channel: channel, contact: contact, limit: 1_000)
    var count = 0
    repeat {
      let page = try ledger.messages(search)
      count += page.messages.count
      search.before = page.next
    } while search.before != nil
    return count
  }
}
