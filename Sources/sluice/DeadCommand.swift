import ArgumentParser
import SluiceCore

/// What was given up: to look at, to try again, to forget.
struct DeadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead",
    abstract: "Messages that were given up: lists, shows, replays or drops them.",
    subcommands: [List.self, Show.self, Replay.self, Drop.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists dead letters, the newest first.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var filter: DeadLetterOptions
    @Option(help: "At most that many.") var limit = 100
    @OptionGroup var json: JSONFlag

    func run() throws {
      let filter = try filter.filter()
      let ledger = try settings.openLedger()
      let letters = try reporting { try ledger.deadLetters(filter, limit: limit) }
      json.print(
        letters.map(\.json),
        Table(
          ["died", "mId", "channel", "queue", "contact", "attempts", "reason"],
          letters.map {
            [
              Timestamp.text($0.diedAt), "\($0.id)", "\($0.channel)", "\($0.queue)",
              "\($0.contact)", "\($0.attempts)", $0.reason,
            ]
          }), empty: "no dead letters")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows one dead letter with the last answer.")

    @OptionGroup var settings: SettingsOption
    @Argument(help: "The message's mId.") var mId: String
    @OptionGroup var json: JSONFlag

    func run() throws {
      let filter = DeadLetterFilter(id: try Word.messageID(mId))
      let ledger = try settings.openLedger()
      let letters = try reporting { try ledger.deadLetters(filter, limit: 100) }
      guard !letters.isEmpty else { throw failure("no dead letter has the mId \(mId)") }
      for letter in letters { print(json.isWanted ? letter.json.text : letter.paragraph) }
    }
  }

  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "replay",
      abstract: "Queues dead letters anew, at the end of their lanes.",
      discussion: "Without --yes, and with --dry-run, it says what it would do, and does nothing.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var filter: DeadLetterOptions
    @OptionGroup var consent: Consent
    @OptionGroup var json: JSONFlag

    func run() throws {
      try change(settings, filter, consent, json, verb: "replayed") { ledger, filter, count in
        try ledger.replay(filter, limit: count, now: SystemClocks().wall)
      }
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "drop", abstract: "Forgets dead letters; their messages stay until retention.",
      discussion: "Without --yes, and with --dry-run, it says what it would do, and does nothing.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var filter: DeadLetterOptions
    @OptionGroup var consent: Consent
    @OptionGroup var json: JSONFlag

    func run() throws {
      try change(settings, filter, consent, json, verb: "dropped") { ledger, filter, count in
        try ledger.drop(filter, limit: count)
      }
    }
  }
}

/// A batch at a time, so that nobody waits long for the ledger, with progress for a person.
private func change(
  _ settings: SettingsOption, _ options: DeadLetterOptions, _ consent: Consent, _ json: JSONFlag,
  verb: String, _ body: (any InspectableLedger, DeadLetterFilter, Int) throws -> Int
) throws {
  var filter = try options.filter()
  let ledger = try settings.openLedger()
  // What dies again while this runs is not taken once more.
  filter.diedBefore = min(filter.diedBefore ?? .max, SystemClocks().wall + 1)
  let all = try reporting { try ledger.count(filter) }
  func tell(_ count: Int, _ text: String) {
    json.print(
      ["deadLetters": .integer(Int64(count)), "done": .bool(consent.isGiven)], "\(count) \(text)")
  }
  guard consent.isGiven else { return tell(all, "would be \(verb); add --yes to do it") }
  var done = 0
  var progress = Progress(verb)
  try reporting {
    while case let count = try body(ledger, filter, 500), count > 0 {
      done += count
      progress.report(done, of: all)
    }
  }
  tell(done, verb)
}

/// For what cannot be undone.
struct Consent: ParsableArguments {
  @Flag(help: "Does it.") var yes = false
  @Flag(help: "Does nothing, as without --yes.") var dryRun = false

  var isGiven: Bool { yes && !dryRun }
}

/// Which dead letters: those that match all that is given.
struct DeadLetterOptions: ParsableArguments {
  @Option(name: .customLong("mid"), help: "Of this message.") var mId: String?
  @Option(help: "Of this channel.") var channel: String?
  @Option(help: "Of this queue: outbound, inbound or status.") var queue: String?
  @Option(help: "Of this contact.") var contact: String?
  @Option(help: "That died within so many hours.") var hours: Double?
  @OptionGroup var span: SpanOptions

  func filter() throws -> DeadLetterFilter {
    var filter = DeadLetterFilter()
    filter.id = try mId.map(Word.messageID)
    filter.channel = try channel.map(Word.channel)
    filter.queue = try queue.map { try Word.one(of: Queue.allCases, $0, "queue") }
    filter.contact = try contact.map { try Word.contact($0) }
    (filter.diedFrom, filter.diedBefore) = try span.times(now: SystemClocks().wall)
    if let hours { filter.diedFrom = SystemClocks().wall - Int64(hours * 3_600_000) }
    return filter
  }
}

/// From when until when.
struct SpanOptions: ParsableArguments {
  @Option(help: "Not before: 2025-10-09, 2025-10-09T08:00:00Z, or how long ago: 90m, 12h, 7d.")
  var since: String?
  @Option(help: "Before that time, written as for --since.") var until: String?

  var isGiven: Bool { since != nil || until != nil }

  /// Unix milliseconds.
  func times(now: Int64) throws -> (from: Int64?, before: Int64?) {
    (
      try since.map { try Word.time($0, now: now) }, try until.map { try Word.time($0, now: now) }
    )
  }
}

extension DeadLetter {
  fileprivate var paragraph: String {
    let status = httpStatus.map { "HTTP \($0)" } ?? "none"
    let said = answer.map { "  \(Redaction.redact($0).manyLines)" } ?? ""
    return """
      \(id)  \(channel)  \(queue), part \(part + 1)  to or from \(contact)
        died      \(Timestamp.text(diedAt)) after \(attempts) attempts
        reason    \(reason.oneLine())
        answer    \(status)\(said)
      """
  }
}
