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

  func openLedger(filing: Bool = true) throws -> any InspectableLedger {
    try open(filing: filing).ledger
  }

  /// The ledger as the programs have made it. Nobody else makes one: a state directory that is empty,
  /// or not the programs' own, is a mistake to be told.
  /// - Parameter filing: Whether what was accepted is to be found by what is asked next. After a flood
  ///   that takes a while.
  func open(filing: Bool = true) throws -> Installation {
    let settings = try load()
    let directory = settings.server.stateDirectory
    try ProgramsUser.require(for: directory)
    guard access("\(directory)/ledger.db", F_OK) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else {
        throw failure(
          "\(directory)/ledger.db: \(String(cString: strerror(errno))). Run it as the programs' user:"
            + " runuser -u USER -- sluice …", status: .user)
      }
      throw failure(
        "There is no ledger at \(directory)/ledger.db yet: no program has started. Start them, or"
          + " name other settings: --settings.", status: .ledger)
    }
    return try reporting {
      let ledger = try SQLiteLedger(directory: directory, policy: settings.ledgerPolicy)
      if filing { try file(ledger) }
      return Installation(settings: settings, ledger: ledger)
    }
  }

  private func file(_ ledger: SQLiteLedger) throws(LedgerError) {
    let all = try ledger.unfiled()
    var progress = Progress("accepted rows filed")
    var done = 0
    while case let count = try ledger.fileSome(), count > 0 {
      done += count
      progress.report(min(done, all), of: all)
    }
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
