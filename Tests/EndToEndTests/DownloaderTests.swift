import Glibc
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

    /// The server would keep silent until it is taken down.
    @Test func givesUpInTime() throws {
      let upstream = try FakeUpstream(.silent)
      let result = try download(
        "http://127.0.0.1:\(upstream.port)/", allowing: true, timeout: 0.3)
      #expect(result == .failed(reason: "Timeout was reached"))
      #expect(upstream.calls == 1)
    }

    @Test func knowsItsOwnAddresses() throws {
      for text in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] + Self.interfaces() {
        #expect(ThisHost.has(try #require(NetworkAddress(text: text))), "\(text)")
      }
      // Nothing is sent there.
      for text in ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::1.1.1.1"] {
        #expect(!ThisHost.has(try #require(NetworkAddress(text: text))), "\(text)")
      }
    }

    @Test func forbidsThisHostsPublicAddresses() throws {
      let address = try #require(NetworkAddress(text: "1.1.1.1"))
      let downloader = try CurlDownloader(allowsPrivateNetworks: false) { $0 == address }
      #expect(
        downloader.download(
          HTTPCall(method: "GET", url: "https://1.1.1.1/"), to: nil, atMost: 0, timeout: 0.1)
          == .forbidden(address))
    }

    @Test func leavesRedirectsToWhoeverAsked() throws {
      let upstream = try FakeUpstream(
        .answers("HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:1/a\r\ncontent-length: 0\r\n\r\n"))
      let result = try download("http://127.0.0.1:\(upstream.port)/", allowing: true)
      guard case .answered(let response, written: 0) = result else {
        Issue.record("\(result)")
        return
      }
      #expect(response.status == 307)
      #expect(response.header("location") == "http://127.0.0.1:1/a")
    }

    /// The status line and the empty one count too.
    static let heads: [(label: String, lines: [String], isTaken: Bool)] = [
      ("98 headers", [String](repeating: "x: y", count: 97), true),
      ("99", [String](repeating: "x: y", count: 98), false),
      ("60 KB", [String](repeating: "x: " + String(repeating: "y", count: 20_000), count: 3), true),
      (
        "80 KB", [String](repeating: "x: " + String(repeating: "y", count: 20_000), count: 4), false
      ),
    ]
    @Test(arguments: heads)
    func takesNoEndlessHead(label: String, lines: [String], isTaken: Bool) throws {
      let head = ["HTTP/1.1 200 OK", "content-length: 0"] + lines
      let upstream = try FakeUpstream(.answers(head.joined(separator: "\r\n") + "\r\n\r\n"))
      let url = "http://127.0.0.1:\(upstream.port)/"
      let complaint = "the answer has too many headers, or too long ones"
      switch try download(url, allowing: true) {
      case .answered: #expect(isTaken)
      case .failed(let reason): #expect(!isTaken && reason == complaint)
      case let result: Issue.record("\(result)")
      }
      let transport = try CurlTransport(connections: 1, clocks: SystemClocks())
      transport.begin(HTTPCall(method: "GET", url: url), ticket: 1, timeout: 5) { false }
      var ended: [(ticket: UInt64, result: CallResult)] = []
      while ended.isEmpty { ended = transport.wait(until: .max, waking: []) }
      switch ended.first?.result {
      case .answered: #expect(isTaken)
      case .unanswered(let reason): #expect(!isTaken && reason == complaint)
      case let result: Issue.record("\(String(describing: result))")
      }
    }

    /// The addresses of this host's interfaces, but for those that need to know the interface.
    private static func interfaces() -> [String] {
      var list: UnsafeMutablePointer<ifaddrs>?
      guard getifaddrs(&list) == 0 else { return [] }
      defer { freeifaddrs(list) }
      return sequence(first: list) { $0?.pointee.ifa_next }.compactMap { entry in
        guard let address = entry?.pointee.ifa_addr else { return nil }
        let isSix = address.pointee.sa_family == AF_INET6
        guard isSix || address.pointee.sa_family == AF_INET else { return nil }
        let size = isSix ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        getnameinfo(
          address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return text.contains("%") ? nil : text
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
