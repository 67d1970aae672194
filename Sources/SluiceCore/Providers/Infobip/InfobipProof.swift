/// How a webhook proves that it is Infobip's: by a secret in its URL, by Basic authentication, or by an
/// HMAC of its body.
struct InfobipProof: Sendable {
  private let way: Way
  /// Empty where there is none.
  let secret: Secret
  private let proof: Proof
  private let user: String
  private let signature: InfobipSignature

  private enum Way: String, CaseIterable { case url, basic, hmac }

  /// `verify = "none"`.
  let believesAnybody: Bool

  init?(settings: inout SettingsReader) {
    way = settings.choice("proof", default: .url)
    believesAnybody = !settings.mustVerify()
    let user =
      way == .basic || settings.has("webhook_user")
      ? settings.string("webhook_user", example: "infobip") : ""
    let header =
      way == .hmac || settings.has("signature_header")
      ? settings.string("signature_header", example: "X-Hub-Signature") : ""
    signature = InfobipSignature(
      header: header ?? "",
      prefix: settings.optionalString("signature_prefix", example: "sha256=") ?? "",
      algorithm: settings.choice("signature_algorithm", default: .sha256),
      encoding: settings.choice("signature_encoding", default: .hex))
    let isNeeded = !believesAnybody || settings.has("webhook_secret")
    let secret = isNeeded ? settings.secret("webhook_secret", atLeast: 16) : Secret([])
    guard let user, header != nil, let secret else { return nil }
    self.user = user
    self.secret = secret
    proof = Proof(of: secret)
  }

  /// Where Infobip is asked to send a message's reports; `nil` where a subscription says so, which alone
  /// can sign them.
  func reportURL(below channelURL: String?) -> String? {
    guard way == .url, let channelURL else { return nil }
    let query = secret.bytes.isEmpty ? "" : "?secret=\(FormFields.percent(secret.exposed))"
    return "\(channelURL)/status\(query)"
  }

  func isAuthentic(_ request: HTTPRequest) -> Bool {
    guard !believesAnybody else { return true }
    switch way {
    case .url:
      return proof.isProven(by: FormFields(request.query.utf8)?["secret"])
    case .basic:
      let credentials = Proof.basicCredentials(in: request)
      let isPassword = proof.isProven(by: credentials?.password)
      return isPassword && credentials?.user.utf8.elementsEqual(user.utf8) ?? false
    case .hmac:
      return signature.isValid(
        request.headers[signature.header] ?? "", of: request.body, secret: secret)
    }
  }
}
