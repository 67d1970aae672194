import ArgumentParser
import SluiceCore

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Prints the version.")

  func run() { print("sluice \(Version.current)") }
}
