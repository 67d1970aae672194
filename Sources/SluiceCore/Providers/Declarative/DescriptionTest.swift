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

  package var count: Int { calls.count + answers.count + webhooks.count }

  /// What is not as expected, a paragraph each; none where all is.
  package func failures() -> [String] {
    calls.enumerated().compactMap { index, call in
      call.difference(from: provider).map { "call \(index + 1): \($0)" }
    }
      + answers.enumerated().compactMap { index, answer in
        answer.difference(from: provider).map { "answer \(index + 1): \($0)" }
      }
      + webhooks.enumerated().compactMap { index, webhook in
        webhook.difference(from: provider).map { "webhook \(index + 1): \($0)" }
      }
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
  fileprivate mutating func text(_ key: String) -> String {
    guard let value = value(key) else { return "" }
    if value.string == nil { problem(key, "This is \(value.kind); write a string.") }
    return value.string ?? ""
  }

  fileprivate mutating func headers(_ key: String) -> [(name: String, value: String)] {
    dictionary(key, example: "…").map { ($0.key.lowercased(), $0.value) }
  }
}

/// `[[call]]`: the call that a part makes.
package struct ExpectedCall: Sendable {
  package let part: MessagePart
  package let contact: ContactID
  let expected: HTTPCall

  init?(reading reader: inout SettingsReader) {
    let to = reader.string("to", example: "+46700000001")
    let text = reader.text("text")
    if reader.has("media") {
      var media = reader.reader("media")
      let kind = media.string("kind", example: "image").flatMap(Attachment.Kind.init)
      let url = media.url("url", example: "https://a.example/b.jpg")
      let attachment = Attachment(
        kind: kind ?? .file, url: url ?? "",
        mimeType: media.optionalString("type", example: "image/jpeg"),
        fileName: media.optionalString("name", example: "b.jpg"),
        description: text.isEmpty ? nil : text)
      reader.finish(media)
      part = .attachment(attachment)
    } else {
      part = .text(text)
    }
    let method = reader.optionalString("method", example: "POST") ?? "POST"
    let url = reader.string("url", example: "https://api.example.com/send")
    let headers = reader.headers("headers")
    let body = reader.text("body")
    guard let to, let url, let contact = try? ContactID(encoding: to) else { return nil }
    self.contact = contact
    expected = HTTPCall(method: method, url: url, headers: headers, body: Array(body.utf8))
  }

  func difference(from provider: DeclaredProvider) -> String? {
    let call = provider.call(
      sending: part, to: contact, reference: DescriptionTest.reference, now: DescriptionTest.now)
    if call.method != expected.method { return "the method is \(call.method)" }
    if call.url != expected.url { return "the URL is\n  \(call.url)" }
    for (name, value) in expected.headers {
      let found = call.headers.first { $0.name == name }?.value
      if found != value { return "the header \(name) is \(found ?? "missing")" }
    }
    return Self.isSame(call.body, expected.body)
      ? nil : "the body is\n  \(String(decoding: call.body, as: UTF8.self))"
  }

  /// JSON whose members stand in another order is the same.
  private static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if a == b { return true }
    guard let a = try? JSONReader.read(a), let b = try? JSONReader.read(b) else { return false }
    return a.sorted == b.sorted
  }
}

extension JSON {
  fileprivate var sorted: JSON {
    switch self {
    case .array(let values): .array(values.map(\.sorted))
    case .object(let members):
      .object(
        members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    default: self
    }
  }
}

/// `[[answer]]`: what an answer to a send means.
package struct ExpectedAnswer: Sendable {
  package let response: HTTPResponse
  let outcome: String
  let id: String?
  let reason: String?

  init?(reading reader: inout SettingsReader) {
    let status = reader.integer("status", default: 200, in: 100...599)
    response = HTTPResponse(
      status: status, headers: reader.headers("headers"), body: Array(reader.text("body").utf8))
    outcome = reader.string("outcome", example: "accepted") ?? ""
    id = reader.optionalString("id", example: "17")
    reason = reader.optionalString("reason", example: "Example SMS refused the message (17).")
  }

  func difference(from provider: DeclaredProvider) -> String? {
    let (word, value): (String, String?) =
      switch provider.outcome(of: response) {
      case .accepted(let id): ("accepted", id)
      case .deferred(let reason, _): ("deferred", reason)
      case .throttled(let reason, _): ("throttled", reason)
      case .rejected(let reason): ("rejected", reason)
      case .unknown(let reason): ("unknown", reason)
      }
    let wanted = outcome == "accepted" ? id : reason ?? value
    guard word != outcome || value != wanted else { return nil }
    return "the outcome is \(word): \(value ?? "without an ID")"
  }
}
