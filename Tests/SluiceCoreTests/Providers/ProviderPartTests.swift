import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What every adapter owes the rest of the bridge about media, and about parts other than text.
struct ProviderPartTests {
  static let contents: [MessageContent] =
    [
      .location(latitude: -33.8568, longitude: 151.2153, address: nil),
      .location(latitude: 0, longitude: 0, address: "Bennelong Point, Sydney\n2000"),
      .location(latitude: 90, longitude: -180, address: ""),
      .quickReply(title: "Well?", replies: ["Yes"]),
      .quickReply(title: "Well?", replies: (1...10).map { "Answer \($0)" }),
      .quickReply(title: "Well?", replies: ["👍", "👍", "a \"quote\" and \\ more than fits"]),
    ]
    + [.image, .video, .audio, .file].flatMap { kind in
      ["a.jpg", "a.mp4", "a.mp3", "a.pdf", "a", ".", "a?b.c#d"].map { file in
        .attachment(
          Attachment(
            kind: kind, url: "https://files.example/\(file)", description: "Look", size: 1_000))
      }
    }

  @Test(arguments: ProviderSample.adapters)
  func everyPartIsACall(sample: ProviderSample) throws {
    let provider = sample.provider()
    let contact = try ContactID("+61411111111")
    for content in Self.contents {
      for part in provider.limits.parts(of: content) {
        let call = provider.call(
          sending: part, to: contact, reference: "01J9ZK5V0A.0", now: ProviderSample.now)
        #expect(call.url.hasPrefix("https://"))
        #expect(call.url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        let body = String(decoding: call.body, as: UTF8.self)
        for secret in sample.secrets.values { #expect(!body.contains(secret)) }
        if call.headers.contains(where: { $0 == ("content-type", "application/json") }) {
          #expect(throws: Never.self) { try JSONReader.read(call.body) }
        }
      }
    }
  }

  /// What a webhook says can be fetched, and only from us with our credentials, can be.
  @Test(arguments: ProviderSample.adapters)
  func privateMediaHasARoute(sample: ProviderSample) throws {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      for event in try provider.events(in: sample.request(webhook), now: ProviderSample.now) {
        guard case .message(let message) = event, case .attachment(let media) = message.content,
          let reference = media.privateReference
        else { continue }
        switch provider.route(toMedia: reference) {
        case .content(let call), .locator(let call):
          #expect(call.method == "GET" && call.url.hasPrefix("https://"))
        case nil: Issue.record("\(webhook.fixture): no route to \(reference)")
        }
      }
    }
  }

  /// Nobody's webhook or answer leads our credentials to another host, or into another path.
  @Test(arguments: ProviderSample.adapters)
  func noReferenceLeadsElsewhere(sample: ProviderSample) {
    let provider = sample.provider()
    let pieces = [
      "a", "7", "..", "/", "?", "#", "&", "@", ":", "\\", "%2f", " ", "\n", "https://",
      "evil.example",
      "fbsbx.com", "é",
    ]
    var random = SplitMix64(seed: 99)
    for _ in 0..<2_000 {
      let text = (0..<Int.random(in: 1...5, using: &random))
        .compactMap { _ in pieces.randomElement(using: &random) }.joined()
      var calls: [HTTPCall] = []
      switch provider.route(toMedia: text) {
      case .content(let call), .locator(let call): calls.append(call)
      case nil: break
      }
      let answer = HTTPResponse(
        status: 200, json: ["url": .string(text), "result": ["file_path": .string(text)]])
      if let call = provider.call(fetchingMediaLocatedBy: answer) { calls.append(call) }
      for call in calls {
        let authority = call.url.dropFirst(8).prefix { !"/?#\\".contains($0) }
        #expect(!authority.contains("evil") && !authority.contains("@"), "\(call.url)")
        // The path of a whole URL is its owner's affair.
        let isPath = !text.hasPrefix("https://")
        #expect(!(isPath && call.url.split(separator: "/").contains("..")), "\(call.url)")
        #expect(call.url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
      }
    }
  }
}
