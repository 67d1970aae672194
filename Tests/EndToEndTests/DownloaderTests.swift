import Foundation
import SluiceCore
import SluiceHTTP
import SluiceTesting
import Testing

extension EndToEnd {
  /// What libcurl is made to do and not to do with addresses that others name.
  @Suite(.serialized) struct DownloaderTests {
    private func download(
      _ url: String, allowing: Bool, timeout: Double = 5
    ) throws -> DownloadResult {
      try CurlDownloader(allowsPrivateNetworks: allowing)
        .download(HTTPCall(method: "GET", url: url), to: nil, atMost: 0, timeout: timeout)
    }

    @Test(
      "however this host is written, nobody connects to it",
      arguments: [
        "127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0.0.0.0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]",
      ])
    func forbidsThisHost(host: String) throws {
      let upstream = try FakeUpstream(.cut)
      let result = try download("http://\(host):\(upstream.port)/", allowing: false)
      guard case .forbidden(let address) = result else {
        Issue.record("\(result)")
        return
      }
      #expect(!address.isPublic)
      #expect(upstream.calls == 0)
    }

    @Test(arguments: ["10.0.0.1", "192.168.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"])
    func forbidsPrivateNetworks(host: String) throws {
      guard case .forbidden = try download("http://\(host)/", allowing: false) else {
        Issue.record("\(host) was called")
        return
      }
    }

    @Test func callsThisHostWhereTheSettingsSaySo() throws {
      let upstream = try FakeUpstream(.cut)
      let result = try download("http://localhost:\(upstream.port)/", allowing: true)
      #expect(upstream.calls == 1)
      guard case .failed = result else {
        Issue.record("an answer cut short is no answer: \(result)")
        return
      }
    }

    @Test func givesUpInTime() throws {
      let upstream = try FakeUpstream(.silent)
      let start = Date()
      let result = try download(
        "http://127.0.0.1:\(upstream.port)/", allowing: true, timeout: 0.3)
      #expect(Date().timeIntervalSince(start) < 3)
      guard case .failed = result else {
        Issue.record("\(result)")
        return
      }
    }

    @Test(
      "no other protocol", arguments: ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://a/"])
    func speaksHTTPOnly(url: String) throws {
      guard case .failed = try download(url, allowing: true) else {
        Issue.record("\(url) was opened")
        return
      }
    }
  }
}
