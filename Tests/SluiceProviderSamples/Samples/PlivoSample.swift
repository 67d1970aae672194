import SluiceCore

extension Plivo: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      auth_id = "MAXXXXXXXXXXXXXXXXXX"
      auth_token = "file:auth_token"
      from = "+46710000002"
      type = "mms"
      """,
    secrets: ["auth_token": "pVk3vQ9xYw7bTzR5mJ2hL8nC4pD6sF1gZ0aB3eWq"],
    webhooks: [
      "sms.form", "mms.form", "status-sent.form", "status-delivered.form",
      "status-part-failed.form", "sms.query",
    ].map { .init("plivo/\($0)") },
    answers: [
      (202, "plivo/send-queued.json"), (400, "plivo/send-bad-request.json"),
      (401, "plivo/send-unauthorized.json"),
    ],
    webhookSecret: "auth_token", credential: "auth_token"
  ) { draft in
    if draft.url.hasSuffix("/status") { draft.query = "ref=01K7WPKZ3N8XQ4T6VDAF2B9C5E.1" }
    // Which version an account gets is not for us to choose; the older one signs no fields.
    let version: PlivoSignature.Version = draft.fixture.contains("mms") ? .v2 : .v3
    let nonce = "05429567804466091622"
    draft.headers["x-plivo-signature-\(version)-nonce"] = nonce
    draft.headers["x-plivo-signature-\(version)"] = PlivoSignature(
      token: Secret(draft.secret.utf8)
    ).value(version, for: draft.request, to: draft.url, nonce: nonce)
  }
}
