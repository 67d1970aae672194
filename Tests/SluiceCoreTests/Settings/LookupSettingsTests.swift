import SluiceCore
import Testing

/// Some providers find a send by our reference, some only by their own ID for it, some not at all.
struct LookupSettingsTests {
  static let rows: [(label: String, provider: String, canLookUp: Bool, checkAfter: Int64?)] = [
    ("by either", sandbox("lookup = true"), true, 21_600_000),
    ("not at all", sandbox("lookup = false"), false, nil),
    ("by its own ID", telnyx(""), false, 21_600_000),
    ("not wanted", telnyx("lookup_after_hours = 0"), false, nil),
  ]
  @Test(arguments: rows)
  func followTheProvider(
    label: String, provider: String, canLookUp: Bool, checkAfter: Int64?
  ) throws {
    let sample = SettingsSample()
    sample.directory.write(
      SettingsSample.main + """
        [channels.sms]
        channel_id = "123"
        token = "file:secrets/token"
        webhook_url = "https://platform.example/hook"
        \(provider)
        """, to: "sluice.toml")
    let settings = try Settings.load(path: sample.path)
    let channel = try #require(try settings.channels.channel(ChannelName("sms")!))
    #expect(channel.unknownTerms(.main).canLookUp == canLookUp)
    #expect(channel.main.checkAfter == checkAfter)
  }

  private static func sandbox(_ line: String) -> String {
    """
    provider = "sandbox"
    [channels.sms.sandbox]
    url = "https://sandbox.example/provider"
    api_key = "file:secrets/api_key"
    webhook_secret = "file:secrets/webhook_secret"
    \(line)
    """
  }

  private static func telnyx(_ line: String) -> String {
    """
    provider = "telnyx"
    [channels.sms.telnyx]
    api_key = "file:secrets/api_key"
    from = "+46710000002"
    verify = "none"
    \(line)
    """
  }
}
