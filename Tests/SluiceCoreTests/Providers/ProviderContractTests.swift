import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// What every adapter owes the rest of the bridge, whoever the provider is.
struct ProviderContractTests {
  @Test func everyProviderHasASample() {
    #expect(
      ProviderRegistry.all.filter { !($0 is any SampledProvider.Type) }.map { $0.name } == [])
  }

  // MARK: - Webhooks

  @Test(arguments: ProviderSample.all)
  func understandsEveryFixture(sample: ProviderSample) throws {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      #expect(
        try !provider.events(in: sample.request(webhook), now: ProviderSample.now).isEmpty,
        "\(webhook.fixture)")
    }
    #expect((200..<300).contains(provider.webhookResponse.status))
  }

  @Test(arguments: ProviderSample.all)
  func refusesWhoeverLacksTheSecret(sample: ProviderSample) {
    let provider = sample.provider()
    let secret = sample.webhookSecret
    for webhook in sample.webhooks {
      for wrong in [String(secret.dropLast()), secret + "x", secret.lowercased(), "x"] {
        #expect(throws: WebhookError.unauthenticated) {
          try provider.events(in: sample.request(webhook, secret: wrong), now: ProviderSample.now)
        }
      }
      // Not even a proof, and a body that nobody should look at.
      for body in [webhook.payload, [], [0xFF]] {
        let bare = HTTPRequest(method: webhook.method, path: "/", body: body)
        #expect(throws: WebhookError.unauthenticated) {
          try provider.events(in: bare, now: ProviderSample.now)
        }
      }
    }
  }

  /// What is kept of a webhook by GET reads as it did, and gives nobody the secret.
  @Test(arguments: ProviderSample.all)
  func aKeptQueryHasNoProof(sample: ProviderSample) throws {
    let provider = sample.provider()
    for webhook in sample.webhooks where webhook.method == "GET" {
      let request = sample.request(webhook)
      let query = request.query(without: provider.proofParameters)
      let secret = sample.webhookSecret
      for spelling in [secret, FormFields.percent(secret)] {
        #expect(!query.contains(spelling), "\(webhook.fixture)")
      }
      let kept = HTTPRequest(
        method: "GET", path: request.path, channel: request.channel, query: query,
        headers: request.headers)
      #expect(
        try provider.events(reading: kept, now: ProviderSample.now)
          == provider.events(reading: request, now: ProviderSample.now), "\(webhook.fixture)")
    }
  }

  @Test(arguments: ProviderSample.all)
  func survivesTruncation(sample: ProviderSample) {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      let payload = webhook.payload
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
      guard let more = Self.withMoreFields(webhook.payload) else { continue }
      let known = try provider.events(in: sample.request(webhook), now: ProviderSample.now)
      #expect(
        try provider.events(in: sample.request(webhook, payload: more), now: ProviderSample.now)
          == known)
    }
  }

  /// - Returns: `nil` where the payload is neither an object nor a form.
  private static func withMoreFields(_ payload: [UInt8]) -> [UInt8]? {
    switch payload.first {
    case UInt8(ascii: "{"): Array(#"{"new":{"a":[1,null]},"#.utf8) + payload.dropFirst()
    case UInt8(ascii: "["), UInt8(ascii: "<"): nil
    default: payload + Array("&new=1&new=2".utf8)
    }
  }

  /// Neither hides the other: what is understood is passed on, and what is not is kept.
  @Test(arguments: ProviderSample.all.filter { $0.mixed != nil })
  func tellsOfWhatIsStrangeAmongOthers(sample: ProviderSample) throws {
    let request = sample.request(try #require(sample.mixed))
    let reading = try WebhookReading { () throws(WebhookError) in
      try sample.provider().events(in: request, now: ProviderSample.now)
    }
    #expect(reading.events.count == 1)
    #expect(reading.problem != nil)
  }

  @Test(arguments: ProviderSample.adapters)
  func believesWhatIsSignedForAWhile(sample: ProviderSample) throws {
    let provider = sample.provider()
    for webhook in sample.webhooks {
      for days: Int64 in [-3, 3] {
        let request = sample.request(webhook, now: ProviderSample.now + days * 86_400_000)
        let isRefused = error(of: provider, in: request) == .unauthenticated
        #expect(isRefused == sample.signsTime, "\(webhook.fixture), \(days) days")
      }
    }
  }

  @Test(arguments: ProviderSample.adapters)
  func answersWhoAsksWhetherAnybodyIsThere(sample: ProviderSample) throws {
    guard let handshake = sample.handshake else { return }
    let request = HTTPRequest(method: "GET", path: "/", query: handshake.query)
    let answer = try #require(try sample.provider().handshake(request))
    #expect(answer.status == 200)
    #expect(String(decoding: answer.body, as: UTF8.self) == handshake.answer)
  }

  /// Payloads, proofs and answers to sends; `scripts/fuzz` does the same a million times.
  @Test(arguments: ProviderSample.all)
  func survivesMutations(sample: ProviderSample) {
    var random = SplitMix64(seed: 4_711)
    for target in sample.fuzzTargets() {
      for _ in 0..<(sample.isDescribed ? 60 : 120) {
        #expect(target.problem(with: Mutation.of(target.seed, &random)) == nil)
      }
    }
  }

  // MARK: - Sends

  @Test(arguments: ProviderSample.adapters)
  func callsAreTheSameForTheSameReference(sample: ProviderSample) throws {
    let provider = sample.provider()
    let contact = try ContactID("+61411111111")
    for content in [
      MessageContent.text("Hello"),
      .attachment(Attachment(kind: .image, url: "https://a.example/")),
    ] {
      for part in provider.limits.parts(of: content) {
        let call = provider.call(
          sending: part, to: contact, reference: "01J9ZK5V0A.0", now: ProviderSample.now)
        #expect(
          call
            == provider.call(
              sending: part, to: contact, reference: "01J9ZK5V0A.0", now: ProviderSample.now))
        let other = provider.call(
          sending: part, to: contact, reference: "01J9ZK5V0A.1", now: ProviderSample.now)
        #expect((call != other) == sample.carriesReference)
        #expect(call.url.hasPrefix("https://"))
        #expect(call.headers.allSatisfy { $0.name == $0.name.lowercased() })
        expectNoSecret(of: sample, in: String(decoding: call.body, as: UTF8.self))
        if !sample.hasSecretInURL { expectNoSecret(of: sample, in: call.url) }
      }
    }
  }

  @Test(
    "an account that is not let in says nothing of the message", arguments: ProviderSample.adapters)
  func credentialsAreTheAccounts(sample: ProviderSample) {
    let outcome = sample.provider().outcome(of: HTTPResponse(status: 401, text: ""))
    guard case .accountRefused = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  @Test(arguments: ProviderSample.adapters)
  func onlyAClearAnswerSettlesASend(sample: ProviderSample) {
    let provider = sample.provider()
    for body in ["", "null", "{}", "<html>", #"{"data":[]}"#, #"{"id":7}"#] {
      for status in [200, 202, 500, 502, 503, 504] {
        switch provider.outcome(of: HTTPResponse(status: status, body: Array(body.utf8))) {
        case .accepted, .rejected, .accountRefused, .throttled:
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
  func valuesDoNotPrintSecrets(sample: ProviderSample) {
    let provider = sample.provider()
    var dumped = ""
    dump(provider, to: &dumped)
    expectNoSecret(of: sample, in: dumped + "\(provider)" + String(reflecting: provider))
  }

  // MARK: - Lookups

  /// Also: a proxy may log the URL, so it holds no secret.
  @Test(arguments: ProviderSample.adapters)
  func lookupsAreReadsThatGiveNothingAway(sample: ProviderSample) throws {
    for externalID in [nil, "4C0F2D1E-7A3B-4E5F-9A8B-0C1D2E3F4A5B"] {
      let question = try question(externalID: externalID)
      guard let call = sample.provider().call(lookingUp: question) else { continue }
      #expect(call.method == "GET" && call.body.isEmpty)
      #expect(call.url.hasPrefix("https://"))
      #expect(call.url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
      if !sample.hasSecretInURL { expectNoSecret(of: sample, in: call.url) }
      #expect(call == sample.provider().call(lookingUp: question))
    }
  }

  /// No answer to a lookup traps, and none but a clear one is found: what is believed to have been
  /// sent is not sent again.
  @Test(arguments: ProviderSample.adapters)
  func findingsSurviveAnyBytes(sample: ProviderSample) throws {
    let provider = sample.provider()
    let question = try question(externalID: nil)
    let reference = question.reference.description
    let id = "4C0F2D1E-7A3B-4E5F-9A8B-0C1D2E3F4A5B"
    let answers = [
      #"{"id":"\#(id)","status":"failed","error":{"code":"not_found","message":"No."}}"#,
      #"{"data":{"data":[{"message_id":"\#(id)","custom_string":"\#(reference)"},null,7]}}"#,
    ]
    var random = SplitMix64(seed: 1_234)
    for round in 0..<2_000 {
      let noise = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let body = round % 8 == 0 ? noise : Mutation.of(Array(answers[round % 2].utf8), &random)
      let status = [200, 200, 200, 204, 302, 400, 401, 404, 429, 500].randomElement(using: &random)!
      switch provider.finding(of: HTTPResponse(status: status, body: body), for: question) {
      case .found(let externalID, let found, let reason):
        #expect(status == 200 && !externalID.isEmpty)
        #expect((reason == nil) == (found != .failed))
      case .notFound: #expect(status == 404)
      case .unclear(let reason):
        expectNoSecret(of: sample, in: reason)
        #expect(!reason.isEmpty && !reason.contains { $0.isNewline })
      }
    }
  }

  private func question(externalID: String?) throws -> Lookup {
    Lookup(
      reference: PartReference(message: MessageID(high: 1, low: 2), part: 0),
      externalID: externalID, contact: try ContactID("+61411111111"), since: 1_760_000_000_000)
  }

  // MARK: - Media

  /// A reference is what a webhook said: it must not lead our credentials to another host, nor put
  /// anything of its own into the request.
  @Test(arguments: ProviderSample.adapters)
  func sendsMediaCredentialsToNobodyElse(sample: ProviderSample) {
    let provider = sample.provider()
    for reference in [
      "https://evil.example/a", "http://evil.example", "//evil.example/a", "@evil.example/a",
      ".evil.example/a", ":8443@evil.example", "\\evil.example\\a", "../../a", "a\r\nx-y: z", "a b",
      "a?b", "a#b", "%2e%2e/a", "é", "\0", "",
    ] {
      let call: HTTPCall
      switch provider.route(toMedia: reference) {
      case nil: continue
      case .content(let content)?: call = content
      case .locator(let locator)?: call = locator
      }
      let host = call.url.split(separator: "/").dropFirst().first ?? ""
      #expect(call.url.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(reference.escaped)")
      #expect(call.headers.allSatisfy { $0.value.utf8.allSatisfy { $0 >= 0x20 } })
      if host.contains("evil") {
        expectNoSecret(of: sample, in: call.url + call.headers.map(\.value).joined())
        #expect(call.headers.allSatisfy { $0.name != "authorization" }, "\(reference.escaped)")
      }
    }
  }

  // MARK: - Settings

  /// An empty table is answered by every key that is needed, each with what to write.
  @Test(arguments: ProviderSample.adapters)
  func reportsAllMissingSettings(sample: ProviderSample) throws {
    var reader = SettingsReader(try SettingsFile(path: "sluice.toml", text: ""))
    reader.channelURL = ProviderSample.channelURL
    #expect(ProviderRegistry.named(sample.name)?.init(settings: &reader) == nil)
    #expect(reader.problems.count >= 2)
    for problem in reader.problems {
      #expect(problem.key != nil && problem.message.contains("Write \(problem.key ?? "") = "))
    }
  }

  // MARK: - Helpers

  private func error(of provider: any Provider, in request: HTTPRequest) -> WebhookError? {
    do throws(WebhookError) {
      _ = try provider.events(in: request, now: ProviderSample.now)
      return nil
    } catch {
      return error
    }
  }

  private func expectNoSecret(of sample: ProviderSample, in text: String) {
    for secret in sample.secrets.values { #expect(!text.contains(secret)) }
  }
}
