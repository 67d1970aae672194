import SluiceTesting
import Testing

@testable import SluiceCore

/// Mistakes in a description: each is named with its place, and all of them at once.
struct DescriptionReadingTests {
  private static func problems(_ text: String) throws -> [String] {
    ProviderDescription.read(try SettingsFile(path: "a.toml", text: text), name: "a")
      .problems.map(\.description)
  }

  @Test func anEmptyOneMissesEverythingThatIsNeeded() throws {
    let problems = try Self.problems("")
    for key in ["title", "send.url", "answer", "webhooks"] {
      #expect(problems.contains { $0.hasPrefix("a.toml: \(key): ") }, "\(key)")
    }
  }

  /// Of the starting file, one thing changed.
  static let mistakes: [(from: String, to: String, problem: String)] = [
    ("text = \"{text}\"\nref", "text = \"{txt}\"\nref", "send.json: {txt} is no variable here"),
    ("to = \"{to}\"", "to = \"{to|shout}\"", "send.json: \"shout\" is no function"),
    (
      "{setting.base_url}/v1", "https://{to}.example/v1",
      "send.url: It must begin with https://HOST/"
    ),
    ("{setting.base_url}/v1", "{setting.api_key}/v1", "send.url: It must begin with https://HOST/"),
    ("{setting.base_url}/v1", "/v1", "send.url: It must begin with https://HOST/"),
    ("\"queued\" = \"accepted\", ", "", "answer: No answer means that a message was taken"),
    (
      "\"queued\" = \"accepted\"", "\"queued\" = \"ok\"",
      "answer.check[1].values.queued: \"ok\" has no meaning"
    ),
    ("method = \"POST\"\nurl", "method = \"GET\"\nurl", "send.method: GET has no body"),
    (
      "method = \"POST\"\nurl", "method = \"DELETE\"\nurl",
      "send.method: This is \"DELETE\"; write one of"
    ),
    (
      "id = \"/id\"\nfrom", "from",
      "webhooks.message[1].id: This is missing: without it every repeat"
    ),
    ("from = \"/from\"\ntext", "text", "webhooks.message[1].from: This is missing."),
    (
      "values = { \"sent\" = \"sent\", \"delivered\" = \"delivered\", \"failed\" = \"failed\" }",
      "", "webhooks.status[1].values: This is missing."
    ),
    (
      "type = \"secret\"\nnote", "type = \"secret\"\ndefault = \"x\"\nnote",
      "settings.api_key.default: A secret has no default"
    ),
    (
      "[settings.from]", "[settings.verify]",
      "settings.verify: \"verify\" has a meaning in every channel"
    ),
    (
      "format = \"json\"  ", "fromat = \"json\"  ",
      "webhooks.fromat: This key is unknown. Did you mean format?"
    ),
    (
      "time = { at = \"/time\", format = \"rfc3339\" }",
      "time = { at = \"/time\", zone = \"CET\" }",
      "webhooks.message[1].time.zone: This is no offset from UTC"
    ),
    (
      "detail = \"/reason\"", "detail = { at = \"/reason\", match = \"(\" }",
      "webhooks.status[1].detail.match: This is no regular expression"
    ),
    (
      "# answer = \"OK\" ",
      "proof = { type = \"signature\", at = \"header:x\", over = \"{body}\", hash = \"sha256\" } #",
      "webhooks.proof.over: A hash without a key proves nothing"
    ),
    (
      "methods = [\"POST\"]\nformat", "methods = [\"PATCH\"]\nformat",
      "webhooks.methods: Webhooks come as GET or POST"
    ),
    ("# media = [\"image\"]", "media = [\"gif\"] #", "limits.media: \"gif\" is none of image"),
  ]
  @Test(arguments: mistakes)
  func names(from: String, to: String, problem: String) throws {
    let text = ProviderDescription.startingText
    try #require(text.contains(from))
    let problems = try Self.problems(text.replacing(from, with: to, maxReplacements: 1))
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }

  @Test func namesTheLineInAnArrayOfTables() throws {
    let text = ProviderDescription.startingText.replacing(
      "at = \"/status\"\nvalues", with: "values")
    let line = try #require(
      text.split(separator: "\n", omittingEmptySubsequences: false)
        .firstIndex { $0.hasPrefix("[[answer.check]]") })
    #expect(
      try Self.problems(text).first
        == "a.toml:\(line + 1): answer.check[1].at: This is missing. Write at = \"/status\".")
  }

  /// What is made of the body cannot stand in it.
  @Test func aSignatureOfTheBodyStaysOutOfIt() throws {
    let computed = "[send.computed.sign]\nover = \"{body}\"\nhash = \"md5\"\n\n[answer]"
    let base = ProviderDescription.startingText.replacing("[answer]\n", with: computed + "\n")
    #expect(try Self.problems(base).isEmpty)
    let inBody = base.replacing("to = \"{to}\"", with: "to = \"{to}{sign}\"")
    #expect(
      try Self.problems(inBody).contains { $0.contains("It is made of the body, and stands in it") }
    )
  }
}
