import SluiceCore
import SluiceTesting
import Testing

struct SettingsReportTests {
  private func report(_ text: String, _ sample: SettingsSample = SettingsSample()) -> SettingsReport
  {
    sample.directory.write(text, to: "sluice.toml")
    return SettingsReport(checking: sample.path)
  }

  @Test func findsNothingToSayOfGoodSettings() {
    let sample = SettingsSample()
    sample.directory.write(
      SettingsSample.channel(id: "b", secrets: "../secrets"), to: "channels/b.toml")
    let report = report(SettingsSample.main + SettingsSample.channel("a", id: "a"), sample)
    #expect(report.channels.map(\.name.description) == ["a", "b"])
    #expect(report.problems.isEmpty)
    #expect(report.warnings.isEmpty)
  }

  @Test func reportsMainFileAndChannelsTogether() {
    let sample = SettingsSample()
    sample.directory.write("provider = \"sandbox\"", to: "channels/b.toml")
    let report = report("[server]\nthreads = 0\nstate_dri = \"x\"\n", sample)
    #expect(
      report.problems.map { $0.key ?? "" } == [
        "server.state_dir", "server.threads", "server.state_dri", "channel_id", "token",
        "webhook_url", "sandbox.url", "sandbox.api_key", "sandbox.webhook_secret",
      ])
  }

  @Test func aFileThatIsNotThereIsOneProblem() {
    let report = SettingsReport(checking: "/nonexistent/sluice.toml")
    #expect(report.problems.count == 1)
    #expect(report.channels.isEmpty)
  }

  static let hosts: [(url: String, warns: Bool)] = [
    ("https://platform.example/hook", false),
    ("http://platform.example/hook", true),
    ("http://localhost/hook", false),
    ("http://LOCALHOST:8080/hook", false),
    ("http://127.0.0.1:8080/hook", false),
    ("http://127.1.2.3", false),
    ("http://[::1]:8080/hook", false),
    ("http://127.0.0.1.platform.example/hook", true),
    ("http://localhost.platform.example/hook", true),
    ("http://localhost@platform.example/hook", true),
    ("http://localhost:80@platform.example/hook", true),
    ("http://user:password@localhost/hook", false),
    ("http://platform.example/?http://localhost/", true),
    ("http://[2001:db8::1]/hook", true),
    ("http://10.0.0.1/hook", true),
  ]
  @Test(arguments: hosts)
  func warnsOfPlainHTTP(url: String, warns: Bool) {
    let report = report(SettingsSample.main + SettingsSample.channel("a", webhook: url))
    #expect(report.problems.isEmpty)
    #expect(report.warnings.map { $0.key ?? "" } == (warns ? ["channels.a.webhook_url"] : []))
  }

  @Test func warnsOfSecretsThatEverybodyMayRead() {
    let sample = SettingsSample()
    sample.directory.write("platform-token\n", to: "secrets/token", mode: 0o604)
    let report = report(SettingsSample.main + SettingsSample.channel("a"), sample)
    #expect(report.problems.isEmpty)
    #expect(report.warnings.map { $0.key ?? "" } == ["channels.a.token"])
    #expect(report.warnings.first?.line == 5)
  }

  static let links:
    [(label: String, server: String, provider: String, account: String, warns: Int)] = [
      ("media", "", "telegram", "bot_token = \"file:secrets/long\"\nverify = \"none\"", 2),
      (
        "media, with an address", "public_url = \"https://sluice.example.com\"\n", "telegram",
        "bot_token = \"file:secrets/long\"\nverify = \"none\"", 1
      ),
      (
        "statuses", "", "telnyx",
        "api_key = \"file:secrets/long\"\nverify = \"none\"\nfrom = \"+12025550123\"", 2
      ),
    ]
  @Test("a channel that needs links to us says so where nobody can follow them", arguments: links)
  func warnsOfLinks(label: String, server: String, provider: String, account: String, warns: Int) {
    let sample = SettingsSample()
    sample.directory.write("700000001:AAfakeTokenOfNobody_4711-xyz", to: "secrets/long")
    let channel = """
      [channels.a]
      channel_id = "123"
      token = "file:secrets/token"
      webhook_url = "https://platform.example/hook"
      provider = "\(provider)"
      [channels.a.\(provider)]
      \(account)
      """
    let report = report(SettingsSample.main + server + channel, sample)
    #expect(report.problems.isEmpty)
    #expect(report.warnings.count == warns, "\(report.warnings)")
    #expect(report.warnings.contains { $0.message.contains("public_url") } == (warns == 2))
  }

  static let channelKeys: [(line: String, key: String?)] = [
    ("country_code = \"49\"", nil), ("country_code = \"+49\"", "channels.a.country_code"),
    ("country_code = \"DE\"", "channels.a.country_code"),
    ("groups = \"ignore\"", nil), ("groups = \"map\"", "channels.a.groups"),
    ("join_seconds = 0", nil), ("join_seconds = 3601", "channels.a.join_seconds"),
  ]
  @Test(arguments: channelKeys)
  func readsChannelKeys(line: String, key: String?) {
    let channel = SettingsSample.channel("a")
      .replacing("provider = \"sandbox\"", with: "provider = \"sandbox\"\n\(line)")
    #expect(
      report(SettingsSample.main + channel).problems.compactMap(\.key) == (key.map { [$0] } ?? []))
  }

  @Test func warnsOfOneChannelIDInTwoPlaces() {
    let channels = ["a", "b", "c"].map { SettingsSample.channel($0, id: $0 == "c" ? "2" : "1") }
    let report = report(SettingsSample.main + channels.joined())
    #expect(report.problems.isEmpty)
    #expect(report.warnings.count == 1)
    #expect(
      report.warnings.first?.message.hasPrefix("The channels a, b have the same channel_id") == true
    )
  }
}
