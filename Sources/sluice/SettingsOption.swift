import ArgumentParser
import SluiceCore
import SluicePrograms

/// `--settings`, the same in every command.
struct SettingsOption: ParsableArguments {
  @Option(
    name: .customLong("settings"),
    help: "The settings file; or SLUICE_SETTINGS names it.")
  var path = Settings.defaultPath

  /// The ledger of that installation.
  func openLedger() throws -> any Ledger {
    do {
      return try Wiring.ledger(try Settings.load(path: path))
    } catch {
      StandardError.print("error: \(error)")
      throw ExitCode(1)
    }
  }
}
