import Crypto
import FoundationEssentials
import SluiceCore

extension ProviderSample {
  static let line = ProviderSample(
    name: "line",
    settings: """
      access_token = "file:access_token"
      channel_secret = "file:channel_secret"
      channel_secret_previous = "file:channel_secret_previous"
      """,
    secrets: [
      "access_token": "LiNeFakeAccessToken+/4711=", "channel_secret": "lIn3vQ9xYw7bTzR5mJ2h",
      "channel_secret_previous": "oLn3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: ["text", "location", "postback", "mixed"].map { Webhook(fixture: "line/\($0).json") },
    answers: [
      (200, "line/send-success.json"), (409, "line/send-repeated.json"),
      (400, "line/send-bad-request.json"), (429, "line/send-monthly-limit.json"),
      (401, "line/send-unauthorized.json"),
    ],
    request: { webhook, payload, secret in
      let key = SymmetricKey(data: Array(secret.utf8))
      let code = HMAC<SHA256>.authenticationCode(for: payload, using: key)
      return .webhook("x-line-signature", Data(code).base64EncodedString(), body: payload)
    },
    webhookSecretName: "channel_secret", credentialName: "access_token")
}
