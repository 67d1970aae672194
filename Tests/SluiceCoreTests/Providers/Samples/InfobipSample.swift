import Crypto
import SluiceCore

extension ProviderSample {
  static let infobip = infobip(
    settings: """
      proof = "hmac"
      signature_header = "X-Hub-Signature"
      signature_prefix = "sha256="
      """,
    webhooks: ["inbound", "mms", "reports"].map { Webhook(fixture: "infobip/\($0).json") },
    answers: [
      (200, "infobip/send-accepted.json"), (200, "infobip/send-refused.json"),
      (400, "infobip/send-invalid.json"), (401, "infobip/send-unauthorized.json"),
      (429, "infobip/send-throttled.json"),
    ])

  /// An account whose webhooks prove themselves in another way.
  static func infobip(
    settings: String, webhooks: [Webhook] = [], answers: [(status: Int, fixture: String)] = []
  ) -> ProviderSample {
    ProviderSample(
      name: "infobip",
      settings: """
        base_url = "https://xxxxx.api.infobip.example"
        api_key = "file:api_key"
        sender = "+46710000002"
        webhook_secret = "file:webhook_secret"
        \(settings)
        """,
      secrets: [
        "api_key": "003026bbc133714df1834b8638bb496e", "webhook_secret": "InF3vQ9xYw7bTzR5mJ2h",
      ],
      webhooks: webhooks, answers: answers,
      request: { _, payload, secret in
        let key = SymmetricKey(data: Array(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: payload, using: key)
        return HTTPRequest(
          method: "POST", path: "/sluice/demo/inbound",
          headers: [
            "content-type": "application/json", "x-hub-signature": "sha256=\(Hex.text(code))",
          ], body: payload)
      })
  }
}
