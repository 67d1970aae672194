import ArgumentParser
import SluiceCore

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Checks all settings, and has every running program take them up.",
    discussion: """
      Each program reads them before its next request or call; what it is at ends by those it began \
      with. With a mistake in them nothing happens: it is printed, and the status is 1. A program \
      that may not read something logs that, and keeps what it has. What cannot change while programs \
      run (where the state is, threads, …) waits for a restart; their log names it.
      """)

  @OptionGroup var settings: SettingsOption

  func run() throws {
    let report = SettingsReport(checking: settings.path)
    report.print()
    guard report.problems.isEmpty else {
      StandardError.print("nothing was reloaded; the programs go on with the settings they have")
      throw ExitCode(1)
    }
    do {
      let directory = try Settings.load(path: settings.path).server.stateDirectory
      try ReloadMark.renew(in: directory)
    } catch {
      StandardError.print(
        "error: The programs cannot be told. Run this as their user, or send them SIGHUP. \(error)")
      throw ExitCode(1)
    }
    print("ok: \(report.summary)")
  }
}

extension SettingsReport {
  var summary: String { "\(channels.count) \(channels.count == 1 ? "channel" : "channels")" }

  /// Everything that is to be said, on standard error.
  func print() {
    for warning in warnings { StandardError.print("warning: \(warning)") }
    for problem in problems { StandardError.print("error: \(problem)") }
  }
}
