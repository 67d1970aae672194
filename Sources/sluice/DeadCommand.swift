import ArgumentParser
import Glibc
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
    @Flag(help: "Prints JSON, a line each.") var json = false

    func run() throws {
      let letters = try settings.openLedger().deadLetters(try filter.filter(), limit: limit)
      if json {
        for letter in letters { print(letter.json.text) }
      } else if letters.isEmpty {
        print("no dead letters")
      } else {
        print(
          Table(
            ["died", "mId", "channel", "queue", "contact", "attempts", "reason"],
            letters.map {
              [
                Timestamp.text($0.diedAt), "\($0.id)", "\($0.channel)", "\($0.queue)",
                "\($0.contact)", "\($0.attempts)", $0.reason,
              ]
            }))
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows one dead letter with the last answer, as it came.")

    @OptionGroup var settings: SettingsOption
    @Argument(help: "The message's mId.") var mId: String
    @Flag(help: "Prints JSON.") var json = false

    func run() throws {
      let filter = DeadLetterFilter(id: try DeadLetterOptions.messageID(mId))
      let letters = try settings.openLedger().deadLetters(filter, limit: 100)
      guard !letters.isEmpty else {
        StandardError.print("no dead letter has the mId \(mId)")
        throw ExitCode(1)
      }
      for letter in letters { print(json ? letter.json.text : letter.paragraph) }
    }
  }

  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "replay",
      abstract: "Queues dead letters anew, at the end of their lanes.",
      discussion: "Without --yes it says what it would do, and does nothing.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var filter: DeadLetterOptions
    @Flag(help: "Does it.") var yes = false

    func run() throws {
      try change(settings, filter, yes: yes, verb: "replayed") { ledger, filter, count in
        try ledger.replay(filter, limit: count, now: SystemClocks().wall)
      }
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "drop", abstract: "Forgets dead letters; their messages stay until retention.",
      discussion: "Without --yes it says what it would do, and does nothing.")

    @OptionGroup var settings: SettingsOption
    @OptionGroup var filter: DeadLetterOptions
    @Flag(help: "Does it.") var yes = false

    func run() throws {
      try change(settings, filter, yes: yes, verb: "dropped") { ledger, filter, count in
        try ledger.drop(filter, limit: count)
      }
    }
  }
}

/// A batch at a time, so that nobody waits long for the ledger, with progress for a person.
private func change(
  _ settings: SettingsOption, _ options: DeadLetterOptions, yes: Bool, verb: String,
  _ body: (any Ledger, DeadLetterFilter, Int) throws -> Int
) throws {
  let ledger = try settings.openLedger()
  var filter = try options.filter()
  // What dies again while this runs is not taken once more.
  filter.diedBefore = min(filter.diedBefore ?? .max, SystemClocks().wall + 1)
  guard yes else {
    let count = try ledger.deadLetters(filter, limit: 1_000_000).count
    print("\(count) would be \(verb); add --yes to do it")
    return
  }
  var done = 0
  while case let count = try body(ledger, filter, 500), count > 0 {
    done += count
    if isatty(2) == 1 { StandardError.print("\(done) \(verb) …") }
  }
  print("\(done) \(verb)")
}

/// Which dead letters: those that match all that is given.
struct DeadLetterOptions: ParsableArguments {
  @Option(name: .customLong("mid"), help: "Of this message.") var mId: String?
  @Option(help: "Of this channel.") var channel: String?
  @Option(help: "Of this queue: outbound, inbound or status.") var queue: String?
  @Option(help: "Of this contact.") var contact: String?
  @Option(help: "That died within so many hours.") var hours: Double?

  func filter() throws -> DeadLetterFilter {
    var filter = DeadLetterFilter()
    filter.id = try mId.map(Self.messageID)
    if let channel {
      guard let name = ChannelName(channel) else {
        throw ValidationError("\"\(channel)\" is no channel's name.")
      }
      filter.channel = name
    }
    if let queue {
      guard let known = Queue.allCases.first(where: { "\($0)" == queue }) else {
        throw ValidationError("\"\(queue)\" is no queue; write outbound, inbound or status.")
      }
      filter.queue = known
    }
    do {
      filter.contact = try contact.map { try ContactID($0) }
    } catch {
      throw ValidationError("\(error)")
    }
    if let hours { filter.diedFrom = SystemClocks().wall - Int64(hours * 3_600_000) }
    return filter
  }

  static func messageID(_ text: String) throws -> MessageID {
    guard let id = MessageID(text) else {
      throw ValidationError("\"\(text)\" is no mId; one has 26 letters and digits.")
    }
    return id
  }
}

extension DeadLetter {
  fileprivate var json: JSON {
    .object(present: [
      ("mId", .string("\(id)")), ("channel", .string("\(channel)")),
      ("queue", .string("\(queue)")), ("contact", .string("\(contact)")),
      ("part", .integer(Int64(part))), ("died", .string(Timestamp.text(diedAt))),
      ("attempts", .integer(Int64(attempts))), ("reason", .string(reason)),
      ("httpStatus", httpStatus.map { .integer(Int64($0)) }), ("answer", answer.map(JSON.string)),
    ])
  }

  fileprivate var paragraph: String {
    """
    \(id)  \(channel)  \(queue), part \(part + 1)  to or from \(contact)
      died      \(Timestamp.text(diedAt)) after \(attempts) attempts
      reason    \(reason)
      answer    \(httpStatus.map { "HTTP \($0)" } ?? "none")\(answer.map { "  \($0)" } ?? "")
    """
  }
}
