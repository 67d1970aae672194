import ArgumentParser
import Glibc
import SluiceCore
import SluiceStore

/// `--settings`, the same in every command.
struct SettingsOption: ParsableArguments {
  @Option(
    name: .customLong("settings"),
    help: "The settings file; or SLUICE_SETTINGS names it.")
  var path = Settings.defaultPath

  /// Ends the program where the settings have mistakes.
  func load() throws -> Settings {
    do {
      return try Settings.load(path: path)
    } catch {
      throw failure("\(error)", status: .settings)
    }
  }

  func openLedger() throws -> any InspectableLedger { try open().ledger }

  /// The ledger as the programs have made it. Nobody else makes one: a state directory that is empty,
  /// or not the programs' own, is a mistake to be told.
  func open() throws -> Installation {
    let settings = try load()
    let directory = settings.server.stateDirectory
    try ProgramsUser.require(for: directory)
    guard access("\(directory)/ledger.db", F_OK) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else {
        throw failure(
          "\(directory)/ledger.db: \(String(cString: strerror(errno)))", status: .ledger)
      }
      throw failure(
        "There is no ledger at \(directory)/ledger.db yet: no program has started. Start them, or"
          + " name other settings: --settings.", status: .ledger)
    }
    return Installation(
      settings: settings,
      ledger: try reporting {
        try SQLiteLedger(
          directory: settings.server.stateDirectory, policy: settings.ledgerPolicy)
      })
  }
}

/// The running Sluice that a command looks after.
struct Installation {
  let settings: Settings
  let ledger: any InspectableLedger
  let clocks = SystemClocks()

  /// What holds a channel's calls up now.
  func state(of channel: ChannelName) throws -> ChannelState {
    ChannelState(
      of: channel, SharedStatus(settings.server, clocks: clocks), pauses: try ledger.pauses())
  }
}

/// `--json`, in every command that prints data.
struct JSONFlag: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Prints JSON, an object a line.") var isWanted = false

  /// - Parameter text: The same for people.
  func print(_ object: JSON, _ text: @autoclosure () -> String) {
    Swift.print(isWanted ? object.text : text())
  }

  /// - Parameter empty: What people read where there is nothing.
  func print(_ objects: [JSON], _ table: @autoclosure () -> Table, empty: String) {
    if isWanted {
      for object in objects { Swift.print(object.text) }
    } else {
      Swift.print(objects.isEmpty ? empty : "\(table())")
    }
  }
}

extension ExitCode {
  /// As in `sysexits.h`; 1 is for what was looked for and not found, and for problems found.
  static let ledger = ExitCode(74)
  /// Of another user than the programs'.
  static let user = ExitCode(77)
  static let settings = ExitCode(78)
}

/// Tells people why a command ends, and programs by its status.
func failure(_ message: String, status: ExitCode = .failure) -> ExitCode {
  StandardError.print("error: \(message)")
  return status
}

/// What `body` returns; where the ledger fails the program ends.
func reporting<Value>(_ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as LedgerError {
    throw failure("\(error)", status: .ledger)
  }
}

/// Words of the command line as values; the message of a mistake says what can be written.
enum Word {
  static func channel(_ text: String) throws -> ChannelName {
    guard let name = ChannelName(text) else {
      throw ValidationError("\"\(text)\" is no channel's name; one is \(ChannelName.rule).")
    }
    return name
  }

  /// - Returns: Unix milliseconds.
  static func time(_ text: String, now: Int64) throws -> Int64 {
    let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
    if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
      (0...1_000_000).contains(count)
    {
      return now - count * unit
    }
    let date = text.utf8.count == 10 ? "\(text)T00:00:00" : text
    guard let time = Timestamp.milliseconds(ofDate: date) else {
      throw ValidationError(
        "\"\(text)\" is no time; write 2025-10-09, 2025-10-09T08:00:00Z, or how long ago: 90m, 12h, 7d."
      )
    }
    return time
  }

  static func contact(_ text: String, type: IDType? = nil) throws -> ContactID {
    do {
      return if let type { try ContactID(text, type: type) } else { try ContactID(text) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  static func messageID(_ text: String) throws -> MessageID {
    guard let id = MessageID(text) else {
      throw ValidationError("\"\(text)\" is no mId; one has 26 letters and digits.")
    }
    return id
  }

  static func one<Value>(of known: [Value], _ text: String, _ what: String) throws -> Value {
    guard let value = known.first(where: { "\($0)" == text }) else {
      let words = known.map { "\($0)" }.joined(separator: ", ")
      throw ValidationError("\"\(text)\" is no \(what); write one of \(words).")
    }
    return value
  }
}
