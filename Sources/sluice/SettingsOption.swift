import ArgumentParser
import SluiceCore

/// `--settings`, the same in every command.
struct SettingsOption: ParsableArguments {
  @Option(
    name: .customLong("settings"),
    help: "The settings file; or SLUICE_SETTINGS names it.")
  var path = Settings.defaultPath
}
