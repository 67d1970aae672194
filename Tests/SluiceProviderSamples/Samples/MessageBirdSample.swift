import Crypto
import FoundationEssentials
import SluiceCore

extension MessageBird: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      access_key = "file:access_key"
      originator = "+46710000002"
      signing_key = "file:signing_key"
      """,
    secrets: [
      "access_key": "test_gshuPaZoeEG6ovbc8M79w0QyM", "signing_key": "MsG3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: [
      "inbound.form", "inbound.query", "short-code.form", "mms.form", "report-sent.query",
      "report-delivered.query", "report-failed.query",
    ].map { .init("messagebird/\($0)") },
    answers: [
      (201, "messagebird/send-accepted.json"), (422, "messagebird/send-invalid.json"),
      (422, "messagebird/send-no-credit.json"), (401, "messagebird/send-unauthorized.json"),
    ],
    webhookSecret: "signing_key", credential: "access_key", signsTime: true
  ) { draft in
    draft.headers["messagebird-signature-jwt"] = TokenSigner.token(
      .object(present: [
        ("iss", "MessageBird"), ("nbf", .integer(draft.now / 1_000)),
        ("exp", .integer(draft.now / 1_000 + 60)), ("jti", "5d6e8b8a-58a6-4a0e-9d7f-2f8b1f7f0a11"),
        ("url_hash", TokenSigner.hash(Array(draft.wholeURL.utf8))),
        ("payload_hash", draft.body.isEmpty ? nil : TokenSigner.hash(draft.body)),
      ]), secret: draft.secret)
  }

  package static let samples = [sample, birdChannels, bird]

  /// Bird's Channels.
  package static let birdChannels = ProviderSample(
    name: name, label: "messagebird-channels",
    settings: """
      api = "channels"
      access_key = "file:access_key"
      workspace_id = "w1"
      channel_id = "8b3d1c2a-0000-4000-8000-000000000002"
      signing_key = "file:signing_key"
      """,
    secrets: sample.secrets,
    webhooks: ["channels-inbound", "channels-delivered"].map { .init("messagebird/\($0).json") },
    answers: [(401, "messagebird/send-unauthorized.json")],
    webhookSecret: "signing_key", credential: "access_key", carriesReference: false,
    signsTime: true
  ) { draft in
    let timestamp = String(draft.now / 1_000)
    let code = draft.code(
      Array("\(timestamp)\n\(draft.url)\n".utf8) + Array(SHA256.hash(data: draft.body)))
    draft.headers["messagebird-request-timestamp"] = timestamp
    draft.headers["messagebird-signature"] = code.base64EncodedString()
  }

  /// Bird's API v1.
  package static let bird = ProviderSample(
    name: name, label: "messagebird-bird",
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
    ],
    webhooks: ["bird-received", "bird-failed"].map { .init("messagebird/\($0).json") },
    answers: [
      (202, "messagebird/bird-send-accepted.json"), (400, "messagebird/bird-send-invalid.json"),
    ],
    webhookSecret: "signing_key", signsTime: true
  ) { draft in
    let timestamp = String(draft.now / 1_000)
    let key = Data(base64Encoded: String(draft.secret.dropFirst(6))) ?? Data()
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("msg_01.\(timestamp).".utf8) + Data(draft.body), using: SymmetricKey(data: key))
    draft.headers["webhook-id"] = "msg_01"
    draft.headers["webhook-timestamp"] = timestamp
    draft.headers["webhook-signature"] = "v1,AAAA v1,\(Data(code).base64EncodedString())"
  }
}
