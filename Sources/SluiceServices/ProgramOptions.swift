import Glibc
import SluiceCore

/// The few options of the programs that a web server or a service manager starts. Under CGI there
/// are none: a query without `=` would reach the program as its arguments (RFC 3875, 4.4).
package struct ProgramOptions {
  package enum Option: String, CaseIterable {
    case settings, socket, threads, once, seconds

    var takesValue: Bool { self != .once }

    var help: String {
      switch self {
      case .settings:
        "--settings PATH   the settings file; or $SLUICE_SETTINGS, or \(Settings.customaryPath)"
      case .socket: "--socket PATH     listen here instead of on descriptor 0"
      case .threads: "--threads N       threads for what takes time; otherwise server.threads"
      case .once: "--once            end when nothing is due (for cron)"
      case .seconds: "--seconds N       with --once: end after that time at the latest"
      }
    }
  }

  private let values: [Option: String]

  package init(program: String, arguments: [String], allowed: [Option]) throws {
    var values: [Option: String] = [:]
    var rest = arguments.dropFirst()
    if getenv("GATEWAY_INTERFACE") != nil { rest = [] }
    let allowed = [.settings] + allowed
    while let argument = rest.popFirst() {
      let words = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard argument.hasPrefix("--"), let name = words.first?.dropFirst(2),
        let option = Option(rawValue: String(name)), allowed.contains(option)
      else {
        throw UsageError(program: program, argument: argument, allowed: allowed)
      }
      if !option.takesValue {
        values[option] = ""
      } else if let value = words.count == 2 ? words[1] : rest.popFirst() {
        values[option] = value
      } else {
        throw UsageError(program: program, argument: argument, allowed: allowed)
      }
    }
    self.values = values
  }

  package var settingsPath: String {
    values[.settings] ?? Settings.defaultPath
  }

  package var socketPath: String? { values[.socket] }
  package var threads: Int? { values[.threads].flatMap { Int($0) } }
  package var isOnce: Bool { values[.once] != nil }
  package var seconds: Double? { values[.seconds].flatMap { Double($0) } }
}

struct UsageError: Error, CustomStringConvertible {
  let program: String
  let argument: String
  let allowed: [ProgramOptions.Option]

  var isHelp: Bool { argument == "--help" || argument == "-h" }

  var description: String {
    let options = allowed.map { "  \($0.help)" }.joined(separator: "\n")
    return isHelp
      ? "options:\n\(options)"
      : "\(argument) is not an option of \(program), or has no value. Options:\n\(options)"
  }
}
