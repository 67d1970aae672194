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

    @OptionGroup var json: JSONFlag

    func run() {
      for name in ProviderRegistry.names { json.print(["provider": .string(name)], name) }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Prints a description that the program has in it.")

    @Argument(help: "Its name.") var name: String
    @OptionGroup var json: JSONFlag

    func run() throws {
      guard let text = ProviderDescriptions.shippedText(name) else {
        StandardError.print("error: \"\(name)\" is none of those; see sluice provider list")
        throw ExitCode(1)
      }
      let object: JSON = ["provider": .string(name), "description": .string(text)]
      print(json.isWanted ? "\(object.text)\n" : text, terminator: "")
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new",
      abstract: "Writes a commented description to start from, and its test.",
      discussion: "They are providers/NAME.toml and providers/NAME.test.toml beside the settings.")

    @OptionGroup var settings: SettingsOption
    @Argument(help: "What channels write as provider = \"NAME\".") var name: String
    @OptionGroup var json: JSONFlag

    func run() throws {
      guard ChannelName(name) != nil else {
        throw ValidationError("\"\(name)\" is no name; use \(ChannelName.rule).")
      }
      let slash = settings.path.lastIndex(of: "/")
      let directory = (slash.map { String(settings.path[...$0]) } ?? "") + "providers"
      mkdir(directory, 0o755)
      for (ending, text) in [
        ("toml", ProviderDescription.startingText),
        ("test.toml", ProviderDescription.startingTestText),
      ] {
        let path = "\(directory)/\(name).\(ending)"
        try NewFile.write(text, to: path, mode: 0o644)
        json.print(["file": .string(path)], path)
      }
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
    @OptionGroup var json: JSONFlag

    func run() throws {
      let failures: [String]
      let count: Int
      do throws(SettingsError) {
        let test = try DescriptionTest(descriptionAt: file)
        (failures, count) = (test.failures(), test.count)
      } catch {
        for problem in error.problems {
          if json.isWanted {
            print(problem.json(severity: "error").text)
          } else {
            StandardError.print("error: \(problem)")
          }
        }
        throw ExitCode(1)
      }
      if json.isWanted {
        let object: JSON = [
          "checks": .integer(Int64(count)), "failures": .array(failures.map(JSON.string)),
        ]
        print(object.text)
      } else {
        for failure in failures { StandardError.print("failed: \(failure)") }
        if failures.isEmpty { print("ok: \(count) \(count == 1 ? "check" : "checks")") }
      }
      guard failures.isEmpty else { throw ExitCode(1) }
    }
  }
}
