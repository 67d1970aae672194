import SluiceCore
import Testing

@testable import SluiceSandbox

struct ConfigurationTests {
  static let good = """
    sluice_url = "http://127.0.0.1:8080/sluice/"
    limit_per_second = 30

    [reports]
    read_after_ms = -1

    [channels.sms]
    title = "SMS"
    channel_id = "42"
    token = "env:HOME_TOKEN_OF_TEST"
    api_key = "env:PATH"
    webhook_secret = "env:PATH"
    """

  @Test func readsAFile() throws {
    let text = Self.good.replacing("HOME_TOKEN_OF_TEST", with: "PATH")
    let configuration = try SandboxConfiguration.load(
      try SettingsFile(path: "sandbox.toml", text: text))
    #expect(configuration.sluiceBaseURL == "http://127.0.0.1:8080/sluice")
    #expect(configuration.limitPerSecond == 30)
    #expect(configuration.reports == ReportDelays(delivered: 400, read: nil))
    #expect(configuration.channels.map(\.title) == ["SMS"])
  }

  @Test func collectsMistakes() throws {
    let text = Self.good.replacing("channel_id", with: "chanel_id")
      .replacing("[channels.sms]", with: "[channels.sms]\nprovider = \"clicksend\"")
    let file = try SettingsFile(path: "sandbox.toml", text: text)
    let error = #expect(throws: SettingsError.self) { try SandboxConfiguration.load(file) }
    let keys = error?.problems.compactMap(\.key) ?? []
    #expect(
      keys.sorted() == [
        "channels.sms.chanel_id", "channels.sms.channel_id", "channels.sms.token",
        "channels.sms.username",
      ])
  }
}
