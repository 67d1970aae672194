import SluiceCore
import SluiceTesting
import Testing

/// What every adapter owes the rest of the bridge, whoever the provider is.
struct ProviderContractTests {
  @Test func everyProviderHasASample() {
    #expect(
      ProviderSample.all.map(\.name).sorted() == ProviderRegistry.all.map { $0.name }.sorted())
  }

  // MARK: - Webhooks

  @Test(arguments: ProviderSample.all)
  func understandsEveryFixture(sample: ProviderSample) throws {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      #expect(try !provider.events(in: sample.request(webhook)).isEmpty, "\(webhook.fixture)")
    }
    #expect((200..<300).contains(provider.webhookResponse.status))
  }

  @Test(arguments: ProviderSample.all)
  func refusesWhoeverLacksTheSecret(sample: ProviderSample) {
    let provider = sample.provider()
    let secret = sample.secrets["webhook_secret"]!
    for webhook in sample.webhooks {
      for wrong in [String(secret.dropLast()), secret + "x", secret.lowercased(), "x"] {
        #expect(throws: WebhookError.unauthenticated) {
          try provider.events(in: sample.request(webhook, secret: wrong))
        }
      }
      // Not even a proof, and a body that nobody should look at.
      for body in [Fixture.bytes(webhook.fixture), [], [0xFF]] {
        let bare = HTTPRequest(method: webhook.method, path: "/", body: body)
        #expect(throws: WebhookError.unauthenticated) { try provider.events(in: bare) }
      }
    }
  }

  @Test(arguments: ProviderSample.all)
  func survivesTruncation(sample: ProviderSample) {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      let payload = Fixture.bytes(webhook.fixture)
      for length in 0..<payload.count {
        let request = sample.request(webhook, payload: Array(payload[..<length]))
        let error = error(of: provider, in: request)
        // A query cut off may have lost its proof too.
        #expect(error != .unauthenticated || webhook.method == "GET")
      }
    }
  }

  @Test(arguments: ProviderSample.all)
  func ignoresUnknownFields(sample: ProviderSample) throws {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      let payload = Fixture.bytes(webhook.fixture)
      let more =
        payload.first == UInt8(ascii: "{")
        ? Array(#"{"new":{"a":[1,null]},"#.utf8) + payload.dropFirst()
        : payload + Array("&new=1&new=2".utf8)
      let known = try provider.events(in: sample.request(webhook))
      #expect(try provider.events(in: sample.request(webhook, payload: more)) == known)
    }
  }

  /// Also: what an adapter says of them gives no secret away.
  @Test(arguments: ProviderSample.all)
  func survivesAThousandMutations(sample: ProviderSample) {
    let provider = sample.provider()
    var random = SplitMix64(seed: 4_711)
    for _ in 0..<1_000 {
      let webhook = sample.webhooks.randomElement(using: &random)!
      let payload = mutated(Fixture.bytes(webhook.fixture), &random)
      let request = sample.request(webhook, payload: payload)
      guard let error = error(of: provider, in: request) else { continue }
      #expect(error != .unauthenticated || webhook.method == "GET")
      expectNoSecret(of: sample, in: error.description)
    }
  }

  // MARK: - Sends

  @Test(arguments: ProviderSample.all)
  func callsAreTheSameForTheSameReference(sample: ProviderSample) throws {
    let provider = sample.provider()
    let contact = try ContactID("+61411111111")
    for content in [
      MessageContent.text("Hello"),
      .attachment(Attachment(kind: .image, url: "https://a.example/")),
    ] {
      for part in provider.limits.parts(of: content) {
        let call = provider.call(sending: part, to: contact, reference: "01J9ZK5V0A.0")
        #expect(call == provider.call(sending: part, to: contact, reference: "01J9ZK5V0A.0"))
        #expect(call != provider.call(sending: part, to: contact, reference: "01J9ZK5V0A.1"))
        #expect(call.url.hasPrefix("https://"))
        #expect(call.headers.allSatisfy { $0.name == $0.name.lowercased() })
        expectNoSecret(of: sample, in: call.url + String(decoding: call.body, as: UTF8.self))
      }
    }
  }

  @Test(arguments: ProviderSample.all)
  func onlyAClearAnswerSettlesASend(sample: ProviderSample) {
    let provider = sample.provider()
    for body in ["", "null", "{}", "<html>", #"{"data":[]}"#, #"{"id":7}"#] {
      for status in [200, 202, 500, 502, 503, 504] {
        switch provider.outcome(of: HTTPResponse(status: status, body: Array(body.utf8))) {
        case .accepted, .rejected, .throttled:
          Issue.record("\(status) \(body) says nothing of the message")
        case .deferred, .unknown: break
        }
      }
      let busy = HTTPResponse(
        status: 429, headers: [("retry-after", "30")], body: Array(body.utf8))
      guard case .throttled(_, after: 30) = provider.outcome(of: busy) else {
        Issue.record("429 \(body) is \(provider.outcome(of: busy))")
        continue
      }
    }
  }

  @Test(arguments: ProviderSample.all)
  func answersMutatedNeverTrapNorLeak(sample: ProviderSample) {
    let provider = sample.provider()
    var random = SplitMix64(seed: 815)
    let statuses = [100, 200, 204, 302, 400, 401, 404, 408, 422, 425, 429, 500, 503, 599]
    for _ in 0..<1_000 {
      let answer = sample.answers.randomElement(using: &random)!
      var body = mutated(Fixture.bytes(answer.fixture), &random)
      // A peer that quotes our credentials in its complaint.
      if Bool.random(using: &random), let quote = body.lastIndex(of: UInt8(ascii: "\"")) {
        body.insert(contentsOf: sample.secrets["api_key"]!.utf8, at: quote)
      }
      let status = statuses.randomElement(using: &random)!
      let response = HTTPResponse(
        status: Bool.random(using: &random) ? status : answer.status, body: body)
      if let reason = provider.outcome(of: response).reason {
        expectNoSecret(of: sample, in: reason)
        #expect(reason.hasSuffix("."))
        #expect(!reason.contains { $0.isNewline })
      }
    }
  }

  @Test(arguments: ProviderSample.all)
  func valuesDoNotPrintSecrets(sample: ProviderSample) {
    let provider = sample.provider()
    var dumped = ""
    dump(provider, to: &dumped)
    expectNoSecret(of: sample, in: dumped + "\(provider)" + String(reflecting: provider))
  }

  // MARK: - Settings

  /// An empty table is answered by every key that is needed, each with what to write.
  @Test(arguments: ProviderSample.all)
  func reportsAllMissingSettings(sample: ProviderSample) throws {
    var reader = SettingsReader(try SettingsFile(path: "sluice.toml", text: ""))
    #expect(ProviderRegistry.named(sample.name)?.init(settings: &reader) == nil)
    #expect(reader.problems.count >= 3)
    for problem in reader.problems {
      #expect(problem.key != nil && problem.message.contains("Write \(problem.key ?? "") = "))
    }
  }

  // MARK: - Helpers

  private func error(of provider: any Provider, in request: HTTPRequest) -> WebhookError? {
    do throws(WebhookError) {
      _ = try provider.events(in: request)
      return nil
    } catch {
      return error
    }
  }

  private func expectNoSecret(of sample: ProviderSample, in text: String) {
    for secret in sample.secrets.values { #expect(!text.contains(secret)) }
  }

  /// A few bytes changed, doubled, dropped or swapped for what parsers stumble over.
  private func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    let traps = [
      "\0", "%", "%zz", "\u{1F44D}", "\"", "}", "[[[[", "-1", "1e999", "null", "&=", "\\ud800",
    ]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      default: bytes.replaceSubrange(at..<end, with: traps.randomElement(using: &random)!.utf8)
      }
    }
    return bytes
  }
}

extension SendOutcome {
  /// What it tells of itself, if anything.
  var reason: String? {
    switch self {
    case .accepted: nil
    case .deferred(let reason, _), .throttled(let reason, _), .rejected(let reason),
      .unknown(let reason):
      reason
    }
  }
}
