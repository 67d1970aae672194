import Crypto
import SluiceCore

/// The sandbox's own provider: a JSON API with bearer keys, idempotency keys and signed webhooks, as
/// a provider should be.
///
///     POST …/messages   authorization: Bearer KEY, idempotency-key: REF
///       {"to", "reference", "text"} or {"to", "reference", "attachment": {…}}
///       -> 200 {"id"}, else {"error": {"code", "message"}}
///     GET …/messages?reference=REF, GET …/messages/ID
///       -> 200 {"id", "reference", "status", "error"?: {"code", "message"}}, or 404
///     GET …/media/ID    authorization: Bearer KEY
///       -> 200 and the media's bytes, or 404
///     webhooks          x-sandbox-signature: sha256=HEX(HMAC-SHA256(secret, body))
///       {"events": [{"type": "message" | "echo" | "status", …}]}
struct SandboxPlay: ProviderPlay {
  let isIdempotent = true
  let sendPath = "messages"
  private let key: Proof
  private let signingKey: SymmetricKey

  static let maximumTextUnits = 1_000

  init(apiKey: Secret, webhookSecret: Secret) {
    key = Proof(of: apiKey)
    signingKey = SymmetricKey(data: webhookSecret.bytes)
  }

  func messages(
    in request: HTTPRequest, recognisesKeys: Bool
  ) throws(ProviderRefusal) -> [ProviderMessage] {
    try authenticate(request)
    guard request.contentType == "application/json", let body = try? JSONReader.read(request.body)
    else { throw Self.refusal(400, "invalid_json", "Send one JSON document.") }
    guard let to = body["to"]?.string, (try? ContactID(to)) != nil else {
      throw Self.refusal(400, "invalid_recipient", "to must be a phone number or contact ID.")
    }
    let reference = try reference(in: body, of: request, recognisesKeys: recognisesKeys)
    if let text = body["text"]?.string, body["attachment"] == nil {
      guard (1...Self.maximumTextUnits).contains(text.utf16.count) else {
        throw Self.refusal(
          400, "invalid_text", "text must have 1 to \(Self.maximumTextUnits) UTF-16 units.")
      }
      return [ProviderMessage(to: to, reference: reference, text: text)]
    }
    var violations: [Violation] = []
    guard body["text"] == nil, let attachment = body["attachment"],
      let message = MessageRules.read(
        ["type": "attachment", "attachment": attachment], at: "body", failing: &violations),
      violations.isEmpty
    else {
      throw Self.refusal(
        400, "invalid_message", violations.first?.sentence ?? "Send either text or attachment.")
    }
    return [
      ProviderMessage(
        to: to, reference: reference, kind: message.kind, text: message.text, url: message.url)
    ]
  }

  private func authenticate(_ request: HTTPRequest) throws(ProviderRefusal) {
    guard key.isProven(by: Proof.bearerToken(in: request)) else {
      throw Self.refusal(401, "unauthorized", "The API key is wrong or missing.")
    }
  }

  /// Sluice's own ID for the message. A forgetful account wants no key, and can do without one.
  private func reference(
    in body: JSON, of request: HTTPRequest, recognisesKeys: Bool
  ) throws(ProviderRefusal) -> String {
    let reference = body["reference"]?.string ?? ""
    let isKey = request.headers["idempotency-key"] == reference
    guard recognisesKeys ? isKey && !reference.isEmpty : true, reference.utf8.count <= 64 else {
      throw Self.refusal(
        400, "invalid_reference",
        "reference must have 1 to 64 bytes and be the same as the idempotency-key header.")
    }
    return reference
  }

  func lookup(in request: HTTPRequest, path: String) throws(ProviderRefusal) -> LookupQuery? {
    guard request.method == "GET", path == sendPath || path.hasPrefix(sendPath + "/") else {
      return nil
    }
    try authenticate(request)
    if path != sendPath { return .id(String(path.dropFirst(sendPath.count + 1))) }
    guard let reference = FormFields(request.query.utf8)?["reference"], !reference.isEmpty else {
      throw Self.refusal(400, "invalid_reference", "Send ?reference=, or ask for /messages/ID.")
    }
    return .reference(reference)
  }

