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
  @OptionGroup var json: JSONFlag

  func run() throws {
    let report = SettingsReport(checking: settings.path)
    report.print(json)
    // What this user may read, the programs perhaps may not.
    if let directory = try? Settings.load(path: settings.path).server.stateDirectory,
      let complaint = ProgramsUser.complaint(about: directory)
    {
      StandardError.print("warning: \(complaint)")
    }
    guard report.problems.isEmpty else { throw ExitCode.failure }
    if !json.isWanted { print("ok: \(report.summary)") }
  }
}
