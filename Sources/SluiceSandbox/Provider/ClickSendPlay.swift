import FoundationEssentials
import SluiceCore

/// ClickSend's SMS API (v3) as far as a bridge meets it: Basic auth, one envelope around everything,
/// a status per message inside a 200, form-encoded webhooks proven by a secret in their URL, no
/// idempotency, no read status. Source: https://developers.clicksend.com/docs/messaging/sms
struct ClickSendPlay: ProviderPlay {
  let isIdempotent = false
  let sendPath = "v3/sms/send"
  private let authorization: Proof
  private let secret: Secret

  static let maximumMessages = 1_000
  static let ownNumber = "+15005550100"

  init(username: String, apiKey: Secret, webhookSecret: Secret) {
    let credentials = Data(Array("\(username):".utf8) + apiKey.bytes)
    authorization = Proof(of: Secret("Basic \(credentials.base64EncodedString())".utf8))
    secret = webhookSecret
  }

  func messages(
    in request: HTTPRequest, recognisesKeys: Bool
  ) throws(ProviderRefusal) -> [ProviderMessage] {
    guard authorization.isProven(by: request.headers["authorization"]) else {
      throw ProviderRefusal(
        response: Self.envelope(401, "UNAUTHORIZED", "Authorization failed.", .null))
    }
    guard let body = try? JSONReader.read(request.body), let list = body["messages"]?.array,
      (1...Self.maximumMessages).contains(list.count)
    else {
      throw ProviderRefusal(
        response: Self.envelope(
          400, "MISSING_REQUIRED_FIELDS", "messages must be an array of 1 to 1000.", .null))
    }
    return list.map { message in
      ProviderMessage(
        to: message["to"]?.string ?? "", reference: message["custom_string"]?.string ?? "",
        text: message["body"]?.string ?? "")
    }
  }

  func makeID() -> String { RandomID.uuid() }

  func answer(
    _ results: [(message: ProviderMessage, result: SendResult)], now: Int64
  ) -> HTTPResponse {
    let messages = results.map { message, result in
      var status = "SUCCESS"
      var id: String?
      switch result {
      case .taken(let taken): id = taken
      case .refused(let code, _): status = code
      }
      return JSON.object(present: [
        ("direction", "out"), ("date", .integer(now / 1_000)), ("to", .string(message.to)),
        ("body", .string(message.text)), ("from", .string(Self.ownNumber)), ("schedule", 0),
        ("message_id", id.map(JSON.string)),
        ("message_parts", .integer(Int64(Self.parts(message.text)))),
        ("message_price", "0.0792"), ("custom_string", .string(message.reference)),
        ("user_id", 100_001), ("subaccount_id", 100_002), ("country", "US"),
        ("carrier", "Sandbox"), ("status", .string(status)),
      ])
    }
    let queued = Int64(results.count { if case .taken = $0.result { true } else { false } })
    return Self.envelope(
      200, "SUCCESS", "Messages queued for delivery.",
      [
        "total_price": .double(0.0792 * Double(queued)),
        "total_count": .integer(Int64(messages.count)),
        "queued_count": .integer(queued), "messages": .array(messages),
      ])
  }

  func failure(status: Int) -> HTTPResponse {
    Self.envelope(
      status, status == 429 ? "TOO_MANY_REQUESTS" : "INTERNAL_ERROR",
      "The sandbox was asked to fail.", .null)
  }

  private static func envelope(
    _ status: Int, _ code: String, _ message: String, _ data: JSON
  ) -> HTTPResponse {
    HTTPResponse(
      status: status,
      json: [
        "http_code": .integer(Int64(status)), "response_code": .string(code),
        "response_msg": .string(message), "data": data,
      ])
  }

  /// Segments, taking ASCII for GSM-7: only the price tag depends on it.
  private static func parts(_ text: String) -> Int {
    let isASCII = text.utf8.allSatisfy { $0 < 128 }
    let (single, joined) = isASCII ? (160, 153) : (70, 67)
    let units = text.utf16.count
    return units <= single ? 1 : (units + joined - 1) / joined
  }

  func webhook(_ message: PhoneMessage, id: String, to base: String, now: Int64) -> HTTPCall? {
    // An SMS account knows no echoes; media reach it as a link inside the text.
    guard !message.isEcho else { return nil }
    let body: String
    switch message.content {
    case .text(let text): body = text
    case .attachment(let file):
      body = [file.description, file.url].compactMap { $0 }.joined(separator: " ")
    case .location, .quickReply: return nil
    }
    return form(
      [
        ("originalsenderid", Self.ownNumber), ("body", body), ("message", body),
        ("sms", message.contact), ("custom_string", ""), ("to", Self.ownNumber),
        ("original_message_id", ""), ("originalmessageid", ""), ("customstring", ""),
        ("from", message.contact), ("originalmessage", ""), ("user_id", "100001"),
        ("subaccount_id", "100002"), ("original_body", ""),
        ("timestamp", String(now / 1_000)), ("message_id", id),
      ], to: "\(base)/inbound")
  }

  func webhook(
    _ report: DeliveryReport, of message: ProviderMessage, id: String, sent: Int64,
    to base: String, now: Int64
  ) -> HTTPCall? {
    let (status, code, text): (String, String, String)
    var error = (code: "", text: "")
    switch report.status {
    case "read": return nil
    case "delivered":
      (status, code, text) = ("Delivered", "201", "Success: Message received on handset.")
    case "failed":
      (status, code, text) = ("Undelivered", "301", "Failed: Message could not be delivered.")
      error = (report.code ?? "", report.reason ?? "")
    default: (status, code, text) = (report.status, "", "")
    }
    return form(
      [
        ("timestamp_send", String(sent / 1_000)), ("timestamp", String(now / 1_000)),
        ("message_id", id), ("status", status), ("status_code", code), ("status_text", text),
        ("error_code", error.code), ("error_text", error.text),
        ("custom_string", message.reference), ("user_id", "100001"), ("subaccount_id", "100002"),
        ("message_type", "sms"),
      ], to: "\(base)/status")
  }

  private func form(_ fields: [(name: String, value: String)], to url: String) -> HTTPCall {
    HTTPCall(
      url: "\(url)?secret=\(FormFields.percent(secret.exposed))",
      headers: [("content-type", "application/x-www-form-urlencoded")],
      body: FormFields.encode(fields))
  }
}
