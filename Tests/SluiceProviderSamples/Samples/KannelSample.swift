import SluiceCore

extension Kannel: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      url = "https://kannel.example/cgi-bin/sendsms"
      username = "sluice"
      password = "file:password"
      webhook_secret = "file:webhook_secret"
      webhook_secret_previous = "file:webhook_secret_previous"
      from = "12345"
      """,
    secrets: [
      "password": "sendsms-password", "webhook_secret": "kNl3vQ9xYw7bTzR5mJ2h",
      "webhook_secret_previous": "oLd3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: [
      "inbound", "inbound-recoded", "inbound-utf16", "inbound-binary", "inbound-courier",
      "report-delivered", "report-undelivered", "report-accepted", "report-refused",
    ].map { .init("kannel/\($0).query") },
    answers: [
      (202, "kannel/send-accepted.txt"), (202, "kannel/send-queued.txt"),
      (503, "kannel/send-later.txt"), (403, "kannel/send-unauthorized.txt"),
      (403, "kannel/send-not-routable.txt"), (400, "kannel/send-denied.txt"),
    ],
    credential: "password", countryCode: "263"
  ) { $0.query = "secret=\(FormFields.percent($0.secret))&\($0.query)" }
}
