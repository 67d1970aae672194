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
  @OptionGroup var json: JSONFlag

  func run() throws {
    let report = SettingsReport(checking: settings.path)
    report.print(json)
    guard report.problems.isEmpty else {
      StandardError.print("nothing was reloaded; the programs go on with the settings they have")
      throw ExitCode(1)
    }
    let directory = try settings.load().server.stateDirectory
    try ProgramsUser.require(for: directory)
    do {
      try ReloadMark.renew(in: directory)
    } catch {
      StandardError.print(
        "error: The programs cannot be told: \(directory): \(error) Or send them SIGHUP.")
      throw ExitCode(1)
    }
    json.print(
      ["channels": .integer(Int64(report.channels.count)), "done": true], "ok: \(report.summary)")
  }
}

extension SettingsReport {
  var summary: String { "\(channels.count) \(channels.count == 1 ? "channel" : "channels")" }

  /// Everything that is to be said: on standard error for people, on standard output as JSON.
  func print(_ json: JSONFlag) {
    if json.isWanted {
      for problem in problems { Swift.print(problem.json(severity: "error").text) }
      for warning in warnings { Swift.print(warning.json(severity: "warning").text) }
      return
    }
    for warning in warnings { StandardError.print("warning: \(warning)") }
    for problem in problems { StandardError.print("error: \(problem)") }
  }
}

extension SettingsProblem {
  func json(severity: String) -> JSON {
    .object(present: [
      ("severity", .string(severity)), ("file", .string(file)),
      ("line", line.map { .integer(Int64($0)) }), ("key", key.map(JSON.string)),
      ("message", .string(message)),
    ])
  }
}
