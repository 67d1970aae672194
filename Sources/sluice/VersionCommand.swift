import ArgumentParser
import SluiceCore

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Prints the version.")

  @OptionGroup var json: JSONFlag

  func run() {
    let object: JSON = ["program": "sluice", "version": .string(Version.current)]
    print(json.isWanted ? object.text : "sluice \(Version.current)")
  }
}
