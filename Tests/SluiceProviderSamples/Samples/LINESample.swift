import SluiceCore

extension LINE: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      access_token = "file:access_token"
      channel_secret = "file:channel_secret"
      channel_secret_previous = "file:channel_secret_previous"
      """,
    secrets: [
      "access_token": "LiNeFakeAccessToken+/4711=", "channel_secret": "lIn3vQ9xYw7bTzR5mJ2h",
      "channel_secret_previous": "oLn3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: ["text", "location", "postback", "mixed"].map { .init("line/\($0).json") },
    mixed: """
      {"events":[{"type":"message","webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","mode":"active",
        "source":{"type":"user","userId":"U4af4980629"},
        "message":{"id":"1","type":"text","text":"a"}},{"mode":"active"}]}
      """,
    answers: [
      (200, "line/send-success.json"), (409, "line/send-repeated.json"),
      (400, "line/send-bad-request.json"), (429, "line/send-monthly-limit.json"),
      (401, "line/send-unauthorized.json"),
    ],
    webhookSecret: "channel_secret", credential: "access_token"
  ) { $0.headers["x-line-signature"] = $0.code($0.body).base64EncodedString() }
}
