/// A webhook of ClickSend: an inbound message or a delivery receipt. Which one shows in the fields,
/// not in the URL, and a rule's `webhook_type` decides whether they come as a form, as JSON or in
/// the query.
struct ClickSendWebhook {
  private let fields: [String: String]
  private let countryCode: String?

  init(_ request: HTTPRequest, query: FormFields, countryCode: String?) throws(WebhookError) {
    self.countryCode = countryCode
    if request.method == "GET" {
      fields = Self.fields(of: query)
    } else if Self.isJSON(request) {
      fields = try Self.fields(ofJSON: request.body)
    } else if let form = FormFields(request.body) {
      fields = Self.fields(of: form)
    } else {
      throw .notUnderstood("The body is no form: an escape is broken, or it is not UTF-8.")
    }
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    if fields["status_code"] != nil || fields["status_text"] != nil {
      return try receipt().map { [.status($0)] } ?? []
    }
    if fields["body"] != nil || fields["message"] != nil { return [.message(try message())] }
    throw .notUnderstood(
      "The request has neither body nor status_code, so it is no message and no receipt.")
  }

  // MARK: - The two kinds

  private func message() throws(WebhookError) -> InboundMessage {
    let text = nonEmpty("body") ?? nonEmpty("message")
    let contact = try sender()
    return InboundMessage(
      externalID: try messageID(), contact: contact,
      // The platform takes no empty text, and the agent should see that something came.
      content: .text(text ?? "(empty message)"), timestamp: milliseconds("timestamp"),
      profile: ContactProfile(phone: contact.description))
  }

  /// - Returns: `nil` for the receipt of a call, an e-mail or a fax, which we never send.
  /// - Throws: `.notUnderstood` for codes that no documentation names: they are kept, but never
  ///   taken for a failure, because the agent would send the message again.
  private func receipt() throws(WebhookError) -> StatusReport? {
    if let type = nonEmpty("message_type"), type != "sms", type != "mms" { return nil }
    let id = try messageID()
    let reference = PartReference(nonEmpty("custom_string"))
    func report(_ status: DeliveryStatus, _ reason: String? = nil) -> StatusReport {
      StatusReport(externalID: id, status: status, reason: reason, reference: reference)
    }
    switch fields["status_code"] {
    case "200", "300": return report(.sent)
    case "201": return report(.delivered)
    case "301": return report(.failed, failure)
    case let code:
      throw .notUnderstood(
        "The receipt's status_code is \"\((code ?? "").escaped)\"; 200, 201, 300 and 301 are known."
      )
    }
  }

  private var failure: String {
    let detail = nonEmpty("error_text") ?? nonEmpty("status_text") ?? "no reason given"
    let code = nonEmpty("error_code") ?? "301"
    return "The message was not delivered: \(detail.sentence) (ClickSend code \(code.escaped))."
  }

  // MARK: - Fields

  private func messageID() throws(WebhookError) -> String {
    guard let id = ClickSend.messageID(fields["message_id"]) else {
      throw .notUnderstood("message_id is missing, or is not 36 hexadecimal digits and hyphens.")
    }
    return id
  }

  private func sender() throws(WebhookError) -> ContactID {
    guard let from = nonEmpty("from") ?? nonEmpty("sms") else {
      throw .notUnderstood("from is missing or empty.")
    }
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "from is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    return contact
  }

  /// A field of Unix seconds, in milliseconds.
  private func milliseconds(_ name: String) -> Int64? {
    guard let text = fields[name], (1...11).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let seconds = Int64(text), seconds > 0
    else { return nil }
    return seconds * 1_000
  }

  private func nonEmpty(_ name: String) -> String? {
    fields[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func isJSON(_ request: HTTPRequest) -> Bool {
    switch request.contentType {
    case "application/json": true
    case "application/x-www-form-urlencoded": false
    default: request.body.first == UInt8(ascii: "{")
    }
  }

  private static func fields(of form: FormFields) -> [String: String] {
    Dictionary(form.pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// Strings and whole numbers; ClickSend sends `timestamp` and the account's IDs as either.
  private static func fields(ofJSON body: [UInt8]) throws(WebhookError) -> [String: String] {
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(body)
    } catch {
      throw .notUnderstood(error.description)
    }
    guard let members = json.members else {
      throw .notUnderstood("The body is \(json.kind); an object is expected.")
    }
    var fields: [String: String] = [:]
    for member in members {
      fields[member.name] = member.value.string ?? member.value.integer.map { String($0) }
    }
    return fields
  }
}
