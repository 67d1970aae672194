import ArgumentParser
import SluiceCore
import SluiceStore

/// `--settings`, the same in every command.
struct SettingsOption: ParsableArguments {
  @Option(
    name: .customLong("settings"),
    help: "The settings file; or SLUICE_SETTINGS names it.")
  var path = Settings.defaultPath

  /// The ledger of that installation.
  func openLedger() throws -> any Ledger {
    do {
      let settings = try Settings.load(path: path)
      return try SQLiteLedger(
        directory: settings.server.stateDirectory, policy: settings.ledgerPolicy)
    } catch {
      StandardError.print("error: \(error)")
      throw ExitCode(1)
    }
  }
}
