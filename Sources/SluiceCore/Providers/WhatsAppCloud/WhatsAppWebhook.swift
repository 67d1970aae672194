/// A webhook: messages, echoes and statuses of any number of the account, many at a time. Sources:
/// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples; for echoes,
/// what the business writes in its WhatsApp Business app, the reference of `smb_message_echoes`.
struct WhatsAppWebhook {
  private let json: JSON
  private let phoneNumberID: String

  init(_ json: JSON, phoneNumberID: String) {
    self.json = json
    self.phoneNumberID = phoneNumberID
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    guard json["object"]?.string == "whatsapp_business_account", let entries = json["entry"]?.array
    else { throw .notUnderstood("The body is no webhook of a whatsapp_business_account.") }
    var batch = EventBatch()
    for entry in entries {
      for change in entry["changes"]?.array ?? [] { read(change, into: &batch) }
    }
    return try batch.understood()
  }

  private func read(_ change: JSON, into batch: inout EventBatch) {
    // Templates, account reviews and the like have fields of their own.
    guard let value = change["value"], let field = change["field"]?.string,
      field == "messages" || field == "smb_message_echoes"
    else { return }
    // Only an ID tells the numbers apart: how the number itself is written varies.
    let id = value["metadata"]?["phone_number_id"]?.string ?? ""
    guard id.utf8.elementsEqual(phoneNumberID.utf8) else {
      batch.add { () throws(WebhookError) in
        throw .notUnderstood(
          "The webhook is for phone_number_id \"\(id.escaped)\", and this channel's is"
            + " \(phoneNumberID). Give each number a callback URL of its own.")
      }
      return
    }
    let contacts = value["contacts"]?.array ?? []
    for message in value["messages"]?.array ?? [] {
      batch.add { () throws(WebhookError) in try Self.message(message, contacts: contacts) }
    }
    for echo in value["message_echoes"]?.array ?? [] {
      batch.add { () throws(WebhookError) in try Self.echo(echo) }
    }
    for status in value["statuses"]?.array ?? [] {
      batch.add { () throws(WebhookError) in try Self.status(status) }
    }
  }

  // MARK: - The three kinds

  private static func message(
    _ json: JSON, contacts: [JSON]
  ) throws(WebhookError) -> WebhookEvent? {
    let id = try messageID(json)
    guard json["group_id"] == nil, let content = try WhatsAppContent(json).content
    else { return nil }
    let number = json["from"]?.string
    let userID = json["from_user_id"]?.string
    let contact = try WhatsAppContact.id(number: number, userID: userID)
    let card = contacts.first {
      isSame($0["wa_id"]?.string, number) || isSame($0["user_id"]?.string, userID)
    }
    return .message(
      InboundMessage(
        externalID: id, contact: contact, content: content, timestamp: milliseconds(json),
        profile: .known(
          name: card?["profile"]?["name"]?.string, phone: WhatsAppContact.phone(contact))))
  }

  private static func echo(_ json: JSON) throws(WebhookError) -> WebhookEvent? {
    let id = try messageID(json)
    guard json["group_id"] == nil, let content = try WhatsAppContent(json).content
    else { return nil }
    let contact = try WhatsAppContact.id(number: json["to"]?.string, userID: nil)
    return .message(
      InboundMessage(
        externalID: id, contact: contact, content: content, isEcho: true,
        timestamp: milliseconds(json),
        profile: .known(name: nil, phone: WhatsAppContact.phone(contact))))
  }

  private static func status(_ json: JSON) throws(WebhookError) -> WebhookEvent? {
    let id = try messageID(json)
    let status: DeliveryStatus
    switch json["status"]?.string {
    case "sent": status = .sent
    case "delivered": status = .delivered
    // A voice message that was listened to.
    case "read", "played": status = .read
    case "failed": status = .failed
    // The customer deleted it, or Meta has a remark.
    case "deleted", "warning": return nil
    case let other:
      throw .notUnderstood(
        "A status is \"\((other ?? "").escaped)\"; sent, delivered, read and failed are known.")
    }
    let error = WhatsAppError(json["errors"]?[0])
    return .status(
      StatusReport(
        externalID: id, status: status,
        reason: status == .failed
          ? error?.reason ?? "WhatsApp did not deliver the message, and gives no reason." : nil,
        reference: PartReference(json["biz_opaque_callback_data"]?.string)))
  }

  // MARK: - Fields

  private static func messageID(_ json: JSON) throws(WebhookError) -> String {
    guard let id = json["id"]?.string, (1...255).contains(id.utf8.count) else {
      throw .notUnderstood("A message's or status's id is missing, or longer than 255 bytes.")
    }
    return id
  }

  private static func isSame(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other else { return false }
    return one.utf8.elementsEqual(other.utf8)
  }

  /// Unix seconds as a string; milliseconds have been seen.
  private static func milliseconds(_ json: JSON) -> Int64? {
    let text = json["timestamp"]?.string ?? json["timestamp"]?.integer.map { String($0) } ?? ""
    guard text.isDigits, text.utf8.count <= 13, let number = Int64(text), number > 0
    else { return nil }
    return text.utf8.count > 11 ? number : number * 1_000
  }
}
