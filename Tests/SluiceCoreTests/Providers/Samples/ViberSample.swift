import Crypto
import SluiceCore

extension ProviderSample {
  static let viber = ProviderSample(
    name: "viber",
    settings: """
      auth_token = "file:auth_token"
      sender_name = "Support"
      """,
    secrets: ["auth_token": "44DAfb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"],
    webhooks: ["text", "contact", "picture", "delivered", "seen", "failed"].map {
      Webhook(fixture: "viber/\($0).json")
    },
    answers: [
      (200, "viber/send-success.json"), (200, "viber/send-not-subscribed.json"),
      (200, "viber/send-bad-token.json"), (200, "viber/send-too-many.json"),
    ],
    request: { webhook, payload, secret in
      let key = SymmetricKey(data: Array(secret.utf8))
      let code = HMAC<SHA256>.authenticationCode(for: payload, using: key)
      return .webhook("x-viber-content-signature", Hex.text(code), body: payload)
    },
    webhookSecretName: "auth_token", credentialName: "auth_token")
}
