import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServices

struct WebhookServiceTests {
  /// A webhook by GET is nothing but its URL, and proven by it: what is kept gives nobody the secret,
  /// and can be read again all the same.
  @Test func keepsNoProof() throws {
    var text = SettingsText()
    text.server = "public_url = \"https://sluice.example.com/sluice\""
    let bench = try CarrierBench(text)
    bench.directory.write(
      """
      channel_id = "123"
      token = "file:../secrets/token"
      webhook_url = "https://platform.example/kan"
      provider = "kannel"
      [kannel]
      url = "http://127.0.0.1:13013/cgi-bin/sendsms"
      username = "sluice"
      password = "file:../secrets/api_key"
      webhook_secret = "file:../secrets/webhook_secret"
      """, to: "channels/kan.toml")
    let service = WebhookService(
      context: bench.context,
      wake: WakeSender(stateDirectory: bench.directory.path, clocks: bench.clocks), carrier: nil)
    let ledger = try #require(bench.ledger as? any InspectableLedger)
    let status = Mutex(0)
    let isDone = CountingSemaphore()
    let progress = service.begin(
      HTTPRequest(
        method: "GET", path: "/kan/inbound", channel: "kan",
        query: "what=1&secret=sandbox-webhook-secret&is=this"))
    guard case .pending(let start) = progress else {
      Issue.record("\(progress)")
      return
    }
    start { next in
      if case .answered(let reply) = next { status.withLock { $0 = reply.response.status } }
      isDone.signal()
    }
    isDone.wait()
    #expect(status.withLock { $0 } == 200)
    let kept = try ledger.quarantine(of: nil, before: nil, limit: 9)
    #expect(kept.map(\.query) == ["what=1&is=this"])
  }
}
