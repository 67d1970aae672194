import Crypto

/// WhatsApp Cloud API: one number of a WhatsApp Business Account, by Meta's Graph API. Source:
/// https://developers.facebook.com/docs/whatsapp/cloud-api.
package struct WhatsAppCloud: Provider {
  package static let name = "whatsapp_cloud"

  /// What Meta documents as characters counts in UTF-16 units here: never more than it takes. A label
  /// is that of a list's row; shorter ones are buttons, up to three (``WhatsAppMessage``).
  package let limits = PartLimits(
    text: .utf16(maximum: 4_096),
    media: PartLimits.Media(
      kinds: [.image, .video, .audio, .file], captions: .utf16(maximum: 1_024),
      withoutCaption: [.audio]),
    takesLocation: true,
    replies: PartLimits.Replies(
      maximum: 10, label: .utf16(maximum: 24), title: .utf16(maximum: 1_024)))

  /// Of a number by default ("Throughput").
  package let defaultRate: Double? = 80

  private let phoneNumberID: String
  private let accessToken: Secret
  /// What `verify_token` is in the app's settings; proves the handshake, and nothing else.
  private let verifyProof: Proof
  /// `nil`: nobody has to prove anything.
  private let signature: BodySignature?
  /// Proves to Meta that a call is the app's own; `nil` without the app's secret.
  private let appSecretProof: Secret?
  /// The Graph API's address, with the version.
  private let baseURL: String
  /// What stands on the button that opens a list.
  private let listButton: String

  package init?(settings: inout SettingsReader) {
    let phoneNumberID = settings.string("phone_number_id", example: "106540352242922")
    let accessToken = settings.secret("access_token", atLeast: 16)
    let verifyToken = settings.secret("verify_token", atLeast: 16)
    let mustVerify = settings.mustVerify()
    let appSecret = mustVerify ? settings.secret("app_secret", atLeast: 16) : nil
    let previous =
      mustVerify && settings.has("app_secret_previous")
      ? settings.secret("app_secret_previous", atLeast: 16) : nil
    let version = settings.optionalString("api_version", example: "v25.0") ?? "v25.0"
    let baseURL = settings.url(
      "base_url", example: "https://graph.facebook.com", default: "https://graph.facebook.com")
    listButton = settings.optionalString("list_button", example: "Options") ?? "Options"
    if listButton.utf16.count > 20 {
      settings.problem("list_button", "WhatsApp shows at most 20 characters. Write a shorter word.")
    }
    if !Self.isVersion(version) {
      settings.problem(
        "api_version", "This is no version of the Graph API. Write it like \"v25.0\".")
    }
    if let phoneNumberID, !phoneNumberID.isDigits {
      settings.problem(
        "phone_number_id",
        "This is not a Phone number ID, which has only digits, and is not the number itself."
          + " Copy it from the app's page WhatsApp, API Setup.")
    }
    guard settings.problems.isEmpty, let phoneNumberID, let accessToken, let verifyToken,
      let baseURL, appSecret != nil || !mustVerify
    else { return nil }
    self.phoneNumberID = phoneNumberID
    self.accessToken = accessToken
    verifyProof = Proof(of: verifyToken)
    signature = appSecret.map { BodySignature([$0] + (previous.map { [$0] } ?? [])) }
    appSecretProof = appSecret.map { Self.proof(of: accessToken, by: $0) }
    self.baseURL = "\(baseURL.droppingSuffix("/"))/\(version)"
  }

  private static func isVersion(_ text: String) -> Bool {
    let numbers = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.first == UInt8(ascii: "v") && numbers.count == 2
      && numbers.allSatisfy { String($0).isDigits }
  }

  /// Source: https://developers.facebook.com/docs/graph-api/guides/secure-requests.
  private static func proof(of token: Secret, by appSecret: Secret) -> Secret {
    let key = SymmetricKey(data: appSecret.bytes)
    return Secret(
      Hex.text(HMAC<SHA256>.authenticationCode(for: token.bytes, using: key)).utf8)
  }

  // MARK: - Webhooks

  package let webhookMethods = ["POST", "GET"]

  /// Meta asks once, when the webhook's URL is saved.
  package func handshake(_ request: HTTPRequest) throws(WebhookError) -> HTTPResponse? {
    guard request.method == "GET", let query = FormFields(request.query.utf8),
      let mode = query["hub.mode"]
    else { return nil }
    guard verifyProof.isProven(by: query["hub.verify_token"]),
      mode.utf8.elementsEqual("subscribe".utf8), let challenge = query["hub.challenge"]
    else { throw .unauthenticated }
    return HTTPResponse(status: 200, text: challenge)
  }

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    request.method == "POST"
      && signature?.isProven(by: Self.signature(in: request), of: request.body) ?? true
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    // Meta puts up to a thousand updates into one webhook, of some 20 members each; nobody else may.
    let json = try request.jsonObject(
      maximumKeys: signature == nil ? JSONReader.maximumKeys : 50_000)
    return try WhatsAppWebhook(json, phoneNumberID: phoneNumberID).events()
  }

  /// The bytes of `X-Hub-Signature-256`; `nil` where it is missing or malformed.
  private static func signature(in request: HTTPRequest) -> [UInt8]? {
    guard let header = request.headers["x-hub-signature-256"], header.hasPrefix("sha256=")
    else { return nil }
    return Hex.bytes(header.dropFirst(7))
  }

  // MARK: - Media

  package let hasPrivateMedia = true

  package func route(toMedia reference: String) -> MediaRoute? {
    guard WhatsAppContent.isMediaID(reference) else { return nil }
    let url = "\(baseURL)/\(reference)?phone_number_id=\(phoneNumberID)"
    return .locator(
      HTTPCall(
        method: "GET", url: url + (proofParameter.map { "&\($0)" } ?? ""),
        headers: [authorization]))
  }

  /// The address lives for five minutes, and wants the access token as well.
  package func call(fetchingMediaLocatedBy response: HTTPResponse) -> HTTPCall? {
    guard response.status == 200,
      let url = (try? JSONReader.read(response.body))?["url"]?.string, isMetas(url)
    else { return nil }
    return HTTPCall(method: "GET", url: url, headers: [authorization])
  }

  /// Whether the access token may be shown there.
  private func isMetas(_ url: String) -> Bool {
    guard url.utf8.count <= 4_096, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return false }
    if url.hasPrefix(baseURL + "/") { return true }
    guard url.hasPrefix("https://") else { return false }
    let host = url.dropFirst(8).prefix { $0 != "/" }
    return ["fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net"].contains { domain in
      host == domain || host.hasSuffix("." + domain)
    } && host.utf8.allSatisfy { $0.isTokenCharacter || $0 == UInt8(ascii: ".") }
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let message = WhatsAppMessage(part, listButton: listButton)
    return HTTPCall(
      url: "\(baseURL)/\(phoneNumberID)/messages" + (proofParameter.map { "?\($0)" } ?? ""),
      headers: [authorization, ("content-type", "application/json")],
      body: JSON.object([
        JSON.Member("messaging_product", "whatsapp"), JSON.Member("recipient_type", "individual"),
        WhatsAppContact.recipient(contact), JSON.Member("type", .string(message.type)),
        JSON.Member(message.type, message.content),
        // Comes back in statuses: tells what became of a send whose answer was lost.
        JSON.Member("biz_opaque_callback_data", .string(reference)),
      ]).bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    WhatsAppAnswer(response, hiding: accessToken).outcome
  }

  private var authorization: (name: String, value: String) {
    ("authorization", "Bearer \(accessToken.exposed)")
  }

  private var proofParameter: String? { appSecretProof.map { "appsecret_proof=\($0.exposed)" } }
}
