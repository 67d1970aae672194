import FoundationEssentials

/// LINE Messaging API: one Official Account, its one-to-one chats, groups and rooms. Sources:
/// https://developers.line.biz/en/reference/messaging-api, `line/line-openapi: messaging-api.yml`,
/// `webhook.yml`.
package struct LINE: Provider {
  package static let name = "line"

  /// Texts count in UTF-16 units, labels in grapheme clusters, of which no text has more than scalars.
  package let limits: PartLimits

  /// A push carries a retry key, by which LINE drops a repeat for 24 hours.
  package let isIdempotent = true
  /// Of pushes ("Rate limits").
  package let defaultRate: Double? = 2_000

  private let accessToken: Secret
  /// `nil`: nobody has to prove anything.
  private let signature: BodySignature?
  private let baseURL: String
  /// Where media is fetched.
  private let contentURL: String
  /// The picture LINE shows in place of a video that does not play yet, which it cannot do without.
  private let videoPreviewURL: String?

  package init?(settings: inout SettingsReader) {
    let accessToken = settings.secret("access_token", atLeast: 16)
    let mustVerify = settings.mustVerify()
    let secret = mustVerify ? settings.secret("channel_secret", atLeast: 16) : nil
    let previous =
      mustVerify && settings.has("channel_secret_previous")
      ? settings.secret("channel_secret_previous", atLeast: 16) : nil
    let baseURL = settings.url(
      "base_url", example: "https://api.line.me", default: "https://api.line.me")
    let contentURL = settings.url(
      "content_url", example: "https://api-data.line.me", default: "https://api-data.line.me")
    videoPreviewURL =
      settings.has("video_preview_url")
      ? settings.url("video_preview_url", example: "https://www.example.com/play.jpg") : nil
    guard settings.problems.isEmpty, let accessToken, let baseURL, let contentURL,
      secret != nil || !mustVerify
    else { return nil }
    self.accessToken = accessToken
    signature = secret.map { BodySignature([$0] + (previous.map { [$0] } ?? [])) }
    self.baseURL = baseURL.droppingSuffix("/")
    self.contentURL = contentURL.droppingSuffix("/")
    limits = PartLimits(
      text: .utf16(maximum: 5_000),
      media: PartLimits.Media(
        kinds: videoPreviewURL == nil ? [.image] : [.image, .video],
        captions: .utf16(maximum: 5_000)),
      takesLocation: true,
      replies: PartLimits.Replies(
        maximum: 13, label: .scalars(maximum: 20), title: .utf16(maximum: 5_000)))
  }

  // MARK: - Webhooks

  package let takesGroups = true

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    let presented = request.headers["x-line-signature"].flatMap { Data(base64Encoded: $0) }
    return signature?.isProven(by: presented.map { Array($0) }, of: request.body) ?? true
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    // A hundred events fit, of some 40 members each; only LINE may send so many.
    let json = try request.jsonObject(
      maximumKeys: signature == nil ? JSONReader.maximumKeys : 5_000)
    return try LINEWebhook(json).events()
  }

  package let hasPrivateMedia = true

  package func route(toMedia reference: String) -> MediaRoute? {
    guard LINEContent.isMessageID(reference) else { return nil }
    return .content(
      HTTPCall(
        method: "GET", url: "\(contentURL)/v2/bot/message/\(reference)/content",
        headers: [authorization]))
  }

  // MARK: - Sends

  /// Always a push: it costs of the monthly quota, but a reply's token lives for one minute, and
  /// people are slower.
  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let messages = LINEMessages(part, videoPreviewURL: videoPreviewURL).json
    let body: JSON = [
      "to": .string(contact.decoded ?? contact.description), "messages": messages,
    ]
    return HTTPCall(
      url: "\(baseURL)/v2/bot/message/push",
      headers: [
        authorization, ("content-type", "application/json"),
        ("x-line-retry-key", Self.retryKey(reference)),
      ], body: body.bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    LINEAnswer(response, hiding: accessToken).outcome
  }

  private var authorization: (name: String, value: String) {
    ("authorization", "Bearer \(accessToken.exposed)")
  }

  /// LINE takes nothing but a UUID.
  private static func retryKey(_ reference: String) -> String {
    NameUUID.version5(namespace: namespace, name: reference)
  }

  /// a3c8cff8-3e24-4ccf-be82-be4e18e647bb, drawn once for these keys.
  private static let namespace: [UInt8] = [
    0xA3, 0xC8, 0xCF, 0xF8, 0x3E, 0x24, 0x4C, 0xCF,
    0xBE, 0x82, 0xBE, 0x4E, 0x18, 0xE6, 0x47, 0xBB,
  ]
}
