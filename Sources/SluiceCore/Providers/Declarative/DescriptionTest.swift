/// A description's test: a TOML file beside it with an account, and with the calls, answers and
/// webhooks that are expected of it. What `sluice provider test` runs, and the test suite.
///
/// ```toml
/// [settings]                       # the account's table; secrets stand here as they are
/// api_key = "key-4711"
///
/// [[call]]
/// to = "+46700000001"
/// text = "Hej"
/// url = "https://api.example.com/send"
/// body = "to=%2B46700000001&text=Hej"
///
/// [[answer]]
/// body = '{"status":"OK","id":"17"}'
/// outcome = "accepted"
/// id = "17"
///
/// [[webhook]]
/// body = '{"id":"7","from":"+46700000001","text":"Hej"}'
/// events = [{ id = "7", from = "+46700000001", text = "Hej" }]
/// ```
package struct DescriptionTest: Sendable {
  package let provider: DeclaredProvider
  package let tokens: [ExpectedToken]
  package let calls: [ExpectedCall]
  package let answers: [ExpectedAnswer]
  package let webhooks: [ExpectedWebhook]
  /// All secrets of the account, which nothing that we say may hold.
  package let secrets: [String]

  /// When everything happens, Unix milliseconds.
  package static let now: Int64 = 1_760_000_000_000
  static let reference = "01J9ZK5V0A0000000000000000.0"
  static let channelURL = "https://sluice.example.com/sluice/demo"

  /// - Throws: What is wrong with the test's file, or with the account that it has.
  package init(
    _ file: SettingsFile, of description: ProviderDescription
  ) throws(SettingsError) {
    var reader = SettingsReader(file)
    let secretKeys = Set(
      description.settings.filter { $0.kind == .secret }.map(\.key)
        + ["webhook_secret", "webhook_secret_previous"])
    let given = (reader.value("settings")?.members ?? []).filter { secretKeys.contains($0.name) }
    reader.givenSecrets = given.reduce(into: [:]) { $0[$1.name] = $1.value.string }
    reader.channelURL = Self.channelURL
    secrets = Array(reader.givenSecrets.values)
    var account = reader.reader("settings")
    account.description = description
    let provider = DeclaredProvider(settings: &account)
    reader.finish(account)
    tokens = reader.tables("token") { ExpectedToken(reading: &$0) }
    calls = reader.tables("call") { ExpectedCall(reading: &$0) }
    answers = reader.tables("answer") { ExpectedAnswer(reading: &$0) }
    webhooks = reader.tables("webhook") { ExpectedWebhook(reading: &$0) }
    if calls.isEmpty || answers.isEmpty {
      reader.problem(nil, "A test has at least one [[call]] and one [[answer]].")
    }
    reader.finish()
    guard let provider, reader.problems.isEmpty else { throw SettingsError(reader.problems) }
    self.provider = provider
  }

  /// Reads a description, and the test beside it: `NAME.test.toml` of `NAME.toml`.
  package init(descriptionAt path: String) throws(SettingsError) {
    let stem = path.droppingSuffix(".toml")
    let name = stem.split(separator: "/").last.map(String.init) ?? ""
    let (description, problems) = ProviderDescription.read(
      try SettingsFile.read(path), name: name)
    guard let description else { throw SettingsError(problems) }
    try self.init(try SettingsFile.read("\(stem).test.toml"), of: description)
  }

  package var count: Int { tokens.count + calls.count + answers.count + webhooks.count }

  /// What is not as expected, a paragraph each; none where all is.
  package func failures() -> [String] {
    func differences<Item>(
      _ word: String, _ items: [Item], _ difference: (Item) -> String?
    ) -> [String] {
      items.enumerated().compactMap { index, item in
        difference(item).map { "\(word) \(index + 1): \($0)" }
      }
    }
    return differences("token", tokens) { $0.difference(from: provider) }
      + differences("call", calls) { $0.difference(from: provider) }
      + differences("answer", answers) { $0.difference(from: provider) }
      + differences("webhook", webhooks) { $0.difference(from: provider) }
  }
}

extension SettingsFile {
  fileprivate static func read(_ path: String) throws(SettingsError) -> SettingsFile {
    do throws(SettingsProblem) {
      return try SettingsFile(path: path)
    } catch {
      throw SettingsError([error])
    }
  }
}

extension SettingsReader {
  fileprivate mutating func tables<Value>(
    _ key: String, _ read: (inout SettingsReader) -> Value?
  ) -> [Value] {
    var values: [Value] = []
    for table in readers(key) {
      var table = table
      if let value = read(&table) { values.append(value) }
      finish(table)
    }
    return values
  }

  /// A text that may be empty.
  mutating func text(_ key: String) -> String {
    guard let value = value(key) else { return "" }
    if value.string == nil { problem(key, "This is \(value.kind); write a string.") }
    return value.string ?? ""
  }

  mutating func headers(_ key: String) -> [(name: String, value: String)] {
    dictionary(key, example: "…").map { ($0.key.lowercased(), $0.value) }
  }
}
