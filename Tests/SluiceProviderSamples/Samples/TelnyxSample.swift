import Crypto
import FoundationEssentials
import SluiceCore

extension Telnyx: SampledProvider {
  /// Telnyx signs with a private key, which we never see: here one is made of the webhook secret.
  package static let sample = ProviderSample(
    name: name,
    settings: """
      api_key = "file:api_key"
      public_key = "\(publicKey("wHk3vQ9xYw7bTzR5mJ2h"))"
      from = "+46710000002"
      type = "mms"
      """,
    secrets: ["api_key": "KEY018f3vQ9xYw7bTzR5mJ2h", "signing_seed": "wHk3vQ9xYw7bTzR5mJ2h"],
    webhooks: [
      "sms", "mms", "status-sent", "status-delivered", "status-unconfirmed", "status-failed",
    ].map { .init("telnyx/\($0).json") },
    answers: [
      (200, "telnyx/send-queued.json"), (400, "telnyx/send-opted-out.json"),
      (401, "telnyx/send-unauthorized.json"), (429, "telnyx/send-too-many-requests.json"),
    ],
    webhookSecret: "signing_seed", signsTime: true
  ) { draft in
    let timestamp = "\(draft.now / 1_000)"
    let signed = Array("\(timestamp)|".utf8) + draft.body
    draft.headers["telnyx-timestamp"] = timestamp
    // Without a key there is no signature, and nothing is taken.
    draft.headers["telnyx-signature-ed25519"] =
      (try? key(draft.secret)?.signature(for: signed))?.base64EncodedString()
  }

  /// What the portal would show of the key that is made of `secret`.
  package static func publicKey(_ secret: String) -> String {
    key(secret)?.publicKey.rawRepresentation.base64EncodedString() ?? ""
  }

  private static func key(_ secret: String) -> Curve25519.Signing.PrivateKey? {
    try? Curve25519.Signing.PrivateKey(
      rawRepresentation: Array(SHA256.hash(data: Array(secret.utf8))))
  }
}
