import SluiceCore

extension Viber: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      auth_token = "file:auth_token"
      sender_name = "Support"
      """,
    secrets: ["auth_token": "44DAfb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"],
    webhooks: ["text", "contact", "picture", "delivered", "seen", "failed"].map {
      .init("viber/\($0).json")
    },
    answers: [
      (200, "viber/send-success.json"), (200, "viber/send-not-subscribed.json"),
      (200, "viber/send-bad-token.json"), (200, "viber/send-too-many.json"),
    ],
    webhookSecret: "auth_token", credential: "auth_token"
  ) { $0.headers["x-viber-content-signature"] = Hex.text($0.code($0.body)) }
}
