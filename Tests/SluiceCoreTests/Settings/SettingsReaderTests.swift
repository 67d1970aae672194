import Foundation
import SluiceCore
import SluiceTesting
import Testing

struct SettingsReaderTests {
  /// Everything that is wrong with the keys `read` asks for, and with those it does not.
  private func problems(
    _ text: String, path: String = "dir/sluice.toml", _ read: (inout SettingsReader) -> Void
  ) throws -> [SettingsProblem] {
    var reader = SettingsReader(try SettingsFile(path: path, text: text))
    read(&reader)
    reader.finish()
    return reader.problems
  }

  // MARK: - Unknown keys

  @Test func guessesWhatWasMeant() throws {
    let found = try problems("trheads = 4\nshard = 1\n# threads = 8") { reader in
      _ = reader.integer("threads", default: 16, in: 1...64)
    }
    #expect(
      found.map(\.description) == [
        "dir/sluice.toml:2: shard: This key is unknown. Known here: threads.",
        "dir/sluice.toml:1: trheads: This key is unknown. Did you mean threads?",
      ])
  }

  @Test func anOptionalKeyThatIsAbsentIsKnownAllTheSame() throws {
    let found = try problems("form = \"+61400000001\"") { reader in
      _ = reader.optionalString("from", example: "+61400000001")
      _ = reader.has("previous")
    }
    #expect(found.map(\.message) == ["This key is unknown. Did you mean from?"])
  }

  // MARK: - Wrong values

  static let rows: [(label: String, text: String, message: String)] = [
    ("missing", "", "This is missing. Write name = \"x\"."),
    ("empty", "name = ''", "This is empty; write a string: name = \"x\"."),
    ("a number", "name = 5", "This is 5; write a string: name = \"x\"."),
    ("a table", "name = { a = 1 }", "This is an object; write a string: name = \"x\"."),
  ]
  @Test(arguments: rows)
  func reportsStrings(label: String, text: String, message: String) throws {
    let found = try problems(text) { reader in _ = reader.string("name", example: "x") }
    #expect(found.map(\.message) == [message])
  }

  @Test func readsWhatIsRight() throws {
    enum Mode: String, CaseIterable { case slow, fast }
    let text = """
      count = 5
      rate = 2
      ratio = 0.5
      on = true
      mode = "fast"
      url = "http://localhost:8080/a?b=c"
      name = "x"
      """
    let found = try problems(text) { reader in
      let count = reader.integer("count", default: 1, in: 1...9)
      let rate = reader.number("rate", default: 1, in: 0...9)
      let ratio = reader.optionalNumber("ratio", in: 0...1)
      let isOn = reader.flag("on", default: false)
      let mode = reader.choice("mode", default: Mode.slow)
      let url = reader.url("url", example: "https://a.example/")
      let name = reader.string("name", example: "y")
      #expect(count == 5 && rate == 2 && ratio == 0.5 && isOn && mode == .fast && name == "x")
      #expect(url == "http://localhost:8080/a?b=c")
    }
    #expect(found.isEmpty)
  }

  @Test func fallsBackOnDefaults() throws {
    let found = try problems("") { reader in
      let count = reader.integer("count", default: 1, in: 1...9)
      let ratio = reader.optionalNumber("ratio", in: 0...1)
      let isOn = reader.flag("on", default: true)
      let level = reader.choice("level", default: Settings.Log.Level.info)
      let url = reader.url("url", example: "e", default: "https://d.example")
      let name = reader.optionalString("name", example: "y")
      #expect(count == 1 && ratio == nil && isOn && level == .info && name == nil)
      #expect(url == "https://d.example")
    }
    #expect(found.isEmpty)
  }

  @Test func reportsEveryMistakeAtOnceWithItsLine() throws {
    enum Mode: String, CaseIterable { case slow, fast }
    let text = """
      # a comment = 1
      count = 50

      rate = -1
      on = "yes"
      mode = "medium"
      url = "ftp://a.example"
      url2 = "https://a example"
      url3 = "https:///path"
      [inner]
      count = 1.5
      extra = 1
      """
    let found = try problems(text) { reader in
      _ = reader.integer("count", default: 1, in: 1...9)
      _ = reader.number("rate", default: 1, in: 0...9)
      _ = reader.flag("on", default: false)
      _ = reader.choice("mode", default: Mode.slow)
      _ = reader.url("url", example: "https://b.example")
      _ = reader.url("url2", example: "https://b.example")
      _ = reader.url("url3", example: "https://b.example")
      var inner = reader.reader("inner")
      _ = inner.integer("count", default: 1, in: 1...9)
      _ = inner.string("name", example: "x")
      reader.finish(inner)
      let wrong = reader.reader("on")
      reader.finish(wrong)
    }
    #expect(
      found.map(\.description) == [
        "dir/sluice.toml:2: count: This is 50; write a whole number from 1 to 9.",
        "dir/sluice.toml:4: rate: This is -1; write a number from 0.0 to 9.0.",
        "dir/sluice.toml:5: on: This is \"yes\"; write true or false.",
        "dir/sluice.toml:6: mode: This is \"medium\"; write one of \"slow\", \"fast\".",
        "dir/sluice.toml:7: url: \"ftp://a.example\" is not an absolute URL."
          + " Copy it without spaces: \"https://b.example\".",
        "dir/sluice.toml:8: url2: \"https://a example\" is not an absolute URL."
          + " Copy it without spaces: \"https://b.example\".",
        "dir/sluice.toml:9: url3: \"https:///path\" is not an absolute URL."
          + " Copy it without spaces: \"https://b.example\".",
        "dir/sluice.toml:11: inner.count: This is 1.5; write a whole number from 1 to 9.",
        "dir/sluice.toml:10: inner.name: This is missing. Write name = \"x\".",
        "dir/sluice.toml:12: inner.extra: This key is unknown. Known here: count, name.",
        "dir/sluice.toml:5: on: This is a string; write a table: [on].",
      ])
  }

  // MARK: - Secrets

  @Test func readsSecretsByReference() throws {
    let directory = TemporaryDirectory()
    directory.write("from-a-file\r\n", to: "secrets/a")
    let absolute = directory.write("absolute", to: "b")
    setenv("SLUICE_TEST_SECRET", "from-environment", 1)
    let text = """
      a = "file:secrets/a"
      b = "file:\(absolute)"
      c = "env:SLUICE_TEST_SECRET"
      """
    let found = try problems(text, path: directory.path + "/sluice.toml") { reader in
      let secrets = [reader.secret("a"), reader.secret("b"), reader.secret("c", atLeast: 16)]
      #expect(secrets.map { $0?.exposed } == ["from-a-file", "absolute", "from-environment"])
      #expect(reader.warnings.isEmpty)
    }
    #expect(found.isEmpty)
  }

  @Test func neverPrintsASecret() throws {
    let directory = TemporaryDirectory()
    directory.write("hunter2", to: "short")
    directory.write("hunter2 hunter2", to: "spaced")
    directory.write("hunter2\u{e9}hunter2", to: "accented")
    directory.write("", to: "empty")
    setenv("SLUICE_TEST_SHORT", "hunter2", 1)
    let text = """
      literal = "hunter2"
      short = "file:short"
      spaced = "file:spaced"
      accented = "file:accented"
      empty = "file:empty"
      gone = "file:gone"
      folder = "file:."
      short_env = "env:SLUICE_TEST_SHORT"
      unset = "env:SLUICE_TEST_UNSET"
      number = 7
      """
    var reader = SettingsReader(try SettingsFile(path: directory.path + "/s.toml", text: text))
    for line in text.split(separator: "\n") {
      let secret = reader.secret(String(line.prefix { $0 != " " }), atLeast: 8)
      #expect(secret == nil, "\(line)")
    }
    #expect(reader.problems.map(\.line) == Array(1...10))
    for problem in reader.problems {
      #expect(!problem.description.contains("hunter2"))
      #expect(problem.description.contains("\(problem.key ?? ""): "))
    }
    #expect(reader.problems[0].message.contains("literal = \"file:secrets/literal\""))
    #expect(reader.problems[1].message.contains("has 7 bytes"))
    #expect(reader.problems[5].message.contains("gone: The file does not exist."))
    #expect(reader.problems[8].message.contains("env:SLUICE_TEST_UNSET"))
  }

  @Test func warnsOfSecretsThatEverybodyMayRead() throws {
    let directory = TemporaryDirectory()
    directory.write("long-enough", to: "open", mode: 0o644)
    directory.write("long-enough", to: "group", mode: 0o640)
    let text = "a = \"file:open\"\nb = \"file:group\""
    var reader = SettingsReader(try SettingsFile(path: directory.path + "/s.toml", text: text))
    let secrets = [reader.secret("a"), reader.secret("b")]
    #expect(!secrets.contains { $0 == nil })
    #expect(reader.problems.isEmpty)
    #expect(reader.warnings.map(\.key) == ["a"])
  }
}
