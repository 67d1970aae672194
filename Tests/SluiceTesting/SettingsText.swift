import SluiceCore

/// Settings of channels that use the sandbox's provider, for tests that need them parsed.
package struct SettingsText {
  package var server = ""
  package var media = ""
  package var console = ""
  package var platform = ""
  package var relay = ""
  package var channels: [Channel] = [Channel()]

  package init() {}

  package struct Channel {
    package var name = "sms"
    /// Lines of the channel's own table.
    package var settings = ""
    /// Lines of its provider's.
    package var provider = ""

    package init(name: String = "sms", settings: String = "", provider: String = "") {
      self.name = name
      self.settings = settings
      self.provider = provider
    }
  }

  /// Reads them. Everything they name is written below `directory`.
  package func load(in directory: TemporaryDirectory) throws -> Settings {
    directory.write("platform-token", to: "secrets/token")
    directory.write("sandbox-key-4711", to: "secrets/api_key")
    directory.write("sandbox-webhook-secret", to: "secrets/webhook_secret")
    directory.write("password-of-the-console", to: "secrets/password")
    var text = """
      [server]
      state_dir = "state"
      shared_memory = "\(directory.path)/segment"
      \(server)
      [media]
      \(media)
      [console]
      \(console)
      [platform]
      \(platform)
      [relay]
      \(relay)

      """
    for channel in channels {
      text += """
        [channels.\(channel.name)]
        channel_id = "123"
        token = "file:secrets/token"
        webhook_url = "https://platform.example/\(channel.name)"
        provider = "sandbox"
        \(channel.settings)
        [channels.\(channel.name).sandbox]
        url = "https://sandbox.example/\(channel.name)"
        api_key = "file:secrets/api_key"
        webhook_secret = "file:secrets/webhook_secret"
        \(channel.provider)

        """
    }
    return try Settings.load(path: directory.write(text, to: "sluice.toml"))
  }
}
