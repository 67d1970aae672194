import Glibc
import SluiceCore
import SluiceTesting
import Testing

struct SettingsTests {
  @Test func fillsInDefaults() throws {
    let sample = SettingsSample()
    sample.directory.write(SettingsSample.main, to: "sluice.toml")
    let settings = try Settings.load(path: sample.path)
    #expect(settings.server.stateDirectory == sample.directory.path + "/state")
    #expect(settings.server.threads == 16)
    #expect(settings.server.carry == .relay)
    #expect(settings.server.firstAttemptSeconds == 3)
    #expect(settings.platform.limitPerSecond == 20)
    #expect(settings.platform.retry == RetryPolicy())
    #expect(!settings.platform.postSent)
    #expect(settings.relay.inFlight == 128)
    #expect(settings.retention.days == 30)
  }

  @Test func readsMedia() throws {
    let sample = SettingsSample()
    sample.directory.write(SettingsSample.main, to: "sluice.toml")
    let usual = try Settings.load(path: sample.path).media
    #expect(usual.key == nil && !usual.allowsPrivateNetworks)
    #expect(usual.linkMilliseconds == 72 * 3_600_000)
    #expect(usual.keepMilliseconds == 24 * 3_600_000)
    #expect(usual.maximumBytes == 50 << 20 && usual.quotaBytes == 2_048 << 20)

    sample.directory.write("short-of-thirty-two", to: "secrets/media")
    sample.directory.write(
      SettingsSample.main
        + "[media]\nkey = \"file:secrets/media\"\nmax_mb = 10\nquota_mb = 9\nallow = true",
      to: "sluice.toml")
    let problems = SettingsReport(checking: sample.path).problems
    #expect(problems.map(\.key) == ["media.key", "media.quota_mb", "media.allow"])
  }

  @Test func readsConsole() throws {
    let sample = SettingsSample()
    sample.directory.write(SettingsSample.main, to: "sluice.toml")
    let usual = try Settings.load(path: sample.path).console
    #expect(usual.password == nil && usual.allowed.isEmpty)
    #expect(usual.sessionMilliseconds == 8 * 3_600_000)

    sample.directory.write("eleven-char", to: "secrets/console")
    let rows: [(text: String, keys: [String])] = [
      ("enabled = true", ["console.password"]),
      ("enabled = true\npassword = \"file:secrets/console\"", ["console.password"]),
      ("enabled = true\npassword = \"the password itself\"", ["console.password"]),
      (
        "allow = [\"10.0.0.0/8\", \"10.0.0.0/33\", \"localhost\"]",
        ["console.allow", "console.allow"]
      ),
    ]
    for (text, keys) in rows {
      sample.directory.write(SettingsSample.main + "[console]\n\(text)", to: "sluice.toml")
      #expect(SettingsReport(checking: sample.path).problems.map(\.key) == keys, "\(text)")
    }
  }

  /// The shared memory, and with it the rate limits, is found by the state directory's path.
  @Test(arguments: ["state", "state/", "./state", "../link/state", "../link/../link/state/."])
  func knowsTheStateDirectoryUnderOneName(name: String) throws {
    let sample = SettingsSample()
    let link =
      sample.directory.path + "/../" + "\(sample.directory.path.split(separator: "/").last!)-link"
    symlink(sample.directory.path, link)
    defer { unlink(link) }
    let text = name.replacing("link", with: link.split(separator: "/").last!)
    sample.directory.write("[server]\nstate_dir = \"\(text)\"\n", to: "sluice.toml")
    for isThere in [false, true] {
      if isThere { mkdir(sample.directory.path + "/state", 0o700) }
      if !isThere && text.hasSuffix(".") { continue }  // Names what must be there already.
      for path in [sample.path, link + "/sluice.toml"] {
        let server = try Settings.load(path: path).server
        #expect(server.stateDirectory == sample.directory.path + "/state")
        #expect(server.sharedMemory == SharedSegment.defaultPath(for: server.stateDirectory))
      }
    }
  }

  /// Like every path in there: from the settings' own directory, wherever a program is started.
  @Test(arguments: ["run/segment", "/run/sluice/segment"])
  func findsTheSharedMemory(path: String) throws {
    let sample = SettingsSample()
    sample.directory.write(
      "[server]\nstate_dir = \"state\"\nshared_memory = \"\(path)\"\n", to: "sluice.toml")
    #expect(
      try Settings.load(path: sample.path).server.sharedMemory
        == (path.hasPrefix("/") ? path : "\(sample.directory.path)/\(path)"))
  }

  @Test func readsChannels() throws {
    let sample = SettingsSample()
    sample.directory.write(
      SettingsSample.main + SettingsSample.channel("sms-uk"), to: "sluice.toml")
    let channels = try Settings.load(path: sample.path).channels
    let channel = try #require(try channels.channel(ChannelName("sms-uk")!))
    #expect(channel.channelID == "123")
    #expect(channel.token.exposed == "platform-token")
    #expect(channel.tokenProof.isProven(by: "platform-token"))
    #expect(channel.webhookURL == "https://platform.example/hook")
    #expect(channel.idType == .phoneNumber)
    #expect(channel.main.providerName == "sandbox")
    #expect(channel.bucket(for: .platform) == TokenBucket(limitPerSecond: 20))
    #expect(channel.bucket(for: .provider) == .unlimited)
    #expect(try channels.channel(ChannelName("other")!) == nil)
  }

  @Test func reportsEveryMistakeAtOnce() throws {
    let sample = SettingsSample()
    let text = """
      [server]
      threads = 0
      cary = "relay"
      [platform]
      post_sent = "no"
      [relay]
      lease_seconds = 0.5
      [retention]
      days = "30"
      [channels.SMS]
      [channels.a]
      channel_id = 5
      token = "platform-token"
      webhook_url = "platform.example/hook"
      id_type = "phone number"
      provider = "clicksnd"
      [channels.a.clicksnd]
      username = "x"
      [channels.b]
      provider = "clicksend"
      [channels.b.clicksend]
      timeout_seconds = 0
      [servr]
      """
    sample.directory.write(text, to: "sluice.toml")
    do throws(SettingsError) {
      _ = try Settings.load(path: sample.path)
      Issue.record("loaded")
    } catch {
      let keys = error.problems.map { $0.key ?? "" }.sorted()
      #expect(
        keys == [
          "channels.SMS", "channels.a.channel_id", "channels.a.id_type", "channels.a.provider",
          "channels.a.token", "channels.a.webhook_url", "channels.b.channel_id",
          "channels.b.clicksend.api_key", "channels.b.clicksend.timeout_seconds",
          "channels.b.clicksend.username", "channels.b.clicksend.webhook_secret",
          "channels.b.token", "channels.b.webhook_url", "platform.post_sent",
          "relay.lease_seconds", "retention.days", "server.cary", "server.state_dir",
          "server.threads", "servr",
        ])
      for problem in error.problems {
        #expect(problem.file == sample.path && problem.line != nil, "\(problem)")
        // Two sentences, or two halves: what is wrong; what to write.
        #expect(problem.message.contains { ".;".contains($0) }, "\(problem)")
      }
      #expect(!error.description.contains("platform-token"))
      #expect(error.description.contains("server.cary: This key is unknown. Did you mean carry?"))
      #expect(error.description.contains("servr: This key is unknown. Did you mean server?"))
    }
  }

  @Test func reportsAFileThatIsNotThere() {
    #expect(throws: SettingsError.self) { try Settings.load(path: "/nonexistent/sluice.toml") }
  }
}
