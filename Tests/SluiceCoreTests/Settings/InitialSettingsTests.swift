import SluiceTesting
import Testing

@testable import SluiceCore

struct InitialSettingsTests {
  @Test(
    "what it writes is accepted, for each provider that needs no choice",
    arguments: [
      "clicksend", "telegram", "line", "viber", "sandbox", "kannel",
    ])
  func writesWhatCheckAccepts(provider: String) throws {
    let directory = TemporaryDirectory()
    directory.write("a-secret-of-32-letters-and-digits", to: "secrets/a")
    var initial = InitialSettings(
      stateDirectory: "state", publicURL: "https://sluice.example.com/sluice",
      channel: try #require(ChannelName("first")), provider: provider)
    for question in InitialSettings.questions(provider: provider) {
      if case .secret = question.kind {
        initial.answers[question.key] = "file:secrets/a"
      } else if question.kind == .url {
        initial.answers[question.key] = "https://a.example/b"
      } else {
        initial.answers[question.key] = question.example
      }
    }
    let report = SettingsReport(checking: directory.write(initial.text, to: "sluice.toml"))
    #expect(report.problems.isEmpty, "\(report.problems)\n\(initial.text)")
    #expect(report.channels.map(\.main.providerName) == [provider])
  }

  @Test("an answer is a value, whatever is in it")
  func quotes() throws {
    var initial = InitialSettings(
      stateDirectory: "a\"\n[server]", publicURL: nil,
      channel: try #require(ChannelName("first")), provider: "clicksend")
    initial.answers["clicksend.username"] = "x\"\napi_key = \"y"
    let file = try SettingsFile(path: "sluice.toml", text: initial.text)
    #expect(file.root["server"]?["state_dir"]?.string == "a\"\n[server]")
    let account = file.root["channels"]?["first"]?["clicksend"]
    #expect(account?["username"]?.string == "x\"\napi_key = \"y" && account?["api_key"] == nil)
  }
}
