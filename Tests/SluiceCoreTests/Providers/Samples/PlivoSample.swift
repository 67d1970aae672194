import SluiceCore

extension ProviderSample {
  static let plivo = ProviderSample(
    name: "plivo",
    settings: """
      auth_id = "MAXXXXXXXXXXXXXXXXXX"
      auth_token = "file:auth_token"
      from = "+46710000002"
      type = "mms"
      """,
    secrets: ["auth_token": "pVk3vQ9xYw7bTzR5mJ2hL8nC4pD6sF1gZ0aB3eWq"],
    webhooks: [
      plivoForm("sms"), plivoForm("mms"), plivoForm("status-sent"), plivoForm("status-delivered"),
      plivoForm("status-part-failed"),
      Webhook(fixture: "plivo/sms.query", method: "GET", contentType: nil),
    ],
    answers: [
      (202, "plivo/send-queued.json"), (400, "plivo/send-bad-request.json"),
      (401, "plivo/send-unauthorized.json"),
    ],
    request: { webhook, payload, secret in
      let isGet = webhook.method == "GET"
      let endpoint = webhook.fixture.contains("status") ? "status" : "inbound"
      // Which version an account gets is not for us to choose.
      let version: PlivoSignature.Version = webhook.fixture.contains("mms") ? .v2 : .v3
      var headers = webhook.contentType.map { ["content-type": $0] } ?? [:]
      func request() -> HTTPRequest {
        HTTPRequest(
          method: webhook.method, path: "/sluice/demo/\(endpoint)",
          query: isGet
            ? String(decoding: payload, as: UTF8.self)
            : endpoint == "status" ? "ref=01K7WPKZ3N8XQ4T6VDAF2B9C5E.1" : "",
          headers: headers, body: isGet ? [] : payload)
      }
      headers["x-plivo-signature-\(version)-nonce"] = "05429567804466091622"
      headers["x-plivo-signature-\(version)"] = PlivoSignature(token: Secret(secret.utf8))
        .value(
          version, for: request(), to: "\(channelURL)/\(endpoint)", nonce: "05429567804466091622")
      return request()
    },
    webhookSecretName: "auth_token", credentialName: "auth_token")

  private static func plivoForm(_ name: String) -> Webhook {
    Webhook(fixture: "plivo/\(name).form", contentType: "application/x-www-form-urlencoded")
  }
}
