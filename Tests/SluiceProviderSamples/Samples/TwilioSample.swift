import SluiceCore

extension Twilio: SampledProvider {
  /// A WhatsApp sender; what differs for SMS and MMS is in `TwilioTests`.
  package static let sample = ProviderSample(
    name: name,
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
      "sms.form", "mms.form", "whatsapp-audio.form", "whatsapp-location.form",
      "whatsapp-button.form", "whatsapp-hidden-number.form", "status-delivered.form",
      "status-undelivered.form", "status-whatsapp-read.form", "status-whatsapp-failed.form",
      "sms.query",
    ].map { .init("twilio/\($0)") },
    answers: [
      (201, "twilio/send-queued.json"), (400, "twilio/send-invalid-number.json"),
      (400, "twilio/send-opted-out.json"), (401, "twilio/send-unauthorized.json"),
      (429, "twilio/send-too-many-requests.json"),
    ],
    webhookSecret: "auth_token", credential: "api_key_secret"
  ) { draft in
    if draft.url.hasSuffix("/status") { draft.query = "ref=01K7WPKZ3N8XQ4T6VDAF2B9C5E.1" }
    if draft.method == "POST" { draft.headers["content-type"]? += "; charset=UTF-8" }
    draft.headers["x-twilio-signature"] = TwilioSignature(tokens: [Secret(draft.secret.utf8)])
      .value(for: draft.request, to: draft.url)
  }
}
