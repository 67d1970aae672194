import SluiceCore

extension SandboxProvider: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      url = "https://sandbox.example/provider"
      api_key = "file:api_key"
      webhook_secret = "file:webhook_secret"
      """,
    secrets: ["api_key": "sandbox-key-4711", "webhook_secret": "sAn3vQ9xYw7bTzR5mJ2h"],
    webhooks: ["messages", "statuses"].map { .init("sandbox/\($0).json") },
    mixed: """
      {"events":[{"id":"e1","type":"message","from":"+60100000001","text":"a"},
        {"id":"e2","type":"odd"}]}
      """,
    answers: [(200, "sandbox/send-accepted.json"), (422, "sandbox/send-rejected.json")]
  ) { $0.headers["x-sandbox-signature"] = "sha256=\(Hex.text($0.code($0.body)))" }
}
