/// Telnyx Messaging, API v2: SMS and MMS. Sources:
/// https://developers.telnyx.com/docs/messaging/messages/send-message and
/// https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks.
package struct Telnyx: Provider {
  package static let name = "telnyx"

  private let apiKey: Secret
  private let sender: TelnyxSender
  /// `nil` where the settings say that nobody has to prove anything.
  private let signature: TelnyxSignature?
  /// Where statuses are to go; `nil` leaves that to the messaging profile.
  private let statusURL: String?
  private let messagesURL: String
  private let countryCode: String?

  package init?(settings: inout SettingsReader) {
    let mustVerify = settings.mustVerify()
    let apiKey = settings.secret("api_key")
    let signature = mustVerify ? Self.signature(settings: &settings) : nil
    let sender = TelnyxSender(settings: &settings)
    let baseURL = settings.url(
      "base_url", example: "https://api.telnyx.com", default: "https://api.telnyx.com")
    countryCode = settings.countryCode
    statusURL = settings.callbackURL().map { $0 + "/status" }
    guard let apiKey, let sender, let baseURL, signature != nil || !mustVerify else { return nil }
    self.apiKey = apiKey
    self.signature = signature
    self.sender = sender
    messagesURL = baseURL.droppingSuffix("/").droppingSuffix("/v2") + "/v2/messages"
  }

  private static func signature(settings: inout SettingsReader) -> TelnyxSignature? {
    guard
      let text = settings.string(
        "public_key", example: "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
    else { return nil }
    let signature = TelnyxSignature(publicKey: text)
    if signature == nil {
      settings.problem(
        "public_key",
        "This is not the base64 of 32 bytes. Copy the key from the portal, \"Keys & Credentials\".")
    }
    return signature
  }

  package var limits: PartLimits { sender.limits }
  package var defaultRate: Double? { sender.rate }

  // MARK: - Webhooks

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    signature?.isValid(on: request, now: now) ?? true
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    try TelnyxWebhook(request.body, sender: sender, countryCode: countryCode).events()
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    var members = sender.members + [("to", .string(contact.description))]
    if case .attachment(let attachment) = part {
      members += [
        ("text", attachment.description.flatMap { $0.isEmpty ? nil : .string($0) }),
        ("media_urls", [.string(attachment.url)]),
      ]
    } else {
      members.append(("text", .string(part.plainText)))
    }
    // Tags come back in each webhook of the message.
    members.append(("tags", [.string(reference)]))
    if let statusURL {
      members += [("webhook_url", .string(statusURL)), ("use_profile_webhooks", false)]
    }
    return HTTPCall(
      url: messagesURL,
      headers: [
        authorization, ("content-type", "application/json"),
        // Not documented for messages, so it is not relied on. No dot may stand in it.
        ("idempotency-key", reference.replacing(".", with: ":")),
      ], body: JSON.object(present: members).bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    TelnyxAnswer(response, apiKey: apiKey).outcome
  }

  // MARK: - Lookups

  /// For ten days after the send; only by Telnyx's own ID.
  package func call(lookingUp question: Lookup) -> HTTPCall? {
    question.externalID.map { id in
      HTTPCall(
        method: "GET", url: "\(messagesURL)/\(FormFields.percent(id))", headers: [authorization])
    }
  }

  package func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding {
    guard response.status == 200, let data = (try? JSONReader.read(response.body))?["data"],
      let id = TelnyxWebhook.messageID(data), id == question.externalID,
      let delivery = TelnyxDelivery(data)
    else { return .unclear(reason: "Telnyx does not say what became of it") }
    return .found(externalID: id, status: delivery.status, reason: delivery.reason)
  }

  private var authorization: (name: String, value: String) {
    ("authorization", "Bearer \(apiKey.exposed)")
  }
}
