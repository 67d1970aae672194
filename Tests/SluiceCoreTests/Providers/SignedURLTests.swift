import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// Providers that sign the webhook's URL: without it nobody can be told from them, so the channel does not
/// start.
struct SignedURLTests {
  @Test(arguments: [Twilio.sample, Plivo.sample])
  func failsClosed(sample: ProviderSample) throws {
    let directory = TemporaryDirectory()
    for (key, value) in sample.secrets { directory.write(value, to: key) }
    func reader(_ line: String) throws -> SettingsReader {
      SettingsReader(
        try SettingsFile(path: directory.path + "/s.toml", text: "\(sample.settings)\n\(line)"))
    }
    let type = try #require(ProviderRegistry.named(sample.name))
    var closed = try reader("")
    #expect(type.init(settings: &closed) == nil)
    #expect(closed.problems.count == 1)
    var open = try reader("verify = \"none\"")
    let provider = type.init(settings: &open)
    #expect(open.problems.isEmpty && open.warnings.count == 2)  // Nor do statuses come.
    let webhook = sample.webhooks[0]
    let bare = HTTPRequest(
      method: "POST", path: "/sluice/demo/inbound",
      headers: webhook.contentType.map { ["content-type": $0] } ?? [:], body: webhook.payload)
    #expect(try #require(provider).events(in: bare, now: ProviderSample.now).count == 1)
  }
}
