import ArgumentParser
import SluiceCore

/// `--settings`, the same in every command.
struct SettingsOption: ParsableArguments {
  @Option(
    name: .customLong("settings"),
    help: "The settings file. Otherwise SLUICE_SETTINGS names it, or it is /etc/sluice/sluice.toml."
  )
  var path = Settings.defaultPath
}
