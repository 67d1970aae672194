import Crypto

/// The provider that our own sandbox plays: for the demo and for tests, and the shortest complete
/// example of an adapter. Its wire is ours, JSON throughout:
///
/// - sends go to `POST {url}/messages` with a bearer token and an `idempotency-key`, and are
///   answered `{"id": "sb-…"}` or `{"error": {"code", "message"}}`;
/// - webhooks are `{"events": […]}`, signed by `x-sandbox-signature: sha256=HEX`, the HMAC of the
///   raw body;
/// - an inbound attachment has a `url`, or the ID of `media`, which `GET {url}/media/ID` gives to
///   the bearer of the key.
package struct SandboxProvider: Provider {
  package static let name = "sandbox"
  package let limits: PartLimits
  package let isIdempotent: Bool

  private let isAskable: Bool
  private let url: String
  private let apiKey: Secret
  /// Keyed, and copied for each webhook.
  private let webhookProof: HMAC<SHA256>

  package init?(settings: inout SettingsReader) {
    let url = settings.url("url", example: "https://sluice.example.com/sandbox/provider")
    let apiKey = settings.secret("api_key")
    let webhookSecret = settings.secret("webhook_secret", atLeast: 16)
    limits = PartLimits(
      text: .utf16(maximum: settings.integer("max_characters", default: 1_000, in: 10...100_000)),
      media: settings.flag("media", default: true) ? .all(captions: nil) : nil)
    // Real providers differ in these, so the one that plays them all can be told.
    isIdempotent = settings.flag("idempotent", default: true)
    isAskable = settings.flag("lookup", default: true)
    guard let url, let apiKey, let webhookSecret else { return nil }
    self.url = url.droppingSuffix("/")
    self.apiKey = apiKey
    webhookProof = HMAC(key: SymmetricKey(data: webhookSecret.bytes))
  }

  // MARK: - Webhooks

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    var proof = webhookProof
    proof.update(data: request.body)
    // This `==` takes the same time wherever the two differ.
    return Self.signature(in: request).map { proof.finalize() == $0 } ?? false
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(request.body)
    } catch {
      throw .notUnderstood(error.description)
    }
    guard let list = json["events"]?.array else {
      throw .notUnderstood("The body has no array of events.")
    }
    var batch = EventBatch()
    for event in list { batch.add { () throws(WebhookError) in try Self.event(event) } }
    return try batch.understood()
  }

  private static func event(_ json: JSON) throws(WebhookError) -> WebhookEvent {
    guard let id = json["id"]?.string, (1...100).contains(id.utf8.count) else {
      throw .notUnderstood("An event's id is missing, or is not a string of 1 to 100 bytes.")
    }
    switch json["type"]?.string {
    case "message": return .message(try message(json, id: id, contact: "from", isEcho: false))
    case "echo": return .message(try message(json, id: id, contact: "to", isEcho: true))
    case "status": return .status(try status(json, id: id))
    case let type:
      throw .notUnderstood(
        "An event's type is \"\((type ?? "").escaped)\"; message, echo and status are known.")
    }
  }

  private static func message(
    _ json: JSON, id: String, contact field: String, isEcho: Bool
  ) throws(WebhookError) -> InboundMessage {
    let contact: ContactID
    do throws(ContactIDError) {
      contact = try ContactID(json[field]?.string ?? "")
    } catch {
      throw .notUnderstood("\(field): \(error)")
    }
    return InboundMessage(
      externalID: id, contact: contact, content: try content(json), isEcho: isEcho,
      timestamp: json["timestamp"]?.integer, profile: profile(json, contact),
      reference: PartReference(json["reference"]?.string))
  }

  /// The platform's own forms, told apart by which field is there.
  private static func content(_ json: JSON) throws(WebhookError) -> MessageContent {
    let message: [JSON.Member]
    if let text = json["text"] {
      message = [.init("type", "text"), .init("text", text)]
    } else if let id = json["attachment"]?["media"] {
      return .attachment(try privateMedia(id.string ?? "", json["attachment"] ?? .null))
    } else if let attachment = json["attachment"] {
      message = [.init("type", "attachment"), .init("attachment", attachment)]
    } else if let location = json["location"]?.members {
      message = [.init("type", "location")] + location
    } else {
      throw .notUnderstood("An event has none of text, attachment and location.")
    }
    do throws(MessageContentError) {
      return try MessageContent(json: .object(message))
    } catch {
      throw .notUnderstood(error.description)
    }
  }

  private static func privateMedia(
    _ id: String, _ json: JSON
  ) throws(WebhookError) -> Attachment {
    guard isMediaID(id), let kind = json["type"]?.string.flatMap(Attachment.Kind.init(rawValue:))
    else { throw .notUnderstood("An attachment has no known type, or its media is no ID.") }
    return Attachment(
      kind: kind, url: Attachment.privateURL(id), mimeType: json["mimeType"]?.string,
      fileName: json["fileName"]?.string, description: json["description"]?.string,
      size: json["size"]?.integer)
  }

  private static func profile(_ json: JSON, _ contact: ContactID) -> ContactProfile? {
    let words = (json["name"]?.string ?? "").split(separator: " ", maxSplits: 1)
    let phone = try? ContactID(contact.description, type: .phoneNumber).description
    guard phone != nil || !words.isEmpty else { return nil }
    return ContactProfile(
      firstName: words.first.map { String($0) },
      lastName: words.dropFirst().first.map { String($0) },
      phone: phone)
  }

  private static func status(_ json: JSON, id: String) throws(WebhookError) -> StatusReport {
    let text = json["status"]?.string ?? ""
    guard let status = DeliveryStatus(text), status != .queued else {
      throw .notUnderstood(
        "A status is \"\(text.escaped)\"; sent, delivered, read and failed are known.")
    }
    let reference = PartReference(json["reference"]?.string)
    guard status == .failed else {
      return StatusReport(externalID: id, status: status, reference: reference)
    }
    let detail = json["reason"]?.string ?? "no reason given"
    let code = json["code"]?.string.map { " (\($0.escaped))" } ?? ""
    return StatusReport(
      externalID: id, status: .failed,
      reason: "The message was not delivered: \(detail.sentence)\(code).", reference: reference)
  }

  /// The bytes of `x-sandbox-signature`; `nil` where it is missing or malformed.
  private static func signature(in request: HTTPRequest) -> [UInt8]? {
    guard let header = request.headers["x-sandbox-signature"], header.hasPrefix("sha256=")
    else { return nil }
    return Hex.bytes(header.dropFirst(7))
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let body = JSON.object(present: [
      ("to", .string(contact.description)), ("reference", .string(reference)),
      ("text", part.json["text"]), ("attachment", part.json["attachment"]),
    ])
    return HTTPCall(
      url: url + "/messages",
      headers: [
        ("authorization", "Bearer \(apiKey.exposed)"), ("content-type", "application/json"),
      ] + (isIdempotent ? [("idempotency-key", reference)] : []),
      body: body.bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    let json = try? JSONReader.read(response.body)
    switch response.status {
    case 200..<300:
      guard let id = json?["id"]?.string, !id.isEmpty else {
        return .unknown(reason: "The sandbox's answer has no id.")
      }
      return .accepted(externalID: id)
    case 429:
      return .throttled(
        reason: "The sandbox gets too many requests (HTTP 429).", after: response.retryAfter)
    case 408, 425, 500...:
      return .deferred(
        reason: "The sandbox did not take the message (HTTP \(response.status)).",
        after: response.retryAfter)
    default:
      let code = json?["error"]?["code"]?.string ?? "HTTP \(response.status)"
      let detail = json?["error"]?["message"]?.string ?? "no reason given"
      return .refused(
        reason: "The sandbox refused the message: \(detail.sentence) (\(code.escaped))."
          .redacting(apiKey), isAccounts: [401, 402, 403].contains(response.status))
    }
  }

  // MARK: - Media

  package func route(toMedia reference: String) -> MediaRoute? {
    guard Self.isMediaID(reference) else { return nil }
    return .content(
      HTTPCall(
        method: "GET", url: "\(url)/media/\(reference)",
        headers: [("authorization", "Bearer \(apiKey.exposed)")]))
  }

  /// It becomes part of a URL.
  private static func isMediaID(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  // MARK: - Lookups

  package func call(lookingUp question: Lookup) -> HTTPCall? {
    guard isAskable else { return nil }
    return HTTPCall(
      method: "GET", url: "\(url)/messages?reference=\(question.reference)",
      headers: [("authorization", "Bearer \(apiKey.exposed)")], body: [])
  }

  package func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding {
    let json = try? JSONReader.read(response.body)
    if response.status == 404, json?["error"]?["code"]?.string == "not_found" { return .notFound }
    guard response.status == 200, let id = json?["id"]?.string,
      let status = json?["status"]?.string.flatMap(DeliveryStatus.init)
    else { return .unclear(reason: "the sandbox answered \(response.status)") }
    let detail = json?["error"]?["message"]?.string ?? "no reason given"
    return .found(
      externalID: id, status: status,
      reason: status == .failed ? "The message was not delivered: \(detail.sentence)." : nil)
  }
}
