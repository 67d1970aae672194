/// A webhook of the SMS API: an inbound message or a receipt. Source:
/// https://developer.vonage.com/en/messaging/sms/guides/inbound-sms and `…/delivery-receipts`.
struct VonageSMSWebhook {
  private let fields: VonageFields
  private let countryCode: String?

  init(_ fields: VonageFields, countryCode: String?) {
    self.fields = fields
    self.countryCode = countryCode
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    guard let id = fields["messageId"], id.utf8.count <= 100 else {
      throw .notUnderstood("messageId is missing, or longer than 100 bytes.")
    }
    if let status = fields["status"] {
      return try report(status, id: id).map { [.status($0)] } ?? []
    }
    return [.message(try message(id: id))]
  }

  private func message(id: String) throws(WebhookError) -> InboundMessage {
    let from = fields["msisdn"] ?? ""
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "msisdn is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    return InboundMessage(
      externalID: id, contact: contact, content: .text(text),
      timestamp: fields["message-timestamp"].flatMap(Timestamp.milliseconds(ofDate:)),
      profile: ContactProfile(phone: contact.description), fragment: fragment)
  }

  private var text: String {
    if fields["type"] == "binary" { return "(message that is no text)" }
    return fields["text"] ?? "(empty message)"
  }

  /// This API does not join the parts of a long message, and does not send them in order.
  private var fragment: Fragment? {
    guard fields["concat"] == "true", let reference = fields["concat-ref"] else { return nil }
    return Fragment(
      reference: "\(fields["to"] ?? "") \(reference)", number: number("concat-part"),
      total: number("concat-total"))
  }

  private func number(_ name: String) -> Int? {
    guard let text = fields[name], text.utf8.count <= 3,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }

  /// - Returns: `nil` for a status that says nothing.
  private func report(_ word: String, id: String) throws(WebhookError) -> StatusReport? {
    let reference = PartReference(fields["client-ref"])
    func report(_ status: DeliveryStatus, _ reason: String? = nil) -> StatusReport {
      // Each segment of a text has an ID of its own, and the answer to the send left them all unnamed:
      // what they have in common is our reference.
      StatusReport(
        externalID: reference?.description ?? id, status: status, reason: reason,
        reference: reference)
    }
    switch word {
    case "accepted", "buffered": return report(.sent)
    case "delivered": return report(.delivered)
    case "failed", "expired", "rejected": return report(.failed, failure(word))
    case "unknown": return nil
    default:
      throw .notUnderstood(
        "A receipt's status is \"\(word.escaped)\"; accepted, buffered, delivered, failed, expired,"
          + " rejected and unknown are known.")
    }
  }

  private func failure(_ word: String) -> String {
    let code = fields["err-code"] ?? "none"
    let sentence = Self.sentences[code] ?? "The message was not delivered"
    return "\(sentence) (\(word), Vonage error \(code.escaped))."
  }

  private static let sentences = [
    "2": "The phone could not be reached in time",
    "3": "The number is not in service",
    "4": "The contact has barred messages from this sender",
    "5": "The number has moved to another network, which could not be reached",
    "6": "The network took the message for spam",
    "7": "The phone was busy",
    "8": "The network failed",
    "9": "The number is not one that can get messages",
    "10": "The network did not accept the message",
    "11": "There is no route to the number",
    "12": "The phone could not be reached",
    "13": "The contact's age keeps the message from being delivered",
    "14": "The network has blocked the message",
    "15": "The contact's prepaid account has no credit",
    "16": "The contact has reached a limit",
  ]
}
