import Crypto
import SluiceCore

extension ProviderSample {
  static let whatsAppCloud = ProviderSample(
    name: "whatsapp_cloud",
    settings: """
      phone_number_id = "106540352242922"
      access_token = "file:access_token"
      app_secret = "file:app_secret"
      app_secret_previous = "file:app_secret_previous"
      verify_token = "file:verify_token"
      """,
    secrets: [
      "access_token": "EAAGm0PX4ZCpsBAFakeToken", "app_secret": "wAp3vQ9xYw7bTzR5mJ2h",
      "app_secret_previous": "oWp3vQ9xYw7bTzR5mJ2h", "verify_token": "vRf3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: ["text", "image", "button", "batch", "echo", "statuses", "status-failed"].map {
      Webhook(fixture: "whatsapp_cloud/\($0).json")
    },
    answers: [
      (200, "whatsapp_cloud/send-success.json"), (400, "whatsapp_cloud/send-not-allowed.json"),
      (429, "whatsapp_cloud/send-throttled.json"),
      (401, "whatsapp_cloud/send-expired-token.json"),
    ],
    request: { webhook, payload, secret in
      let key = SymmetricKey(data: Array(secret.utf8))
      let code = HMAC<SHA256>.authenticationCode(for: payload, using: key)
      return .webhook("x-hub-signature-256", "sha256=\(Hex.text(code))", body: payload)
    },
    webhookSecretName: "app_secret", credentialName: "access_token")
}
