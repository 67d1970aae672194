import FoundationEssentials

/// Bird's API v1, `REGION.platform.bird.com`: SMS. Source: `messagebird/bird-sdk-python`.
struct BirdAPI: MessageBirdAPI {
  /// Bird takes 12 segments.
  let limits = PartLimits(text: .smsSegments(maximum: 12))
  /// Each send carries our reference as its `Idempotency-Key`.
  let isIdempotent = true

  private let apiKey: Secret
  private let from: String
  private let category: String
  private let url: String
  private let proof: MessageBirdProof
  private let countryCode: String?

  init?(settings: inout SettingsReader) {
    let apiKey = settings.secret("api_key")
    let from = settings.string("from", example: "+46710000002")
    let baseURL = settings.url("base_url", example: "https://eu1.platform.bird.com")
    let category =
      settings.has("category")
      ? settings.string("category", example: "conversational") : "conversational"
    // Each attempt is signed anew.
    let proof = MessageBirdProof(settings: &settings, defaultWindow: 300)
    if let secret = proof?.secret, Self.key(of: secret) == nil {
      settings.problem(
        "signing_key",
        "The secret it names is not whsec_ and base64. Copy it from the webhook's page.")
      return nil
    }
    guard let apiKey, let from, let baseURL, let category, let proof else { return nil }
    self.apiKey = apiKey
    self.from = from
    self.category = category
    self.proof = proof
    countryCode = settings.countryCode
    url = baseURL.droppingSuffix("/") + "/v1/sms/messages"
  }

  private static func key(of secret: Secret) -> [UInt8]? {
    let text = secret.exposed
    guard text.hasPrefix("whsec_") else { return nil }
    return Data(base64Encoded: String(text.dropFirst(6))).map { Array($0) }
  }

  func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    guard let secret = proof.secret else { return true }
    guard let key = Self.key(of: secret), let id = request.headers["webhook-id"],
      let timestamp = request.headers["webhook-timestamp"],
      let signatures = request.headers["webhook-signature"], proof.isFresh(timestamp, now: now)
    else { return false }
    return MessageBirdSignature.isValid(
      standard: signatures, id: id, timestamp: timestamp, body: request.body, key: key)
  }

  func events(in request: HTTPRequest) throws(WebhookError) -> [WebhookEvent] {
    let json = try request.jsonObject()
    guard let id = json["data"]?["sms_id"]?.string, (1...100).contains(id.utf8.count),
      let data = json["data"]
    else { throw .notUnderstood("data.sms_id is missing, or not of 1 to 100 bytes.") }
    let reference = PartReference(data["metadata"]?["reference"]?.string)
    func report(_ status: DeliveryStatus, _ reason: String? = nil) -> [WebhookEvent] {
      [
        .status(
          StatusReport(externalID: id, status: status, reason: reason, reference: reference))
      ]
    }
    switch json["type"]?.string {
    case "sms.received":
      let timestamp = json["timestamp"]?.string.flatMap(Timestamp.milliseconds(ofDate:))
      return [.message(try message(data, id: id, timestamp: timestamp))]
    case "sms.accepted", "sms.sent": return report(.sent)
    case "sms.delivered": return report(.delivered)
    case "sms.failed", "sms.rejected", "sms.expired": return report(.failed, failure(data["error"]))
    // `sms.undelivered` is not the end: Bird may try again. And there will be new ones.
    default: return []
    }
  }

  private func message(
    _ data: JSON, id: String, timestamp: Int64?
  ) throws(WebhookError) -> InboundMessage {
    let from = data["from"]?.string ?? ""
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "from is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    return InboundMessage(
      externalID: id, contact: contact,
      content: .text(data["text"]?.string?.nonEmpty ?? "(empty message)"), timestamp: timestamp,
      profile: ContactProfile(phone: contact.description))
  }

  private func failure(_ error: JSON?) -> String {
    let code = error?["code"]?.string ?? "no code"
    let sentence = Self.sentences[code] ?? "The message was not delivered"
    return "\(sentence) (Bird: \(code.escaped))."
  }

  private static let sentences = [
    "invalid_destination": "The number is not one that can get messages",
    "unreachable": "The phone could not be reached",
    "blocked_by_carrier": "The network has blocked the message",
    "recipient_opted_out": "The contact has opted out of messages from this sender",
    "content_rejected": "The network did not accept the message's content",
    "sender_unregistered":
      "The sender is not registered for this country; ask your administrator to register it",
    "insufficient_balance":
      "The Bird account has no credit left; ask your administrator to top it up",
  ]

  func call(sending part: MessagePart, to contact: ContactID, reference: String) -> HTTPCall {
    let body: JSON = [
      "to": .string(contact.description), "from": .string(from),
      "text": .string(part.plainText), "category": .string(category),
      "metadata": ["reference": .string(reference)],
    ]
    return HTTPCall(
      url: url,
      headers: [
        ("authorization", "Bearer \(apiKey.exposed)"), ("content-type", "application/json"),
        ("idempotency-key", reference),
      ], body: body.bytes)
  }

  func outcome(of response: HTTPResponse) -> SendOutcome {
    let answer = MessageBirdAnswer(response, secret: apiKey)
    return answer.outcome(id: answer.json?["id"]?.string, isIdempotent: isIdempotent)
  }
}
