import Crypto
import SluiceCore
import SluiceTesting
import Testing

/// What the contract suite needs to know of a provider: an account, payloads, and how the provider
/// proves that a webhook is its own.
struct ProviderSample: Sendable, CustomTestStringConvertible {
  struct Webhook: Sendable {
    let fixture: String
    var method = "POST"
    var contentType: String? = "application/json"
  }

  let name: String
  /// The account's table. Every secret is a file named like its key.
  let settings: String
  let secrets: [String: String]
  let webhooks: [Webhook]
  /// Fixtures of answers to a send, with their HTTP status.
  let answers: [(status: Int, fixture: String)]
  /// A request as the provider makes it, `secret` standing for the webhook secret.
  let request: @Sendable (Webhook, _ payload: [UInt8], _ secret: String) -> HTTPRequest
  /// What signs webhooks, or stands in their URL.
  var webhookSecret: String { secrets[webhookSecretName]! }
  var webhookSecretName = "webhook_secret"
  /// What lets us in at the provider.
  var credential: String { secrets[credentialName]! }
  var credentialName = "api_key"
  /// Where a provider wants its credential in the URL, which we then cannot keep out of it.
  var hasSecretInURL = false
  /// Whether a send has a place for our reference.
  var carriesReference = true

  /// When the samples' requests arrive, Unix milliseconds.
  static let now: Int64 = 1_760_000_000_000

  /// Where the provider reaches the samples' channel.
  static let channelURL = "https://sluice.example.com/sluice/demo"

  var testDescription: String { name }

  /// The account, configured.
  func provider() -> any Provider {
    let directory = TemporaryDirectory()
    for (key, value) in secrets { directory.write(value, to: key) }
    do {
      var reader = SettingsReader(
        try SettingsFile(path: directory.path + "/sluice.toml", text: settings))
      reader.channelURL = Self.channelURL
      let provider = ProviderRegistry.named(name)?.init(settings: &reader)
      reader.finish()
      guard let provider, reader.problems.isEmpty else {
        fatalError("\(name): \(reader.problems)")
      }
      return provider
    } catch {
      fatalError("\(name): \(error)")
    }
  }

  func request(_ webhook: Webhook, payload: [UInt8]? = nil, secret: String? = nil) -> HTTPRequest {
    request(
      webhook, payload ?? Fixture.bytes(webhook.fixture), secret ?? webhookSecret)
  }
}

extension ProviderSample {
  static let all = [
    clickSend,
    infobip,
    kannel,
    line,
    messageBird,
    plivo,
    sandbox,
    telegram,
    telnyx,
    twilio,
    viber,
    vonage,
    whatsAppCloud,
  ]

  static let clickSend = ProviderSample(
    name: "clicksend",
    settings: """
      username = "api-username"
      api_key = "file:api_key"
      webhook_secret = "file:webhook_secret"
      webhook_secret_previous = "file:webhook_secret_previous"
      from = "+61400000001"
      """,
    secrets: [
      "api_key": "api-password", "webhook_secret": "nCk3vQ9xYw7bTzR5mJ2h",
      "webhook_secret_previous": "oLd3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: [
      Webhook(fixture: "clicksend/inbound.form", contentType: "application/x-www-form-urlencoded"),
      Webhook(fixture: "clicksend/inbound.json"),
      Webhook(fixture: "clicksend/inbound-strings.json", contentType: nil),
      Webhook(fixture: "clicksend/inbound.query", method: "GET", contentType: nil),
      Webhook(
        fixture: "clicksend/receipt-delivered.form",
        contentType: "application/x-www-form-urlencoded; charset=UTF-8"),
      Webhook(fixture: "clicksend/receipt-temporary.form", contentType: nil),
      Webhook(
        fixture: "clicksend/receipt-failed.form", contentType: "application/x-www-form-urlencoded"),
      Webhook(fixture: "clicksend/receipt-delivered.json"),
    ],
    answers: [
      (200, "clicksend/send-success.json"), (200, "clicksend/send-invalid-recipient.json"),
      (200, "clicksend/send-throttled.json"), (401, "clicksend/send-unauthorized.json"),
      (429, "clicksend/send-too-many-requests.json"),
    ],
    request: { webhook, payload, secret in
      let isGet = webhook.method == "GET"
      let fields = isGet ? "&" + String(decoding: payload, as: UTF8.self) : ""
      return HTTPRequest(
        method: webhook.method, path: "/sms/inbound",
        query: "secret=\(FormFields.percent(secret))\(fields)",
        headers: webhook.contentType.map { ["content-type": $0] } ?? [:],
        body: isGet ? [] : payload)
    })

  static let sandbox = ProviderSample(
    name: "sandbox",
    settings: """
      url = "https://sandbox.example/provider"
      api_key = "file:api_key"
      webhook_secret = "file:webhook_secret"
      """,
    secrets: ["api_key": "sandbox-key-4711", "webhook_secret": "sAn3vQ9xYw7bTzR5mJ2h"],
    webhooks: [
      Webhook(fixture: "sandbox/messages.json"), Webhook(fixture: "sandbox/statuses.json"),
    ],
    answers: [(200, "sandbox/send-accepted.json"), (422, "sandbox/send-rejected.json")],
    request: { webhook, payload, secret in
      let key = SymmetricKey(data: Array(secret.utf8))
      let code = HMAC<SHA256>.authenticationCode(for: payload, using: key)
      return HTTPRequest(
        method: "POST", path: "/sandbox/inbound",
        headers: [
          "content-type": "application/json", "x-sandbox-signature": "sha256=\(Hex.text(code))",
        ], body: payload)
    })
}
