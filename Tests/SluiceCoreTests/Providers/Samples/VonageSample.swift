import Crypto
import SluiceCore
import SluiceTesting

extension ProviderSample {
  static let vonage = vonage(
    settings: "",
    webhooks: [
      Webhook(fixture: "vonage/text.json"), Webhook(fixture: "vonage/status-submitted.json"),
      Webhook(fixture: "vonage/status-delivered.json"),
      Webhook(fixture: "vonage/status-rejected.json"),
      Webhook(fixture: "vonage/sms-inbound.query", method: "GET", contentType: nil),
      Webhook(
        fixture: "vonage/sms-inbound.form", contentType: "application/x-www-form-urlencoded"),
      Webhook(
        fixture: "vonage/sms-receipt.form", contentType: "application/x-www-form-urlencoded"),
    ],
    answers: [
      (202, "vonage/send-accepted.json"), (422, "vonage/send-invalid.json"),
      (422, "vonage/send-parameters.json"), (429, "vonage/send-throttled.json"),
    ])

  /// An account of another kind.
  static func vonage(
    settings: String, webhooks: [Webhook] = [], answers: [(status: Int, fixture: String)] = []
  ) -> ProviderSample {
    ProviderSample(
      name: "vonage",
      settings: """
        api_key = "abcd1234"
        api_secret = "file:api_secret"
        signature_secret = "file:signature_secret"
        signature_method = "sha256"
        from = "+447700900000"
        \(settings)
        """,
      secrets: [
        "api_secret": "Abcdef0123456789", "signature_secret": "Vng3vQ9xYw7bTzR5mJ2h",
      ],
      webhooks: webhooks, answers: answers,
      request: { webhook, payload, secret in
        webhook.contentType == "application/json"
          ? vonageTokenRequest(payload, secret) : vonageSignedRequest(webhook, payload, secret)
      },
      webhookSecretName: "signature_secret", credentialName: "api_secret")
  }

  /// As the Messages API signs.
  private static func vonageTokenRequest(_ payload: [UInt8], _ secret: String) -> HTTPRequest {
    let token = TokenSigner.token(
      [
        "iat": .integer(now / 1_000), "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage", "payload_hash": TokenSigner.hash(payload), "api_key": "abcd1234",
        "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
      ], secret: secret)
    return HTTPRequest(
      method: "POST", path: "/sluice/demo/inbound",
      headers: ["content-type": "application/json", "authorization": "Bearer \(token)"],
      body: payload)
  }

  /// As the SMS API signs.
  private static func vonageSignedRequest(
    _ webhook: Webhook, _ payload: [UInt8], _ secret: String
  ) -> HTTPRequest {
    let fields = payload + Array("&timestamp=\(now / 1_000)&nonce=aaaaaaaa".utf8)
    let code = HMAC<SHA256>.authenticationCode(
      for: VonageSignature.text(of: FormBytes(fields)?.pairs ?? []),
      using: SymmetricKey(data: Array(secret.utf8)))
    let signed = fields + Array("&sig=\(Hex.text(code).uppercased())".utf8)
    let isGet = webhook.method == "GET"
    return HTTPRequest(
      method: webhook.method, path: "/sluice/demo/inbound",
      query: isGet ? String(decoding: signed, as: UTF8.self) : "",
      headers: webhook.contentType.map { ["content-type": $0] } ?? [:], body: isGet ? [] : signed)
  }
}
