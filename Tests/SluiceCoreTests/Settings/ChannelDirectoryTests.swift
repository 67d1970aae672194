import SluiceCore
import SluiceTesting
import Testing

struct ChannelDirectoryTests {
  private func channels(_ sample: SettingsSample, main: String = "") throws -> ChannelDirectory {
    sample.directory.write(SettingsSample.main + main, to: "sluice.toml")
    return try Settings.load(path: sample.path).channels
  }

  @Test func readsAChannelFromItsOwnFileWhenFirstAsked() throws {
    let sample = SettingsSample()
    let channels = try channels(sample)
    let name = try #require(ChannelName("late"))
    #expect(try channels.channel(name) == nil)
    sample.directory.write(
      SettingsSample.channel(secrets: "../secrets"), to: "channels/late.toml")
    #expect(try channels.channel(name)?.channelID == "123")
    // Once read, it stays.
    sample.directory.write("broken", to: "channels/late.toml")
    #expect(try channels.channel(name)?.channelID == "123")
  }

  @Test func reportsAllThatIsWrongWithAChannelsFile() throws {
    let sample = SettingsSample()
    sample.directory.write(
      "chanel_id = \"1\"\nprovider = \"sandbox\"\n", to: "channels/bad.toml")
    let channels = try channels(sample)
    do throws(SettingsError) {
      _ = try channels.channel(ChannelName("bad")!)
      Issue.record("loaded")
    } catch {
      let path = sample.directory.path + "/channels/bad.toml"
      #expect(error.problems.allSatisfy { $0.file == path })
      #expect(
        error.problems.compactMap(\.key).sorted() == [
          "chanel_id", "channel_id", "sandbox.api_key", "sandbox.url", "sandbox.webhook_secret",
          "token", "webhook_url",
        ])
    }
  }

  @Test func checksAllChannels() throws {
    let sample = SettingsSample()
    let own = SettingsSample.channel(secrets: "../secrets")
    sample.directory.write(own, to: "channels/b.toml")
    sample.directory.write(own, to: "channels/a.toml")  // Stands in the main file too.
    sample.directory.write(own, to: "channels/No Name.toml")
    sample.directory.write("provider = 5", to: "channels/c.toml")
    sample.directory.write("nothing of ours", to: "channels/README.md")
    let found = try channels(sample, main: SettingsSample.channel("a")).checkAll()
    #expect(found.channels.map(\.name.description) == ["a", "b"])
    let prefix = sample.directory.path + "/channels/"
    let files = Set(found.problems.map { String($0.file.dropFirst(prefix.count)) })
    #expect(files == ["No Name.toml", "a.toml", "c.toml"])
  }
}
