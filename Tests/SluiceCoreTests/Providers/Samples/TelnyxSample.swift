import Crypto
import FoundationEssentials
import SluiceCore

extension ProviderSample {
  /// Telnyx signs with a private key, which we never see: here one is made of the webhook secret.
  static let telnyx = ProviderSample(
    name: "telnyx",
    settings: """
      api_key = "file:api_key"
      public_key = "\(telnyxKey("wHk3vQ9xYw7bTzR5mJ2h").publicKey.rawRepresentation.base64EncodedString())"
      from = "+46710000002"
      type = "mms"
      """,
    secrets: ["api_key": "KEY018f3vQ9xYw7bTzR5mJ2h", "signing_seed": "wHk3vQ9xYw7bTzR5mJ2h"],
    webhooks: [
      Webhook(fixture: "telnyx/sms.json"), Webhook(fixture: "telnyx/mms.json"),
      Webhook(fixture: "telnyx/status-sent.json"), Webhook(fixture: "telnyx/status-delivered.json"),
      Webhook(fixture: "telnyx/status-unconfirmed.json"),
      Webhook(fixture: "telnyx/status-failed.json"),
    ],
    answers: [
      (200, "telnyx/send-queued.json"), (400, "telnyx/send-opted-out.json"),
      (401, "telnyx/send-unauthorized.json"), (429, "telnyx/send-too-many-requests.json"),
    ],
    request: { webhook, payload, secret in
      let timestamp = "\(now / 1_000)"
      // Signing fails only where there is no randomness; then there is no signature either.
      let signature = try? telnyxKey(secret).signature(for: Array("\(timestamp)|".utf8) + payload)
      return HTTPRequest(
        method: "POST", path: "/sluice/demo/inbound",
        headers: [
          "content-type": "application/json", "telnyx-timestamp": timestamp,
          "telnyx-signature-ed25519": signature?.base64EncodedString() ?? "",
        ], body: payload)
    },
    webhookSecretName: "signing_seed")

  private static func telnyxKey(_ secret: String) -> Curve25519.Signing.PrivateKey {
    let seed = SHA256.hash(data: Array(secret.utf8))
    return try! Curve25519.Signing.PrivateKey(rawRepresentation: Array(seed))
  }
}
