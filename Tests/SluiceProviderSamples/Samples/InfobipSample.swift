import SluiceCore

extension Infobip: SampledProvider {
  package static let sample = account(
    settings: """
      proof = "hmac"
      signature_header = "X-Hub-Signature"
      signature_prefix = "sha256="
      """)

  /// An account whose webhooks prove themselves in another way.
  package static func account(settings: String) -> ProviderSample {
    ProviderSample(
      name: name,
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
      webhooks: ["inbound", "mms", "reports"].map { .init("infobip/\($0).json") },
      mixed: """
        {"results":[{"messageId":"m1","from":"41793026727","text":"a"},
          {"messageId":"m2","from":"INFO","text":"b"}]}
        """,
      answers: [
        (200, "infobip/send-accepted.json"), (200, "infobip/send-refused.json"),
        (400, "infobip/send-invalid.json"), (401, "infobip/send-unauthorized.json"),
        (429, "infobip/send-throttled.json"),
      ]
    ) { $0.headers["x-hub-signature"] = "sha256=\(Hex.text($0.code($0.body)))" }
  }
}
