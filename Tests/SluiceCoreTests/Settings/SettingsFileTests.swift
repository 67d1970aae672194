import SluiceCore
import SluiceTesting
import Testing

struct SettingsFileTests {
  @Test func keepsTypes() throws {
    let file = try SettingsFile(
      path: "a.toml", text: "i = 1\nf = 1.0\ns = 'ü\\n'\nb = true\na = [1, 'x']\nt = { k = 2 }")
    #expect(
      file.root == [
        "a": [1, "x"], "b": true, "f": .double(1), "i": 1, "s": "ü\\n", "t": ["k": 2],
      ])
  }

  static let lineEnds = ["\n", "\r\n"]
  @Test(arguments: lineEnds)
  func findsLinesWhateverEndsThem(end: String) throws {
    let text = ["# x", "a = 5", "[channels.sms-uk]", "token = 5"].joined(separator: end)
    var reader = SettingsReader(try SettingsFile(path: "a.toml", text: text))
    reader.problem("a", "")
    reader.problem("channels.sms-uk", "")
    reader.problem("channels.sms-uk.token", "")
    #expect(reader.problems.map(\.line) == [2, 3, 4])
  }

  static let broken: [(label: String, text: String, line: Int)] = [
    ("no value", "a = 1\nb =\n", 2),
    ("a key twice", "a = 1\na = 2\n", 2),
    ("an open string", "a = \"x\n", 1),
    ("an open table", "[a\nb = 1\n", 1),
  ]
  @Test(arguments: broken)
  func reportsBrokenFiles(label: String, text: String, line: Int) {
    #expect {
      try SettingsFile(path: "a.toml", text: text)
    } throws: { error in
      (error as? SettingsProblem)?.line == line
    }
  }

  /// Somebody forgot the quotes: the parser's message must not quote the secret.
  @Test func aBrokenFileGivesNoSecretAway() {
    for value in [
      "hunter2hunter2", "12hunter2", "\"hunter2\\q\"", "'hunter2", "true_hunter2", "2026-hunter2",
    ] {
      #expect {
        try SettingsFile(path: "a.toml", text: "token = \(value)\n")
      } throws: { error in
        !"\(error)".contains("hunter")
      }
    }
  }

  @Test func reportsFilesThatAreNoText() {
    let directory = TemporaryDirectory()
    let path = directory.write("a = \"\0\"", to: "nul.toml")
    #expect(throws: SettingsProblem.self) { try SettingsFile(path: path) }
    #expect(throws: SettingsProblem.self) { try SettingsFile(path: directory.path + "/gone.toml") }
    #expect(throws: SettingsProblem.self) { try SettingsFile(path: directory.path) }
  }

  static let numbers = ["nan", "inf", "-inf"]
  @Test(arguments: numbers)
  func reportsNumbersThatAreNone(number: String) {
    #expect {
      try SettingsFile(path: "a.toml", text: "a = \(number)")
    } throws: { error in
      "\(error)".contains("finite")
    }
  }

  @Test func tellsWhereTooManyChannelsBelong() {
    let text = (0..<20_001).map { "k\($0) = 1\n" }.joined()
    #expect {
      try SettingsFile(path: "a.toml", text: text)
    } throws: { error in
      "\(error)".contains("channels/")
    }
  }
}
