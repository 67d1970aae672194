import SluiceCore
import SluiceHTTP
import Testing

extension EndToEnd {
  /// What libcurl does of itself, and may not.
  struct CallTests {
    @Test("a request that was taken, and not answered, is not sent once more on another connection")
    func repeatsNothing() throws {
      let upstream = try FakeUpstream(.hangsUp)
      let client = try CurlClient(clocks: SystemClocks())
      let call = HTTPCall(url: "http://127.0.0.1:\(upstream.port)/send", body: Array("{}".utf8))
      guard case .answered = client.perform(call, timeout: 10) else {
        Issue.record("the first request is not answered")
        return
      }
      #expect(
        client.perform(call, timeout: 10)
          == .unanswered(reason: "the connection ended without an answer"))
      #expect(upstream.calls == 2)
    }
  }
}
