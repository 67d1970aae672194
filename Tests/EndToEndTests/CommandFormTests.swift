import Foundation
import Glibc
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// What all of `sluice`'s commands have in common: form, documentation, whom they serve, how they end.
  @Suite struct CommandFormTests {
    private let directory = TemporaryDirectory()

    // MARK: Form

    @Test("every command takes --json, and stands in its page")
    func areAlike() throws {
      let help = try JSONReader.read(
        Array(run("--experimental-dump-help").output.utf8), maximumKeys: .max)
      let page = try String(
        contentsOfFile: Products.repository
          + "/Sources/SluiceCore/Documentation.docc/CommandLine.md", encoding: .utf8)
      let commands = Self.commands(try #require(help["command"]))
      #expect(commands.count >= 25)
      for (name, options) in commands {
        #expect(options.contains("json"), "\(name)")
        let words = name.split(separator: " ")
        let isNamed = page.split(separator: "\n").contains { line in
          line.hasPrefix("| `\(words[0])") && words.allSatisfy { line.contains($0) }
        }
        #expect(isNamed, "no row of CommandLine.md's table of commands is for \(name)")
      }
    }

    /// Those that do something, by their words after `sluice`, with the names of their options.
    private static func commands(_ command: JSON, after words: [String] = []) -> [(
      String, [String]
    )] {
      (command["subcommands"]?.array ?? []).flatMap { child -> [(String, [String])] in
        guard let name = child["commandName"]?.string, name != "help" else { return [] }
        let deeper = commands(child, after: words + [name])
        let options = (child["arguments"]?.array ?? []).flatMap { $0["names"]?.array ?? [] }
        return deeper.isEmpty
          ? [((words + [name]).joined(separator: " "), options.compactMap { $0["name"]?.string })]
          : deeper
      }
    }

    // MARK: Ends

    private static let opening: [[String]] = [
      ["trace", "x"], ["tail"], ["queue"], ["dead", "list"], ["dead", "show", "\(id)"],
      ["dead", "replay"], ["dead", "drop"], ["quarantine", "list"], ["quarantine", "show", "1"],
      ["quarantine", "replay"], ["channels"], ["pause"], ["resume", "demo"],
      ["export", "+6012345"],
      ["erase", "+6012345"],
    ]
    private static let id = MessageID(high: 1, low: 1)

    @Test("where no program has started there is no ledger, and no command makes one")
    func makeNoLedger() throws {
      writeSettings()
      for words in Self.opening {
        let (output, status) = run(words)
        #expect(status == 74 && output.contains("no program has started"), "\(words): \(output)")
      }
      mkdir(directory.path + "/state", 0o700)
      #expect(run(["queue"]).status == 74)
      let files = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/state")
      #expect(files.isEmpty, "\(files)")
    }

    @Test("settings with mistakes, and a ledger that cannot be read, have statuses of their own")
    func ends() throws {
      directory.write("[server]\nthread = 3\n", to: "sluice.toml")
      for words in Self.opening + [["send", "demo", "--to", "+6012345678", "x"]] {
        #expect(run(words).status == 78, "\(words)")
      }
      // These are asked for mistakes: finding some is a result.
      for words in [["check"], ["reload"], ["doctor", "--offline"]] {
        #expect(run(words).status == 1, "\(words)")
        #expect(run(words + ["--json"]).output.contains("{\""), "\(words)")
      }
      writeSettings()
      mkdir(directory.path + "/state", 0o700)
      directory.write("no database", to: "state/ledger.db")
      for words in Self.opening + [["send", "demo", "--to", "+6012345678", "x"]] {
        let (output, status) = run(words)
        #expect(status == 74, "\(words): \(output)")
      }
      for words in [["tracee", "x"], ["trace"], ["queue", "No Channel"], ["erase", ""]] {
        #expect(run(words).status == 64, "\(words)")
      }
    }

    @Test(
      "another user than the programs', root included, is told whom to be",
      .enabled(if: geteuid() == 0))
    func needTheProgramsUser() throws {
      let nobody = try #require(getpwnam("nobody")).pointee
      writeSettings()
      mkdir(directory.path + "/state", 0o700)
      chown(directory.path + "/state", nobody.pw_uid, nobody.pw_gid)
      let changing = [["send", "demo", "--to", "+6012345678", "x"], ["reload"]]
      for words in Self.opening + changing {
        let (output, status) = run(words)
        #expect(
          status == 77 && output.contains("runuser -u nobody -- sluice"), "\(words): \(output)")
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/state")
      #expect(files.isEmpty, "\(files)")
      let check = run(["check"])
      #expect(
        check.status == 0 && check.output.contains("warning: \(directory.path)/state is nobody's"))
    }

    @Test("doctor reads nginx's configuration from a standard input that has no path to open")
    func readsStandardInput() throws {
      writeSettings()
      var ends: [Int32] = [0, 0]
      // Like a pipe of root's under runuser, a socket cannot be opened as /dev/stdin.
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      let text = Array("user nobody;\nhttp { server { listen 8080; } }\n".utf8)
      #expect(write(ends[0], text, text.count) == text.count)
      close(ends[0])
      let input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
      let (output, _) = run(["doctor", "--offline", "--json", "--nginx", "-"], input: input)
      #expect(output.contains("\"subject\":\"nginx\""), "\(output)")
      #expect(!output.contains("\"message\":\"-: "), "\(output)")
    }

    // MARK: Steps

    private func writeSettings() {
      directory.write("a-secret-of-32-letters-and-digits", to: "secrets/a")
      directory.write(
        """
        [server]
        state_dir = "state"
        [channels.demo]
        channel_id = "1"
        token = "file:secrets/a"
        webhook_url = "http://127.0.0.1:9/"
        provider = "sandbox"
        [channels.demo.sandbox]
        url = "http://127.0.0.1:9/"
        api_key = "file:secrets/a"
        webhook_secret = "file:secrets/a"
        """, to: "sluice.toml")
    }

    private func run(_ arguments: String...) -> (output: String, status: Int32) { run(arguments) }

    private func run(
      _ arguments: [String], input: FileHandle? = nil
    ) -> (output: String, status: Int32) {
      let log = "\(directory.path)/output-\(UUID().uuidString)"
      do {
        let program = try Program(
          "sluice", path: Products.path("sluice"), arguments: arguments,
          environment: ["SLUICE_SETTINGS": directory.path + "/sluice.toml"], input: input, log: log)
        let status = program.wait()
        return (try String(contentsOfFile: log, encoding: .utf8), status)
      } catch {
        return ("\(error)", -1)
      }
    }
  }
}
