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
    if json.isWanted {
      let found = report.problems.map { ("error", $0) } + report.warnings.map { ("warning", $0) }
      for (severity, problem) in found { print(Self.json(severity, problem).text) }
      if !report.problems.isEmpty { throw ExitCode.failure }
      return
    }
    report.print()
    guard report.problems.isEmpty else { throw ExitCode(1) }
    print("ok: \(report.summary)")
  }

  private static func json(_ severity: String, _ problem: SettingsProblem) -> JSON {
    .object(present: [
      ("severity", .string(severity)), ("file", .string(problem.file)),
      ("line", problem.line.map { .integer(Int64($0)) }), ("key", problem.key.map(JSON.string)),
      ("message", .string(problem.message)),
    ])
  }
}
