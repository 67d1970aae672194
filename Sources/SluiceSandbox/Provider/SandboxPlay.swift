import Crypto
import SluiceCore

/// The sandbox's own provider: a JSON API with bearer keys, idempotency keys and signed webhooks, as
/// a provider should be.
///
///     POST …/messages   authorization: Bearer KEY, idempotency-key: REF
///       {"to", "reference", "text"} or {"to", "reference", "attachment": {…}}
///       -> 200 {"id"}, else {"error": {"code", "message"}}
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

  func messages(in request: HTTPRequest) throws(ProviderRefusal) -> [ProviderMessage] {
    guard key.isProven(by: Proof.bearerToken(in: request)) else {
      throw Self.refusal(401, "unauthorized", "The API key is wrong or missing.")
    }
    guard request.contentType == "application/json", let body = try? JSONReader.read(request.body)
    else { throw Self.refusal(400, "invalid_json", "Send one JSON document.") }
    guard let to = body["to"]?.string, (try? ContactID(to)) != nil else {
      throw Self.refusal(400, "invalid_recipient", "to must be a phone number or contact ID.")
    }
    guard let reference = body["reference"]?.string, (1...64).contains(reference.utf8.count),
      request.headers["idempotency-key"] == reference
    else {
      throw Self.refusal(
        400, "invalid_reference",
        "reference must have 1 to 64 bytes and be the same as the idempotency-key header.")
    }
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
      ("name", message.name.map(JSON.string)), ("timestamp", .integer(now)),
    ]
    switch message.content {
    case .text(let text): event.append(("text", .string(text)))
    case .attachment: event.append(("attachment", message.content.json["attachment"]))
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
    var event: [(String, JSON?)] = [
      ("type", "status"), ("id", .string(id)), ("status", .string(report.name)),
    ]
    if case .failed(let code, let reason) = report {
      event += [("code", .string(code)), ("reason", .string(reason))]
    }
    return signed(.object(present: event), to: "\(base)/status")
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
