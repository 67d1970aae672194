/// Bird's Channels API, `api.bird.com/workspaces/…/channels/…`.
struct BirdChannels: MessageBirdAPI {
  let limits = PartLimits(text: .smsSegments(maximum: 9))
  let isIdempotent = false

  private let accessKey: Secret
  private let url: String
  private let channelURL: String
  private let channelID: String
  private let proof: MessageBirdProof
  private let countryCode: String?

  init?(settings: inout SettingsReader) {
    let accessKey = settings.secret("access_key")
    let workspaceID = settings.identifier("workspace_id")
    let channelID = settings.identifier("channel_id")
    // Repeats keep their first timestamp, and go on for 8 hours.
    let proof = MessageBirdProof(settings: &settings, defaultWindow: 90_000)
    let host = "https://api.bird.com"
    let baseURL = settings.url("base_url", example: host, default: host)
    let channelURL = settings.signedChannelURL()
    guard let accessKey, let workspaceID, let channelID, let proof, let baseURL, let channelURL
    else { return nil }
    self.accessKey = accessKey
    self.channelID = channelID
    self.proof = proof
    countryCode = settings.countryCode
    self.channelURL = channelURL
    url =
      baseURL.droppingSuffix("/") + "/workspaces/\(workspaceID)/channels/\(channelID)/messages"
  }

  func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    guard let secret = proof.secret else { return true }
    guard let signature = request.headers["messagebird-signature"],
      let timestamp = request.headers["messagebird-request-timestamp"],
      proof.isFresh(timestamp, now: now)
    else { return false }
    let url = request.signedURL(below: channelURL)
    return MessageBirdSignature.isValid(
      signature, timestamp: timestamp,
      line: request.query.isEmpty ? url : "\(url)?\(request.query)", body: request.body,
      secret: secret)
  }

  func events(in request: HTTPRequest) throws(WebhookError) -> [WebhookEvent] {
    let json = try request.jsonObject()
    guard let payload = json["payload"], let id = payload["id"]?.string,
      (1...100).contains(id.utf8.count)
    else { throw .notUnderstood("payload.id is missing, or not of 1 to 100 bytes.") }
    // A subscription may cover all channels of a workspace.
    if let other = payload["channelId"]?.string, !other.utf8.elementsEqual(channelID.utf8) {
      return []
    }
    if payload["direction"]?.string == "incoming" {
      return [.message(try message(payload, id: id))]
    }
    return try report(payload, id: id).map { [.status($0)] } ?? []
  }

  private func message(_ payload: JSON, id: String) throws(WebhookError) -> InboundMessage {
    let sender = payload["sender"]?["contact"]
    let from = sender?["identifierValue"]?.string ?? ""
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "sender.contact.identifierValue is \"\(from.escaped)\", which is no phone number.")
    }
    let body = payload["body"]
    let type = body?["type"]?.string ?? ""
    let text =
      body?["text"]?["text"]?.string?.nonEmpty
      ?? (type == "text"
        ? "(empty message)"
        : "(message of type \"\(type.escaped)\", which cannot be shown here)")
    return InboundMessage(
      externalID: id, contact: contact, content: .text(text),
      timestamp: payload["createdAt"]?.string.flatMap(Timestamp.milliseconds(ofDate:)),
      profile: ContactProfile(
        name: sender?["annotations"]?["name"]?.string, phone: contact.description))
  }

  /// - Returns: `nil` for a status that is new: Bird announces that there will be some.
  private func report(_ payload: JSON, id: String) throws(WebhookError) -> StatusReport? {
    guard let word = payload["status"]?.string else {
      throw .notUnderstood("payload has neither direction nor status.")
    }
    switch word {
    case "accepted", "processing", "sent":
      return StatusReport(externalID: id, status: .sent)
    case "delivered": return StatusReport(externalID: id, status: .delivered)
    case "read": return StatusReport(externalID: id, status: .read)
    case "sending_failed", "delivery_failed", "rejected":
      let words = payload["reason"]?.string ?? payload["failure"]?["description"]?.string ?? word
      return StatusReport(
        externalID: id, status: .failed,
        reason: "The message was not delivered: \(words.sentence) (Bird: \(word)).")
    default: return nil
    }
  }

  func call(sending part: MessagePart, to contact: ContactID, reference: String) -> HTTPCall {
    let receiver: JSON = [
      "identifierKey": "phonenumber", "identifierValue": .string(contact.description),
    ]
    // Nothing of ours comes back in Bird's webhooks: statuses are told by its ID alone.
    let body: JSON = [
      "receiver": ["contacts": [receiver]],
      "body": ["type": "text", "text": ["text": .string(part.plainText)]],
    ]
    return HTTPCall(
      url: url,
      headers: [
        ("authorization", "AccessKey \(accessKey.exposed)"), ("content-type", "application/json"),
      ], body: body.bytes)
  }

  func outcome(of response: HTTPResponse) -> SendOutcome {
    let answer = MessageBirdAnswer(response, secret: accessKey)
    return answer.outcome(id: answer.json?["id"]?.string, isIdempotent: isIdempotent)
  }
}

extension SettingsReader {
  /// A UUID or the like, which becomes part of a URL.
  fileprivate mutating func identifier(_ key: String) -> String? {
    guard let text = string(key, example: "8b3d1c2a-…") else { return nil }
    guard FormFields.percent(text) == text, text.utf8.count <= 100 else {
      problem(key, "\"\(text.escaped)\" is no ID. Copy it from the dashboard's address line.")
      return nil
    }
    return text
  }
}
