import Foundation

/// A child process under test: started with its output in a file, ended by its process ID.
final class Program: @unchecked Sendable {
  // `Process` is used from one thread at a time: each test drives its own stack.
  let name: String
  let log: String
  private let process = Process()

  /// - Parameter log: The file that standard error (and output) is appended to.
  init(
    _ name: String, path: String, arguments: [String], environment: [String: String] = [:],
    input: FileHandle? = nil, log: String
  ) throws {
    self.name = name
    self.log = log
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
    }
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    output.seekToEndOfFile()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  var isRunning: Bool { process.isRunning }
  var pid: Int32 { process.processIdentifier }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// Waits for the end, and returns the exit status; that of a killed one is the signal's number.
  @discardableResult func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  @discardableResult func stop() -> Int32 {
    if isRunning { send(SIGTERM) }
    return wait()
  }

  func kill9() {
    send(SIGKILL)
    wait()
  }
}

extension Program {
  /// What a program that ends by itself prints, errors included.
  static func output(_ path: String, _ arguments: [String]) throws -> String {
    let log = NSTemporaryDirectory() + "/sluice-output-\(UUID().uuidString)"
    defer { unlink(log) }
    let program = try Program("output", path: path, arguments: arguments, log: log)
    program.wait()
    return try String(contentsOfFile: log, encoding: .utf8)
  }
}

/// Where the programs under test are: in `$SLUICE_PROGRAMS` (scripts/test puts the release build
/// there, which is what ships and what keeps up with the load), otherwise beside the test bundle.
enum Products {
  static let directory: String = {
    if let directory = ProcessInfo.processInfo.environment["SLUICE_PROGRAMS"] { return directory }
    var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while directory.path != "/" {
      if FileManager.default.isExecutableFile(
        atPath: directory.appendingPathComponent("sluice-inbound").path)
      {
        return directory.path
      }
      directory.deleteLastPathComponent()
    }
    preconditionFailure("no programs beside \(CommandLine.arguments[0]); build them first")
  }()

  static func path(_ program: String) -> String { "\(directory)/\(program)" }

  static let repository: String = {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }()
}

/// Waits for `condition`, asking again and again; `nil` if it does not come true in time. The only
/// kind of waiting in these tests: for something that can be seen.
func eventually<Value>(
  within seconds: Double = 20, every interval: Double = 0.02, _ condition: () throws -> Value?
) rethrows -> Value? {
  let deadline = Date().addingTimeInterval(seconds)
  while true {
    if let value = try condition() { return value }
    if Date() > deadline { return nil }
    Thread.sleep(forTimeInterval: interval)
  }
}
