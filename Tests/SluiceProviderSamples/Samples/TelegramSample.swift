import SluiceCore

extension Telegram: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      bot_token = "file:bot_token"
      webhook_secret = "file:webhook_secret"
      """,
    secrets: [
      "bot_token": "700000001:AAfakeTokenOfNobody_4711-xyz",
      "webhook_secret": "tGm3vQ9xYw7bTzR5mJ2h-_",
    ],
    webhooks: [
      "text", "photo", "callback", "edited", "animation", "document", "voice", "venue", "contact",
    ].map { .init("telegram/\($0).json") },
    answers: [
      (200, "telegram/send-success.json"), (429, "telegram/send-throttled.json"),
      (403, "telegram/send-blocked.json"), (400, "telegram/send-chat-not-found.json"),
      (401, "telegram/send-unauthorized.json"),
    ],
    credential: "bot_token", hasSecretInURL: true, carriesReference: false
  ) { $0.headers["x-telegram-bot-api-secret-token"] = $0.secret }
}
