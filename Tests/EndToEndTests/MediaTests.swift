import Foundation
import Glibc
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// Media that only our account may fetch: from the phone to a link that the platform can open,
  /// behind nginx.
  @Suite(.serialized) struct MediaTests {
    private static func options(_ media: String = "", processes: Int = 1) -> Stack.Options {
      var options = Stack.Options()
      options.processes = processes
      options.media = "allow_private_networks = true\n" + media
      return options
    }

    @Test("an image becomes a link that answers GET, HEAD and Range")
    func serves() throws {
      var options = Self.options(processes: 2)
      options.console = ""
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      let size = 3_000_000
      let id = try sandbox.media("image/png", size: size)
      try sandbox.phone(image: id, named: "Kätzchen.png", caption: "Look")
      let path = try sandbox.link(caption: "Look")
      let visitor = Visitor(port: stack.port)

      // All at once, in two processes, before there is a copy.
      let errors = concurrently(threads: 8) { number in
        let answer = try visitor.ask(number % 4 == 0 ? "HEAD" : "GET", path)
        guard answer.status == 200 else { throw StackError("answered \(answer.status)") }
      }
      #expect(errors.isEmpty, "\(errors) \(stack.logs())")

      let whole = try visitor.ask("GET", path)
      #expect(whole.status == 200 && whole.body == Self.bytes(size))
      #expect(whole.headers["content-type"] == "image/png")
      #expect(
        whole.headers["content-disposition"]
          == "inline; filename=\"K_tzchen.png\"; filename*=UTF-8''K%C3%A4tzchen.png")
      #expect(whole.headers["accept-ranges"] == "bytes")
      #expect(whole.headers["x-content-type-options"] == "nosniff")
      #expect(whole.headers["content-security-policy"] == "default-src 'none'; sandbox")
      #expect(whole.headers["x-accel-redirect"] == nil)

      let head = try visitor.ask("HEAD", path)
      #expect(head.status == 200 && head.body.isEmpty)
      for name in ["content-type", "content-disposition", "content-length", "etag"] {
        #expect(head.headers[name] == whole.headers[name], "\(name)")
      }

      let part = try visitor.ask("GET", path, headers: ["range": "bytes=1000-1999"])
      #expect(part.status == 206 && part.body == Array(Self.bytes(size)[1_000..<2_000]))
      #expect(part.headers["content-range"] == "bytes 1000-1999/\(size)")
      let rest = try visitor.ask(
        "GET", path,
        headers: ["range": "bytes=\(size - 5)-", "if-range": whole.headers["etag"] ?? ""])
      #expect(rest.status == 206 && rest.body == Array(Self.bytes(size).suffix(5)))

      #expect(try sandbox.fetches(of: id) == 1)
      let metrics = String(
        decoding: stack.call("GET", "/sluice/metrics", headers: [])?.body ?? [], as: UTF8.self)
      #expect(metrics.contains(#"sluice_media_fetch_duration_seconds_count{outcome="copied"} 1"#))
      #expect(
        !metrics.contains(#"sluice_request_duration_seconds_count{program="sluice-media"} 0"#))
      #expect(try sandbox.violations().isEmpty)
      // Nothing that opens the media is in a log, and no private URL anywhere.
      let token = String(path.split(separator: "/").last ?? "")
      for secret in [Stack.apiKey, token, id, "private-media"] {
        #expect(!stack.logs().contains(secret))
      }
      #expect(try !sandbox.inbox().contains { "\($0)".contains("private-media") })
    }

    /// As Twilio's are, and those of whoever else keeps them in a place of their own.
    @Test("media that the provider redirects to arrives")
    func followsRedirects() throws {
      let upstream = try FakeUpstream(
        .routes([
          "/media/m-1": "HTTP/1.1 307 x\r\nlocation: /b?s=1\r\ncontent-length: 5\r\n\r\nmoved",
          "/b?s=1": "HTTP/1.1 302 x\r\nlocation: /c\r\ncontent-length: 0\r\n\r\n",
          "/c": "HTTP/1.1 200 x\r\ncontent-type: image/png\r\ncontent-length: 3\r\n\r\ncat",
        ]))
      let key = String(repeating: "k", count: 32)
      var options = Self.options("key = \"file:secrets/media_key\"")
      options.otherChannels["cdn"] = Stack.Account(
        provider: "sandbox",
        settings: """
          url = "http://127.0.0.1:\(upstream.port)"
          api_key = "file:secrets/api_key"
          webhook_secret = "file:secrets/webhook_secret"
          """, secrets: ["media_key": key])
      let stack = try Stack(options)
      let ticket = MediaTicket(
        channel: ChannelAccount("cdn")!, reference: "m-1", kind: .image,
        expires: Int64(Date().timeIntervalSince1970 * 1_000) + 60_000)
      let token = try #require(MediaSeal(secret: Secret(key.utf8)).token(for: ticket))
      let answer = try Visitor(port: stack.port).ask("GET", "/sluice/media/\(token)")
      #expect(answer.status == 200, "\(stack.logs())")
      #expect(String(decoding: answer.body, as: UTF8.self) == "cat")
      #expect(answer.headers["content-type"] == "image/png")
      #expect(upstream.calls == 3)
    }

    @Test func refusesForgedAndExpiredLinks() throws {
      let stack = try Stack(Self.options())
      let sandbox = Sandbox(stack)
      let id = try sandbox.media("image/png", size: 10)
      try sandbox.phone(image: id, named: "a.png", caption: "Look")
      let path = try sandbox.link(caption: "Look")
      let visitor = Visitor(port: stack.port)

      let key = try File.read(stack.stateDirectory + "/media.key", atMost: 100)
      func token(_ key: [UInt8], expires: Int64) throws -> String {
        let ticket = MediaTicket(
          channel: ChannelAccount("demo")!, reference: id, kind: .image, expires: expires)
        return try #require(MediaSeal(secret: Secret(key)).token(for: ticket))
      }
      let later = Int64(Date().timeIntervalSince1970 * 1_000) + 60_000
      let rows: [(label: String, path: String, status: Int)] = [
        ("expired", "/sluice/media/\(try token(key, expires: 1))", 410),
        ("another key", "/sluice/media/\(try token(key.reversed(), expires: later))", 404),
        ("changed", path.dropLast() + (path.hasSuffix("A") ? "B" : "A"), 404),
        ("longer", path + "A", 404), ("shorter", String(path.dropLast()), 404),
        ("no token", "/sluice/media/", 404), ("too short", "/sluice/media/AAAA", 404),
        ("a name of its own", path + "/a.png", 404),
        ("the copies' location", "/sluice-media/\(MediaTicket.id(of: id))", 404),
        ("out of it", "/sluice-media/../state/media.key", 404),
      ]
      for row in rows {
        #expect(try visitor.ask("GET", row.path).status == row.status, "\(row.label)")
      }
      #expect(try sandbox.fetches(of: id) == 0)
      #expect(try visitor.ask("POST", path).status == 405)
      #expect(
        try visitor.ask("GET", "/sluice/media/\(try token(key, expires: later))").status == 200)
    }

    @Test("what is too large is said: in the message where we know, otherwise by the link")
    func refusesLargeMedia() throws {
      let stack = try Stack(Self.options("max_mb = 1"))
      let sandbox = Sandbox(stack)
      let id = try sandbox.media("video/mp4", size: (1 << 20) + 1)
      try sandbox.phone(image: id, named: "a.mp4", caption: "Said", size: (1 << 20) + 1)
      let text = "Said\n[Image a.mp4: it is larger than 1 MB (media.max_mb).]"
      #expect(try sandbox.arrival(on: "demo") { $0["text"]?.string == text } != nil)

      try sandbox.phone(image: id, named: "a.mp4", caption: "Unsaid")
      let path = try sandbox.link(caption: "Unsaid")
      for _ in 0..<3 {
        let answer = try Visitor(port: stack.port).ask("GET", path)
        #expect(answer.status == 404)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("larger than 1 MB"))
      }
      #expect(try sandbox.fetches(of: id) == 1)
      #expect(try Self.files(stack) == [".note"])
    }

    @Test("a provider that is down is visible, is not hammered, and asked again in time")
    func outlivesTheProvider() throws {
      let stack = try Stack(Self.options())
      let sandbox = Sandbox(stack)
      let id = try sandbox.media("image/png", size: 10)
      try sandbox.fault(["target": "media", "kind": "close"])
      try sandbox.phone(image: id, named: "a.png", caption: "Look")
      let path = try sandbox.link(caption: "Look")
      let visitor = Visitor(port: stack.port)
      for _ in 0..<5 {
        let answer = try visitor.ask("GET", path)
        #expect(answer.status == 503)
        #expect((1...10).contains(answer.headers["retry-after"].flatMap { Int($0) } ?? 0))
      }
      #expect(try sandbox.fetches(of: id) == 1)
      #expect(stack.logs().contains("media cannot be had"))
      try sandbox.clearFaults()
      let answer = try eventually(every: 0.5) {
        let answer = try visitor.ask("GET", path)
        return answer.status == 200 ? answer : nil
      }
      #expect(answer?.body == Self.bytes(10))
      #expect(try sandbox.fetches(of: id) == 2)
    }

    @Test("a fetch that is killed half way is begun again by the next who asks")
    func outlivesKills() throws {
      let stack = try Stack(Self.options())
      let sandbox = Sandbox(stack)
      let id = try sandbox.media("image/png", size: 10)
      try sandbox.phone(image: id, named: "a.png", caption: "Look")
      let path = try sandbox.link(caption: "Look")
      let visitor = Visitor(port: stack.port)
      try sandbox.fault(["target": "media", "kind": "hang", "count": 1])
      let asking = Background(threads: 1) { _ in _ = try visitor.ask("GET", path) }
      let isFetching = try eventually { try sandbox.fetches(of: id) == 1 ? true : nil }
      #expect(isFetching == true)
      stack["media-0"].kill9()
      #expect(asking.wait().isEmpty)
      try sandbox.release()
      try stack.start("media")
      #expect(try visitor.ask("GET", path).body == Self.bytes(10))
      #expect(try Self.files(stack) == ["", ".note"])
    }

    @Test("without a public address the message arrives in words")
    func degrades() throws {
      var options = Stack.Options()
      options.hasPublicURL = false
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      let id = try sandbox.media("image/png", size: 10)
      try sandbox.phone(image: id, named: "a.png", caption: "Look")
      let arrival = try sandbox.arrival(on: "demo") {
        $0["text"]?.string?.hasPrefix("Look\n[Image a.png: it cannot be shown") == true
      }
      #expect(arrival != nil, "\(stack.logs())")
      #expect(try sandbox.violations().isEmpty)
    }

    @Test("a provider in a private network is not called unless the settings allow it")
    func keepsOutOfPrivateNetworks() throws {
      var options = Self.options()
      options.media = "allow_private_networks = false"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      let id = try sandbox.media("image/png", size: 10)
      try sandbox.phone(image: id, named: "a.png", caption: "Look")
      let path = try sandbox.link(caption: "Look")
      #expect(try Visitor(port: stack.port).ask("GET", path).status == 502)
      #expect(try sandbox.fetches(of: id) == 0)
      #expect(stack.logs().contains("127.0.0.1 is no public address"))
    }

    // MARK: Steps

    /// What the sandbox answers.
    private static func bytes(_ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    /// The endings of what is in the directory of copies, beside the program's own times.
    private static func files(_ stack: Stack) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: stack.stateDirectory + "/media")
        .filter { !$0.hasPrefix(".") }.map { String($0.dropFirst(64)) }.sorted()
    }
  }
}

