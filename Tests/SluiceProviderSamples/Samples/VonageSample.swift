import SluiceCore

extension Vonage: SampledProvider {
  package static let sample = account(settings: "")

  /// An account of another kind.
  package static func account(settings: String) -> ProviderSample {
    ProviderSample(
      name: name,
      settings: """
        api_key = "abcd1234"
        api_secret = "file:api_secret"
        signature_secret = "file:signature_secret"
        signature_method = "sha256"
        from = "+447700900000"
        \(settings)
        """,
      secrets: [
        "api_secret": "Abcdef0123456789", "signature_secret": "Vng3vQ9xYw7bTzR5mJ2h",
      ],
      webhooks: [
        "text.json", "status-submitted.json", "status-delivered.json", "status-rejected.json",
        "sms-inbound.query", "sms-inbound.form", "sms-receipt.form",
      ].map { .init("vonage/\($0)") },
      answers: [
        (202, "vonage/send-accepted.json"), (422, "vonage/send-invalid.json"),
        (422, "vonage/send-parameters.json"), (429, "vonage/send-throttled.json"),
      ],
      webhookSecret: "signature_secret", credential: "api_secret", signsTime: true,
      handshake: .init(query: "", answer: "")
    ) { $0.headers["content-type"] == "application/json" ? signToken(&$0) : signFields(&$0) }
  }

  /// As the Messages API signs.
  private static func signToken(_ draft: inout WebhookDraft) {
    let token = TokenSigner.token(
      [
        "iat": .integer(draft.now / 1_000), "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage", "payload_hash": TokenSigner.hash(draft.body), "api_key": "abcd1234",
        "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
      ], secret: draft.secret)
    draft.headers["authorization"] = "Bearer \(token)"
  }

  /// As the SMS API signs.
  private static func signFields(_ draft: inout WebhookDraft) {
    let isGet = draft.method == "GET"
    let fields =
      (isGet ? Array(draft.query.utf8) : draft.body)
      + Array("&timestamp=\(draft.now / 1_000)&nonce=aaaaaaaa".utf8)
    let code = draft.code(VonageSignature.text(of: FormBytes(fields)?.pairs ?? []))
    let signed = fields + Array("&sig=\(Hex.text(code).uppercased())".utf8)
    if isGet { draft.query = String(decoding: signed, as: UTF8.self) } else { draft.body = signed }
  }
}
