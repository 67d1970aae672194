import SluiceTesting
import Testing

@testable import SluiceCore

/// How a channel finds the description that its provider's name stands for.
struct DeclaredChannelTests {
  private static func report(
    provider: String, account: String, in directory: TemporaryDirectory
  ) -> SettingsReport {
    directory.write("platform-token", to: "secrets/token")
    directory.write("key-4711", to: "secrets/api_key")
    directory.write("webhook-secret-77b0", to: "secrets/webhook_secret")
    let path = directory.write(
      """
      [server]
      state_dir = "state"
      public_url = "https://sluice.example.com/sluice"
      """, to: "sluice.toml")
    directory.write(
      """
      channel_id = "123"
      token = "file:secrets/token"
      webhook_url = "https://platform.example/sms"
      provider = "\(provider)"
      [\(provider)]
      \(account)
      """.replacing("file:", with: "file:../"), to: "channels/sms.toml")
    return SettingsReport(checking: path)
  }

  private static let account = """
    api_key = "file:secrets/api_key"
    webhook_secret = "file:secrets/webhook_secret"
    """

  @Test func aShippedOneNeedsNoFile() {
    let report = Self.report(
      provider: "africastalking", account: Self.account + "\nusername = \"app\"",
      in: TemporaryDirectory())
    #expect(report.problems == [])
    #expect(report.channels.first?.provider is DeclaredProvider)
    #expect(report.channels.first?.main.providerName == "africastalking")
  }

  @Test func theOperatorsOwnGoesFirst() throws {
    let directory = TemporaryDirectory()
    directory.write(
      ProviderDescription.startingText.replacing("text = 6 ", with: "text = 2 "),
      to: "providers/africastalking.toml")
    let report = Self.report(
      provider: "africastalking", account: Self.account, in: directory)
    #expect(report.problems == [])
    #expect(report.channels.first?.provider.limits.text == .smsSegments(maximum: 2))
  }

  @Test func whatIsWrongInItIsReportedWithItsFile() {
    let directory = TemporaryDirectory()
    let path = directory.write("title = 7", to: "providers/mine.toml")
    let report = Self.report(provider: "mine", account: "", in: directory)
    #expect(report.problems.contains { $0.file == path && $0.key == "title" && $0.line == 1 })
    #expect(report.problems.contains { $0.file == path && $0.key == "send.url" })
    #expect(!report.problems.contains { $0.key == "provider" })
  }

  @Test func anUnknownOneIsNamed() {
    let report = Self.report(provider: "nobody", account: "", in: TemporaryDirectory())
    #expect(
      report.problems.contains {
        $0.key == "provider" && $0.message.contains("is no provider; write one of africastalking, ")
          && $0.message.hasSuffix("or describe it in providers/NAME.toml.")
      })
  }

  @Test func aNameIsNoPath() throws {
    let directory = TemporaryDirectory()
    directory.write(ProviderDescription.startingText, to: "mine.toml")
    let descriptions = ProviderDescriptions(directory: directory.path + "/providers")
    #expect(try descriptions.named("../mine") == nil)
    #expect(try descriptions.named("") == nil)
  }

  /// Every key that is needed, each with what to write; and keys that nobody asks for.
  @Test func reportsAllMistakesOfTheAccount() {
    let report = Self.report(
      provider: "africastalking", account: "usernam = \"app\"\nbase_url = \"x\"",
      in: TemporaryDirectory())
    let keys = Set(report.problems.compactMap(\.key))
    #expect(
      keys == [
        "africastalking.username", "africastalking.usernam", "africastalking.api_key",
        "africastalking.base_url", "africastalking.webhook_secret",
      ])
  }

  @Test func aSecretThatCouldBeGuessedIsRefused() {
    let directory = TemporaryDirectory()
    directory.write("15-printable-ch", to: "secrets/short")
    let report = Self.report(
      provider: "africastalking",
      account: """
        username = "app"
        api_key = "file:secrets/api_key"
        webhook_secret = "file:secrets/short"
        webhook_secret_previous = "file:secrets/short"
        """, in: directory)
    #expect(
      report.problems.map(\.key) == [
        "africastalking.webhook_secret", "africastalking.webhook_secret_previous",
      ])
  }

  @Test func contactsThatAreNoPhoneNumbersComeBackAsTheyWere() throws {
    let text = ProviderDescription.startingText.replacing(
      "[webhooks]\n", with: "[webhooks]\ncontact = \"id\"\n")
    let read = ProviderDescription.read(try SettingsFile(path: "a.toml", text: text), name: "a")
    var reader = SettingsReader(try SettingsFile(path: "s.toml", text: ""))
    reader.givenSecrets = ["api_key": "key-4711", "webhook_secret": "webhook-secret"]
    reader.description = read.description
    let provider = try #require(DeclaredProvider(settings: &reader))
    let request = HTTPRequest(
      method: "POST", path: "/", query: "secret=webhook-secret",
      body: Array(#"{"type":"inbound","id":"1","from":"ada.l-2@é","text":""}"#.utf8))
    guard case .message(let message) = try provider.events(in: request, now: 0).first else {
      Issue.record("no message")
      return
    }
    #expect(message.contact.description == "ada=2El=2D2@=C3=A9")
    #expect(message.content == .text("(empty message)"))
    let call = provider.call(
      sending: .text("a"), to: message.contact, reference: "R", now: 0)
    #expect(try JSONReader.read(call.body)["to"]?.string == "ada.l-2@é")
  }
}
