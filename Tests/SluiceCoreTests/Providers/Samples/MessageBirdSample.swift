import Crypto
import Foundation
import SluiceCore
import SluiceTesting

extension ProviderSample {
  private static let form = "application/x-www-form-urlencoded"

  static let messageBird = ProviderSample(
    name: "messagebird",
    settings: """
      access_key = "file:access_key"
      originator = "+46710000002"
      signing_key = "file:signing_key"
      """,
    secrets: [
      "access_key": "test_gshuPaZoeEG6ovbc8M79w0QyM", "signing_key": "MsG3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: [
      Webhook(fixture: "messagebird/inbound.form", contentType: form),
      Webhook(fixture: "messagebird/inbound.query", method: "GET", contentType: nil),
      Webhook(fixture: "messagebird/short-code.form", contentType: form),
      Webhook(fixture: "messagebird/mms.form", contentType: form),
      Webhook(fixture: "messagebird/report-sent.query", method: "GET", contentType: nil),
      Webhook(fixture: "messagebird/report-delivered.query", method: "GET", contentType: nil),
      Webhook(fixture: "messagebird/report-failed.query", method: "GET", contentType: nil),
    ],
    answers: [
      (201, "messagebird/send-accepted.json"), (422, "messagebird/send-invalid.json"),
      (422, "messagebird/send-no-credit.json"), (401, "messagebird/send-unauthorized.json"),
    ],
    request: { webhook, payload, secret in
      let isGet = webhook.method == "GET"
      let query = isGet ? String(decoding: payload, as: UTF8.self) : ""
      let url =
        "https://sluice.example.com/sluice/demo/inbound" + (query.isEmpty ? "" : "?" + query)
      let hasBody = !isGet && !payload.isEmpty
      let token = TokenSigner.token(
        .object(present: [
          ("iss", "MessageBird"), ("nbf", .integer(now / 1_000)),
          ("exp", .integer(now / 1_000 + 60)), ("jti", "5d6e8b8a-58a6-4a0e-9d7f-2f8b1f7f0a11"),
          ("url_hash", TokenSigner.hash(Array(url.utf8))),
          ("payload_hash", hasBody ? TokenSigner.hash(payload) : nil),
        ]), secret: secret)
      var headers = ["messagebird-signature-jwt": token]
      headers["content-type"] = webhook.contentType
      return HTTPRequest(
        method: webhook.method, path: "/sluice/demo/inbound", query: query, headers: headers,
        body: isGet ? [] : payload)
    },
    webhookSecretName: "signing_key", credentialName: "access_key")

  /// Bird's Channels.
  static let birdChannels = ProviderSample(
    name: "messagebird",
    settings: """
      api = "channels"
      access_key = "file:access_key"
      workspace_id = "w1"
      channel_id = "8b3d1c2a-0000-4000-8000-000000000002"
      signing_key = "file:signing_key"
      """,
    secrets: messageBird.secrets, webhooks: [], answers: [],
    request: { _, payload, secret in
      let timestamp = String(now / 1_000)
      let text =
        Data("\(timestamp)\nhttps://sluice.example.com/sluice/demo/inbound\n".utf8)
        + Data(SHA256.hash(data: payload))
      let code = HMAC<SHA256>.authenticationCode(
        for: text, using: SymmetricKey(data: Array(secret.utf8)))
      return HTTPRequest(
        method: "POST", path: "/sluice/demo/inbound",
        headers: [
          "content-type": "application/json", "messagebird-request-timestamp": timestamp,
          "messagebird-signature": Data(code).base64EncodedString(),
        ], body: payload)
    }, webhookSecretName: "signing_key", credentialName: "access_key")

  /// Bird's API v1.
  static let bird = ProviderSample(
    name: "messagebird",
    settings: """
      api = "bird"
      api_key = "file:api_key"
      from = "+46710000002"
      base_url = "https://eu1.platform.bird.example"
      signing_key = "file:signing_key"
      """,
    secrets: [
      "api_key": "bk_eu1_0123456789",
      "signing_key": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    ], webhooks: [], answers: [],
    request: { _, payload, secret in
      let timestamp = String(now / 1_000)
      let key = Data(base64Encoded: String(secret.dropFirst(6))) ?? Data()
      let code = HMAC<SHA256>.authenticationCode(
        for: Data("msg_01.\(timestamp).".utf8) + Data(payload), using: SymmetricKey(data: key))
      return HTTPRequest(
        method: "POST", path: "/sluice/demo/inbound",
        headers: [
          "content-type": "application/json", "webhook-id": "msg_01",
          "webhook-timestamp": timestamp,
          "webhook-signature": "v1,AAAA v1,\(Data(code).base64EncodedString())",
        ], body: payload)
    }, webhookSecretName: "signing_key")
}