  func answer(_ result: LookupResult?) -> HTTPResponse {
    guard let result else { return Self.notFound }
    var error: JSON?
    if result.status == .failed {
      error = [
        "code": .string(result.code ?? "failed"),
        "message": .string(result.reason ?? "The message could not be delivered."),
      ]
    }
    return HTTPResponse(
      status: 200,
      json: .object(present: [
        ("id", .string(result.id)), ("reference", .string(result.reference)),
        ("status", .string(result.status.description)), ("error", error),
      ]))
  }

  /// The same for what is not there and for what a fault hides.
  private static var notFound: HTTPResponse {
    refusal(404, "not_found", "There is no such message.").response
  }

  func mediaID(in request: HTTPRequest, path: String) throws(ProviderRefusal) -> String? {
    guard request.method == "GET", path.hasPrefix("media/") else { return nil }
    try authenticate(request)
    return String(path.dropFirst("media/".count))
  }

  func makeID() -> String { "sb-" + RandomID.hex() }

  func answer(
    _ results: [(message: ProviderMessage, result: SendResult)], now: Int64
  ) -> HTTPResponse {
    switch results.first?.result {
    case .taken(let id)?: HTTPResponse(status: 200, json: ["id": .string(id)])
    case .refused(let code, let reason)?: Self.refusal(422, code.lowercased(), reason).response
    case nil: failure(status: 500)
    }
  }

  func failure(status: Int) -> HTTPResponse {
    if status == 404 { return Self.notFound }
    let code = status == 429 ? "too_many_requests" : "fault"
    return Self.refusal(status, code, "The sandbox was asked to fail.").response
  }

  private static func refusal(_ status: Int, _ code: String, _ message: String) -> ProviderRefusal {
    ProviderRefusal(
      response: HTTPResponse(
        status: status, json: ["error": ["code": .string(code), "message": .string(message)]]))
  }

  func webhook(_ message: PhoneMessage, id: String, to base: String, now: Int64) -> HTTPCall? {
    var event: [(String, JSON?)] = [
      ("type", message.isEcho ? "echo" : "message"), ("id", .string(id)),
      (message.isEcho ? "to" : "from", .string(message.contact)),
      ("reference", message.reference.map(JSON.string)),
      ("name", message.name.map(JSON.string)), ("timestamp", .integer(now)),
    ]
    switch message.content {
    case .text(let text): event.append(("text", .string(text)))
    case .attachment(let attachment):
      event.append(("attachment", Self.json(attachment)))
    case .location(let latitude, let longitude, _):
      event.append(("location", ["latitude": .double(latitude), "longitude": .double(longitude)]))
    case .quickReply: return nil
    }
    return signed(.object(present: event), to: "\(base)/inbound")
  }

  func webhook(
    _ report: DeliveryReport, of message: ProviderMessage, id: String, sent: Int64,
    to base: String, now: Int64
  ) -> HTTPCall? {
    let event: [(String, JSON?)] = [
      ("type", "status"), ("id", .string(id)),
      ("reference", message.reference.isEmpty ? nil : .string(message.reference)),
      ("status", .string(report.status)), ("timestamp", .integer(now)),
      ("code", report.code.map(JSON.string)), ("reason", report.reason.map(JSON.string)),
    ]
    return signed(.object(present: event), to: "\(base)/status")
  }

  /// Private media by its ID.
  private static func json(_ attachment: Attachment) -> JSON {
    let members = MessageContent.attachment(attachment).json["attachment"]?.members ?? []
    guard let id = attachment.privateReference else { return .object(members) }
    return .object(
      members.map { $0.name == "url" ? JSON.Member("media", .string(id)) : $0 })
  }

  private func signed(_ event: JSON, to url: String) -> HTTPCall {
    let body = (["events": .array([event])] as JSON).bytes
    let signature = HMAC<SHA256>.authenticationCode(for: body, using: signingKey)
    return HTTPCall(
      url: url,
      headers: [
        ("content-type", "application/json"),
        ("x-sandbox-signature", "sha256=" + signature.hexadecimal),
      ], body: body)
  }
}

extension Sequence<UInt8> {
  /// Two small digits per byte.
  var hexadecimal: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
