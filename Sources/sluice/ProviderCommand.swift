import ArgumentParser
import Glibc
import SluiceCore

/// Providers that are described in a file.
struct ProviderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provider",
    abstract: "Providers that a TOML file describes: lists, shows, begins and tests them.",
    subcommands: [List.self, Show.self, New.self, Test.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists all that can stand in provider = \"…\".")

    func run() { for name in ProviderRegistry.names { print(name) } }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Prints a description that the program has in it.")

    @Argument(help: "Its name.") var name: String

    func run() throws {
      guard let text = ProviderDescriptions.shippedText(name) else {
        StandardError.print("error: \"\(name)\" is none of those; see sluice provider list")
        throw ExitCode(1)
      }
      print(text, terminator: "")
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new",
      abstract: "Writes a commented description to start from, and its test.",
      discussion: "They are providers/NAME.toml and providers/NAME.test.toml beside the settings.")

    @OptionGroup var settings: SettingsOption
    @Argument(help: "What channels write as provider = \"NAME\".") var name: String

    func run() throws {
      guard ChannelName(name) != nil else {
        throw ValidationError("\"\(name)\" is no name; use \(ChannelName.rule).")
      }
      let slash = settings.path.lastIndex(of: "/")
      let directory = (slash.map { String(settings.path[...$0]) } ?? "") + "providers"
      mkdir(directory, 0o755)
      try NewFile.write(
        ProviderDescription.startingText, to: "\(directory)/\(name).toml", mode: 0o644)
      try NewFile.write(
        ProviderDescription.startingTestText, to: "\(directory)/\(name).test.toml", mode: 0o644)
      print("\(directory)/\(name).toml")
      print("\(directory)/\(name).test.toml")
    }
  }

  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "test",
      abstract: "Checks a description, and runs the test beside it.",
      discussion: """
        The test of providers/NAME.toml is providers/NAME.test.toml. Ends with status 0 and \
        "ok: N checks", or with 1 and what is wrong on standard error.
        """)

    @Argument(help: "The description: providers/NAME.toml.") var file: String

    func run() throws {
      let failures: [String]
      let count: Int
      do throws(SettingsError) {
        let test = try DescriptionTest(descriptionAt: file)
        (failures, count) = (test.failures(), test.count)
      } catch {
        for problem in error.problems { StandardError.print("error: \(problem)") }
        throw ExitCode(1)
      }
      for failure in failures { StandardError.print("failed: \(failure)") }
      guard failures.isEmpty else { throw ExitCode(1) }
      print("ok: \(count) \(count == 1 ? "check" : "checks")")
    }
  }
}
