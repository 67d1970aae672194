import ArgumentParser
import Logging
import SluiceCore
import SluiceServices

/// Webhooks that were authentic, and that nobody understood.
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "Webhooks that were not understood: lists, shows or replays them.",
    subcommands: [List.self, Show.self, Replay.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists them, the newest first.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var json: JSONFlag
    @Option(help: "Of this channel.") var channel: String?
    @Option(help: "At most that many.") var limit = 100

    func run() throws {
      let channel = try channel.map(Word.channel)
      let ledger = try settings.openLedger()
      let webhooks = try reporting {
        try ledger.quarantine(of: channel, before: nil, limit: limit)
      }
      json.print(
        webhooks.map(\.json),
        Table(
          ["id", "received", "channel", "bytes", "problem"],
          webhooks.map {
            [
              "\($0.row)", Timestamp.text($0.receivedAt), "\($0.channel)", "\($0.body.count)",
              $0.problem ?? "",
            ]
          }), empty: "quarantine is empty")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows one as it came.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var json: JSONFlag
    @Argument(help: "Its id, as the list has it.") var id: Int64

    func run() throws {
      let ledger = try settings.openLedger()
      guard let webhook = try reporting({ try ledger.webhook(id) }), let problem = webhook.problem
      else { throw failure("no webhook \(id) is in quarantine") }
      if json.isWanted { return print(webhook.json.text) }
      print("\(webhook.row)  \(webhook.channel)  \(Timestamp.text(webhook.receivedAt))")
      print(Colour.red(problem.oneLine()))
      print(
        "\((webhook.contentType ?? "no content type").oneLine())  "
          + Redaction.redact(webhook.query).oneLine())
      print(webhook.shownBody.manyLines)
    }
  }

  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "replay",
      abstract: "Reads them with today's adapters, and takes in what is in them.",
      discussion: """
        Oldest first. What is understood leaves quarantine; events that are there already are dropped. Ends \
        with status 1 where any was not understood. With --dry-run it says what it would do.
        """)

    @OptionGroup var settings: SettingsOption
    @Argument(help: "Only this one; otherwise all that match.") var id: Int64?
    @Option(help: "Of this channel.") var channel: String?
    @Flag(help: "Does nothing.") var dryRun = false
    @OptionGroup var json: JSONFlag

    func run() throws {
      let channel = try channel.map(Word.channel)
      let installation = try settings.open()
      let ledger = installation.ledger
      let replay = QuarantineReplay(
        ledger, settings: installation.settings, clocks: installation.clocks,
        log: Logger(label: "sluice") { _ in SwiftLogNoOpLogHandler() })
      var tally = Tally()
      var progress = Progress("webhooks read")
      try reporting {
        if let id {
          guard let webhook = try ledger.webhook(id), webhook.problem != nil else {
            throw failure("no webhook \(id) is in quarantine")
          }
          tally.add(try replay.replay(webhook, isTrial: dryRun), of: webhook)
        } else {
          let all = try ledger.countQuarantine(of: channel)
          var after: Int64 = 0
          while case let page = try ledger.quarantine(of: channel, after: after, limit: 100),
            let last = page.last
          {
            after = last.row
            for webhook in page {
              tally.add(try replay.replay(webhook, isTrial: dryRun), of: webhook)
            }
            progress.report(tally.all, of: all)
          }
        }
      }
      json.print(
        tally.json(isDone: !dryRun), "\(dryRun ? "would be " : "")\(tally.description)")
      if tally.left > 0 { throw ExitCode.failure }
    }
  }

  private struct Tally: CustomStringConvertible {
    var understood = 0
    var left = 0
    var events = 0
    var all: Int { understood + left }

    mutating func add(_ outcome: QuarantineReplay.Outcome, of webhook: StoredWebhook) {
      switch outcome {
      case .understood(let receipt):
        understood += 1
        events += receipt.accepted + receipt.parked + receipt.unfiled
        return
      case .gone: return
      case .notUnderstood(let problem): say(webhook, problem)
      case .noChannel: say(webhook, "its channel is not in the settings, or cannot be read")
      case .full: say(webhook, "too much waits on its channel (max_queued)")
      }
      left += 1
    }

    private func say(_ webhook: StoredWebhook, _ problem: String) {
      StandardError.print("\(webhook.row)  \(webhook.channel)  \(problem.oneLine())")
    }

    func json(isDone: Bool) -> JSON {
      [
        "understood": .integer(Int64(understood)), "events": .integer(Int64(events)),
        "left": .integer(Int64(left)), "done": .bool(isDone),
      ]
    }

    var description: String {
      "understood: \(understood), with \(events) new events; left in quarantine: \(left)"
    }
  }
}
