import SluiceCore
import SluiceTesting

/// What tests, bench and fuzzer need to know of a provider: an account, payloads, and how the
/// provider proves that a webhook is its own.
package struct ProviderSample: Sendable, CustomStringConvertible {
  /// A payload that the provider sends: a body, or the query of a GET.
  package struct Webhook: Sendable {
    /// The path below `Fixtures`, or what else tells it from others.
    package let fixture: String
    package var method = "POST"
    package var contentType: String?
    package var payload: [UInt8]
    /// Beside a body.
    var query = ""
    /// `inbound` or `status`; both take everything.
    package var endpoint = "inbound"

    /// A fixture; its ending says how it is sent: `.json` and `.form` in a body, `.query` in a GET.
    package init(_ fixture: String) {
      self.fixture = fixture
      payload = Fixture.bytes(fixture)
      if fixture.hasSuffix(".query") {
        method = "GET"
      } else {
        contentType = Self.type(of: fixture)
      }
      let name = fixture.split(separator: "/").last ?? ""
      if ["status", "receipt", "report"].contains(where: name.hasPrefix) { endpoint = "status" }
    }

    /// A payload of a test's own.
    package init(method: String = "POST", contentType: String? = nil, payload: [UInt8] = []) {
      fixture = ""
      self.method = method
      self.contentType = contentType
      self.payload = payload
    }

    private static func type(of fixture: String) -> String {
      fixture.hasSuffix(".form") ? "application/x-www-form-urlencoded" : "application/json"
    }
  }

  /// A GET that only asks whether anybody is there, and of which nothing is kept.
  package struct Handshake: Sendable {
    package let query: String
    /// The body of its answer.
    package let answer: String

    package init(query: String, answer: String) {
      self.query = query
      self.answer = answer
    }
  }

  package let name: String
  /// Tells accounts of one provider from each other; its name, where there is but one.
  package let label: String
  /// The account's table. Every secret is a file named like its key.
  package var settings: String
  package var secrets: [String: String]
  package let webhooks: [Webhook]
  /// A webhook of two items, of which only the first can be understood; `nil` where the provider
  /// sends them one by one.
  package let mixed: Webhook?
  /// Answers to a send.
  package let answers: [HTTPResponse]
  /// Adds what proves that the provider made the request.
  package let prove: @Sendable (inout WebhookDraft) -> Void
  /// What signs webhooks, or stands in their URL.
  package let webhookSecretName: String
  package var webhookSecret: String { secrets[webhookSecretName, default: ""] }
  /// What lets us in at the provider.
  package let credentialName: String
  package var credential: String { secrets[credentialName, default: ""] }
  /// Whether the provider wants its credential in the URL, which we then cannot keep out of it.
  package let hasSecretInURL: Bool
  /// Whether a send has a place for our reference.
  package let carriesReference: Bool
  /// Whether the proof tells the time, and is good for a while only.
  package let signsTime: Bool
  package let handshake: Handshake?
  /// The channel's.
  package let countryCode: String?
  /// The account, where the provider is described and no type.
  let described: DeclaredProvider?

  /// When the samples' requests arrive, Unix milliseconds.
  package static let now = DescriptionTest.now

  /// Where the provider reaches the samples' channel.
  package static let channelURL = "https://sluice.example.com/sluice/demo"

  package var description: String { label }
  package var isDescribed: Bool { described != nil }

  /// - Parameters:
  ///   - answers: Fixtures with their HTTP status.
  ///   - proof: See ``prove``.
  package init(
    name: String, label: String? = nil, settings: String, secrets: [String: String],
    webhooks: [Webhook] = [], mixed: String? = nil,
    answers: [(status: Int, fixture: String)] = [],
    webhookSecret: String = "webhook_secret",
    credential: String = "api_key", hasSecretInURL: Bool = false, carriesReference: Bool = true,
    signsTime: Bool = false, handshake: Handshake? = nil, countryCode: String? = nil,
    proof: @escaping @Sendable (inout WebhookDraft) -> Void
  ) {
    self.name = name
    self.label = label ?? name
    self.settings = settings
    self.secrets = secrets
    self.webhooks = webhooks
    self.mixed = mixed.map {
      Webhook(contentType: "application/json", payload: Array($0.utf8))
    }
    self.answers = answers.map {
      HTTPResponse(status: $0.status, body: Fixture.bytes($0.fixture))
    }
    prove = proof
    webhookSecretName = webhookSecret
    credentialName = credential
    self.hasSecretInURL = hasSecretInURL
    self.carriesReference = carriesReference
    self.signsTime = signsTime
    self.handshake = handshake
    self.countryCode = countryCode
    described = nil
  }

  /// A provider that is described, by the test that stands beside its description.
  init(
    name: String, settings: String, secrets: [String: String], test: DescriptionTest
  ) {
    self.name = name
    label = name
    self.settings = settings
    self.secrets = secrets
    let provider = test.provider
    // Some are there to show what brings nothing.
    webhooks = test.webhooks.enumerated().filter { _, webhook in
      let events = try? provider.events(in: provider.proving(webhook.request), now: Self.now)
      return events?.isEmpty == false
    }.map { Webhook(of: $1.request, number: $0) }
    mixed = nil
    answers = test.answers.map(\.response)
    prove = { draft in
      let proven = provider.proving(draft.request, with: Secret(draft.secret.utf8))
      draft.query = proven.query
      draft.headers = proven.headers
    }
    webhookSecretName = "webhook_secret"
    credentialName = secrets.keys.first { $0 != "webhook_secret" } ?? "webhook_secret"
    hasSecretInURL = true
    carriesReference = false
    signsTime = false
    handshake = nil
    countryCode = nil
    described = provider
  }

  /// The account, configured.
  package func provider(at channelURL: String = channelURL) -> any Provider {
    if let described { return described }
    let directory = TemporaryDirectory()
    for (key, value) in secrets { directory.write(value, to: key) }
    do {
      var reader = SettingsReader(
        try SettingsFile(path: directory.path + "/sluice.toml", text: settings))
      reader.channelURL = channelURL
      reader.countryCode = countryCode
      let provider = ProviderRegistry.named(name)?.init(settings: &reader)
      reader.finish()
      guard let provider, reader.problems.isEmpty else {
        preconditionFailure("\(name): \(reader.problems)")
      }
      return provider
    } catch {
      preconditionFailure("\(name): \(error)")
    }
  }

  /// A webhook as the provider sends it; with another secret, as somebody else does.
  package func request(
    _ webhook: Webhook, payload: [UInt8]? = nil, secret: String? = nil,
    at channelURL: String = channelURL, now: Int64 = now
  ) -> HTTPRequest {
    var draft = WebhookDraft(
      webhook, payload: payload ?? webhook.payload, secret: secret ?? webhookSecret,
      url: "\(channelURL)/\(webhook.endpoint)", now: now)
    prove(&draft)
    return draft.request
  }
}

extension ProviderSample.Webhook {
  fileprivate init(of request: HTTPRequest, number: Int) {
    fixture = "webhook \(number + 1)"
    method = request.method
    contentType = request.headers["content-type"]
    payload = request.method == "GET" ? Array(request.query.utf8) : request.body
    query = request.method == "GET" ? "" : request.query
    endpoint = request.path.hasSuffix("status") ? "status" : "inbound"
  }
}
