import SluiceCore

extension ClickSend: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      username = "api-username"
      api_key = "file:api_key"
      webhook_secret = "file:webhook_secret"
      webhook_secret_previous = "file:webhook_secret_previous"
      from = "+61400000001"
      """,
    secrets: [
      "api_key": "api-password", "webhook_secret": "nCk3vQ9xYw7bTzR5mJ2h",
      "webhook_secret_previous": "oLd3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: [
      "inbound.form", "inbound.json", "inbound-strings.json", "inbound.query",
      "receipt-delivered.form", "receipt-temporary.form", "receipt-failed.form",
      "receipt-delivered.json",
    ].map { .init("clicksend/\($0)") },
    answers: [
      (200, "clicksend/send-success.json"), (200, "clicksend/send-invalid-recipient.json"),
      (200, "clicksend/send-throttled.json"), (401, "clicksend/send-unauthorized.json"),
      (429, "clicksend/send-too-many-requests.json"),
    ]
  ) { $0.query = "secret=\(FormFields.percent($0.secret))&\($0.query)" }
}
