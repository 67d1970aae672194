import ArgumentParser
import SluiceCore

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Reads all settings, and reports every mistake at once.",
    discussion: """
      Ends with status 0 and "ok: N channels" where every program and channel can start, \
      with 1 and the mistakes on standard error where not. Warnings change neither.
      """)

  @OptionGroup var settings: SettingsOption

  func run() throws {
    let report = SettingsReport(checking: settings.path)
    report.print()
    guard report.problems.isEmpty else { throw ExitCode(1) }
    print("ok: \(report.summary)")
  }
}
