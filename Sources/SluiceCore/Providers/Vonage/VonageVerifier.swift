/// Whether a webhook is Vonage's. Three proofs are known, and one is enough: the token of the Messages
/// API, the `sig` of the SMS API, and, where support has not switched that on, a secret in the URL.
struct VonageVerifier: Sendable {
  private let apiKey: String
  /// `nil`: webhooks are not signed.
  private let signatureSecret: Secret?
  private let method: VonageSignature.Method
  /// Of the URL, where that proves something.
  let webhookSecret: Secret?
  private let proof: Proof?
  private let mustVerify: Bool
  /// Milliseconds.
  private let window: Int64

  /// Milliseconds that a clock of Vonage's may be ahead of ours.
  private static let skew: Int64 = 300_000

  init?(settings: inout SettingsReader, apiKey: String?) {
    mustVerify = settings.mustVerify()
    method = settings.choice("signature_method", default: .md5hash)
    let hasSecret = settings.has("webhook_secret")
    webhookSecret = hasSecret ? settings.secret("webhook_secret", atLeast: 16) : nil
    signatureSecret =
      settings.has("signature_secret") || mustVerify && !hasSecret
      ? settings.secret("signature_secret", atLeast: 16) : nil
    // Vonage repeats a webhook for 24 hours, and does not say whether it signs it anew. What is sent
    // twice by somebody else is a duplicate by its ID.
    window =
      Int64(settings.number("replay_window_seconds", default: 90_000, in: 60...604_800) * 1_000)
    proof = webhookSecret.map(Proof.init)
    guard let apiKey, !mustVerify || signatureSecret != nil || proof != nil else { return nil }
    self.apiKey = apiKey
  }

  /// Where the SMS API sends receipts, with the secret if there is one.
  func statusURL(below channelURL: String?) -> String? {
    channelURL.map { url in
      url + "/status" + (webhookSecret.map { "?secret=" + FormFields.percent($0.exposed) } ?? "")
    }
  }

  func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    guard mustVerify else { return true }
    if let proof, proof.isProven(by: FormFields(request.query.utf8)?["secret"]) { return true }
    guard let signatureSecret else { return false }
    if let token = Proof.bearerToken(in: request) {
      // It vouches for a body, and for nothing that a query may say beside it.
      return request.method == "POST" && request.contentType == "application/json"
        && isAuthentic(token, signatureSecret, body: request.body, now: now)
    }
    let fields = VonageFields(request)
    return isFresh(fields["timestamp"].flatMap(Timestamp.milliseconds(ofSeconds:)), now)
      && VonageSignature.isValid(
        fields["sig"] ?? "", of: fields.signed, secret: signatureSecret, method: method)
  }

  /// Source: "Webhooks", "Validate signed webhooks". The token without its hash would prove nothing of
  /// the body.
  private func isAuthentic(
    _ text: String, _ secret: Secret, body: [UInt8], now: Int64
  ) -> Bool {
    guard let token = JSONWebToken(text, secret: secret, algorithms: [.hs256]) else { return false }
    let claims = token.claims
    if let expiry = claims["exp"] {
      guard let seconds = expiry.integer, seconds > now / 1_000 - Self.skew / 1_000 else {
        return false
      }
    }
    return claims["iss"]?.string == "Vonage"
      && claims["api_key"]?.string.map { $0.utf8.elementsEqual(apiKey.utf8) } ?? false
      && isFresh(claims["iat"]?.integer.flatMap { Self.milliseconds($0) }, now)
      && claims["payload_hash"]?.isHash(of: body) ?? false
  }

  private func isFresh(_ time: Int64?, _ now: Int64) -> Bool {
    time.map { (now - window...now + Self.skew).contains($0) } ?? false
  }

  private static func milliseconds(_ seconds: Int64) -> Int64? {
    (0...99_999_999_999).contains(seconds) ? seconds * 1_000 : nil
  }
}
