import SluiceCore

extension ProviderSample {
  /// A WhatsApp sender; what differs for SMS and MMS is in `TwilioTests`.
  static let twilio = ProviderSample(
    name: "twilio",
    settings: """
      account_sid = "AC00112233445566778899aabbccddeeff"
      auth_token = "file:auth_token"
      api_key_sid = "SK00112233445566778899aabbccddeeff"
      api_key_secret = "file:api_key_secret"
      from = "whatsapp:+447700900456"
      """,
    secrets: [
      "auth_token": "7F3c1a9bE04d4c55a2d86f0e91b7c3aa",
      "api_key_secret": "tWk3vQ9xYw7bTzR5mJ2hL8nC4pD6sF1g",
    ],
    webhooks: [
      twilioForm("sms.form"), twilioForm("mms.form"), twilioForm("whatsapp-audio.form"),
      twilioForm("whatsapp-location.form"), twilioForm("whatsapp-button.form"),
      twilioForm("whatsapp-hidden-number.form"), twilioForm("status-delivered.form"),
      twilioForm("status-undelivered.form"), twilioForm("status-whatsapp-read.form"),
      twilioForm("status-whatsapp-failed.form"),
      Webhook(fixture: "twilio/sms.query", method: "GET", contentType: nil),
    ],
    answers: [
      (201, "twilio/send-queued.json"), (400, "twilio/send-invalid-number.json"),
      (400, "twilio/send-opted-out.json"), (401, "twilio/send-unauthorized.json"),
      (429, "twilio/send-too-many-requests.json"),
    ],
    request: { webhook, payload, secret in
      let isGet = webhook.method == "GET"
      let endpoint = webhook.fixture.contains("status") ? "status" : "inbound"
      var headers = webhook.contentType.map { ["content-type": $0] } ?? [:]
      func request() -> HTTPRequest {
        HTTPRequest(
          method: webhook.method, path: "/sluice/demo/\(endpoint)",
          query: isGet
            ? String(decoding: payload, as: UTF8.self)
            : endpoint == "status" ? "ref=01K7WPKZ3N8XQ4T6VDAF2B9C5E.1" : "",
          headers: headers, body: isGet ? [] : payload)
      }
      headers["x-twilio-signature"] = TwilioSignature(tokens: [Secret(secret.utf8)])
        .value(for: request(), to: "\(channelURL)/\(endpoint)")
      return request()
    },
    webhookSecretName: "auth_token", credentialName: "api_key_secret")

  private static func twilioForm(_ name: String) -> Webhook {
    Webhook(
      fixture: "twilio/\(name)", contentType: "application/x-www-form-urlencoded; charset=UTF-8")
  }
}
