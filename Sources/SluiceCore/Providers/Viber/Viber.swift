/// Viber bot REST API. Sources: https://developers.viber.com/docs/api/rest-bot-api,
/// `Viber/viber-bot-python: viberbot/api/`.
///
/// One secret does it all: the authentication token lets us in, and signs webhooks.
package struct Viber: Provider {
  package static let name = "viber"

  /// Captions only below pictures; of 512 characters, fewer on old phones. A button's text has no
  /// documented limit; 250 is more than one shows.
  package let limits = PartLimits(
    text: .utf16(maximum: 7_000),
    media: PartLimits.Media(
      kinds: [.image, .video, .audio, .file], captions: .utf16(maximum: 512),
      withoutCaption: [.video, .audio, .file]),
    takesLocation: true,
    replies: PartLimits.Replies(
      maximum: 10, label: .utf16(maximum: 250), title: .utf16(maximum: 7_000)))

  private let token: Secret
  /// `nil`: nobody has to prove anything.
  private let signature: BodySignature?
  private let sender: JSON
  private let baseURL: String

  package init?(settings: inout SettingsReader) {
    let token = settings.secret("auth_token", atLeast: 16)
    let mustVerify = settings.mustVerify()
    let name = settings.string("sender_name", example: "Support")
    let avatar =
      settings.has("sender_avatar")
      ? settings.url("sender_avatar", example: "https://www.example.com/avatar.png") : nil
    let baseURL = settings.url(
      "base_url", example: "https://chatapi.viber.com/pa", default: "https://chatapi.viber.com/pa")
    if let name, name.utf16.count > 28 {
      settings.problem("sender_name", "Viber takes at most 28 characters. Write a shorter name.")
    }
    guard settings.problems.isEmpty, let token, let name, let baseURL else { return nil }
    self.token = token
    signature = mustVerify ? BodySignature([token]) : nil
    sender = .object(present: [("name", .string(name)), ("avatar", avatar.map(JSON.string))])
    self.baseURL = baseURL.droppingSuffix("/")
  }

  // MARK: - Webhooks

  /// Of Viber's question while the webhook is set too: an event like any other.
  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    let presented = request.headers["x-viber-content-signature"].flatMap { Hex.bytes($0) }
    return signature?.isProven(by: presented, of: request.body) ?? true
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    try ViberWebhook(request.jsonObject(), now: now).events()
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let message = JSON.object(
      [
        JSON.Member("receiver", .string(contact.decoded ?? contact.description)),
        JSON.Member("min_api_version", 1), JSON.Member("sender", sender),
        // Comes back with the contact's next message.
        JSON.Member("tracking_data", .string(reference)),
      ] + ViberMessage(part).members)
    return HTTPCall(
      url: "\(baseURL)/send_message",
      headers: [("x-viber-auth-token", token.exposed), ("content-type", "application/json")],
      body: message.bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    ViberAnswer(response, hiding: token).outcome
  }
}
