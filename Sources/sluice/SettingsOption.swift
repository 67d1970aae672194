import ArgumentParser
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

  func open() throws -> Installation {
    let settings = try load()
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
      of: channel, hasFallback: (try? settings.channels.channel(channel))?.fallback != nil,
      SharedStatus(settings.server, clocks: clocks), pauses: try ledger.pauses())
  }
}

/// `--json`, in every command that prints data.
struct JSONFlag: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Prints JSON, an object a line.") var isWanted = false

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

  static func contact(_ text: String) throws -> ContactID {
    do {
      return try ContactID(text)
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
