import ArgumentParser
import Glibc
import SluiceCore
import SluiceServices

/// Looks at an installation as it is.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks the installation as it runs: each finding with what to do about it.",
    discussion: """
      Run it as the programs' user: runuser -u sluice sluice doctor. It changes nothing. Ends with \
      status 0 where there is no problem, warnings or not, and with 1 where there is one.

      nginx's configuration is read from --nginx: a file, or what nginx -T prints \
      (nginx -T | runuser -u sluice sluice doctor --nginx -).
      """)

  @OptionGroup var settings: SettingsOption
  @Option(help: "nginx's configuration: a file, or - for standard input.") var nginx: String?
  @Flag(help: "Asks nobody over the network.") var offline = false
  @Flag(help: "Has SQLite read the whole ledger, however large.") var thorough = false
  @Flag(help: "Prints JSON, a line each.") var json = false

  func run() throws {
    var worst = Finding.Grade.good
    func report(_ findings: [Finding]) {
      for finding in findings {
        if finding.grade == .problem { worst = .problem }
        print(json ? finding.json.text : finding.text)
      }
    }
    let checked = SettingsReport(checking: settings.path)
    report(SettingsCheckup.findings(of: checked))
    if let settings = try? Settings.load(path: settings.path) {
      report(LedgerProbe(settings: settings, isThorough: thorough).findings())
      report(ProcessProbe.findings(settings))
      report(nginxFindings(settings, checked.channels))
      var times: [Int64] = []
      if !offline {
        let probe = NetworkProbe(clocks: SystemClocks())
        for origin in Origins.of(checked.channels) {
          let (finding, time) = probe.ask(origin)
          report([finding])
          if let time { times.append(time) }
        }
      }
      report([HostCheckup.clock(now: SystemClocks().wall, others: times)])
    }
    if worst == .problem { throw ExitCode(1) }
  }

  private func nginxFindings(
    _ settings: Settings, _ channels: [ChannelSettings]
  ) -> [Finding] {
    guard let nginx else {
      return [
        .warning(
          "nginx", "Its configuration was not looked at.",
          remedy: "Name it: nginx -T | runuser -u sluice sluice doctor --nginx -")
      ]
    }
    do throws(FileError) {
      return try NginxProbe(path: nginx).findings(settings, channels)
    } catch {
      return [.problem("nginx", "\(nginx): \(error)", remedy: "Name another file.")]
    }
  }
}

extension Finding {
  /// For people: what to do is on a line of its own.
  fileprivate var text: String {
    let head = grade.rawValue + String(repeating: " ", count: 9 - grade.rawValue.utf8.count)
    let line = head + subject + String(repeating: " ", count: max(1, 12 - subject.utf8.count))
    return line + message + (remedy.map { "\n" + String(repeating: " ", count: 21) + $0 } ?? "")
  }
}