extension MediaTicket {
  fileprivate static func id(of reference: String) -> String {
    MediaTicket(
      channel: ChannelAccount("demo")!, reference: reference, kind: .image, expires: 0
    ).mediaID
  }
}

extension Sandbox {
  /// Private media at the provider.
  fileprivate func media(_ type: String, size: Int) throws -> String {
    let answer = try stack.json(
      "POST", "/sandbox/api/media", ["type": .string(type), "size": .integer(Int64(size))])
    return try #require(answer["id"]?.string)
  }

  fileprivate func fetches(of id: String) throws -> Int {
    Int(try stack.json("GET", "/sandbox/api/media?id=\(id)")["fetches"]?.integer ?? -1)
  }

  fileprivate func phone(
    image id: String, named name: String, caption: String, size: Int? = nil
  ) throws {
    let attachment = JSON.object(present: [
      ("type", "image"), ("media", .string(id)), ("fileName", .string(name)),
      ("description", .string(caption)), ("size", size.map { .integer(Int64($0)) }),
    ])
    _ = try stack.json(
      "POST", "/sandbox/api/phone",
      [
        "channel": "demo", "contact": .string(Sandbox.contact),
        "message": ["type": "attachment", "attachment": attachment],
      ])
  }

  fileprivate func inbox() throws -> [JSON] {
    (try stack.json("GET", "/sandbox/api/state")["items"]?.array ?? [])
      .filter { $0["side"]?.string == "inbox" }
  }

  /// The path of the link that the platform got with that caption.
  fileprivate func link(caption: String) throws -> String {
    let url = try eventually {
      try inbox().first { $0["text"]?.string == caption }?["url"]?.string
    }
    let prefix = stack.base + "/sluice/media/"
    let link = try #require(url, "no link arrived:\n\(stack.logs())")
    try #require(link.hasPrefix(prefix))
    return String(link.dropFirst(stack.base.count))
  }
}
