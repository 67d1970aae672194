/// A webhook of the Messages API: an inbound message or a status. Which one shows in the fields.
/// Source: https://developer.vonage.com/en/api/messages (webhooks).
struct VonageWebhook {
  private let json: JSON
  private let channel: VonageChannel
  private let countryCode: String?

  init(_ json: JSON, channel: VonageChannel, countryCode: String?) {
    self.json = json
    self.channel = channel
    self.countryCode = countryCode
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    guard let id = json["message_uuid"]?.string, (1...100).contains(id.utf8.count) else {
      throw .notUnderstood("message_uuid is missing, or not of 1 to 100 bytes.")
    }
    if json["message_type"] == nil, let status = json["status"]?.string {
      return try report(status, id: id).map { [.status($0)] } ?? []
    }
    return try messages(id: id)
  }

  // MARK: - Messages

  private func messages(id: String) throws(WebhookError) -> [WebhookEvent] {
    let name = json["channel"]?.string ?? ""
    guard channel.takes(name) else {
      throw .notUnderstood(
        "A message came by \"\(name.escaped)\", and this channel is for \(channel.rawValue)."
          + " Give each its own application, or its own channel here.")
    }
    guard
      let contact = ContactID(
        vonage: json["from"]?.string ?? "", countryCode: countryCode)
    else {
      throw .notUnderstood(
        "from is \"\((json["from"]?.string ?? "").escaped)\", so nobody can answer it.")
    }
    let isPhone = contact.description.utf8.first == UInt8(ascii: "+")
    let profile = ContactProfile(
      name: json["profile"]?["name"]?.string, phone: isPhone ? contact.description : nil)
    let timestamp = json["timestamp"]?.string.flatMap(Timestamp.milliseconds(ofDate:))
    let contents = try VonageContent(json).contents()
    return contents.enumerated().map { index, content in
      .message(
        InboundMessage(
          // An MMS may hold several pictures, which are a message each here.
          externalID: index == 0 ? id : "\(id).\(index + 1)", contact: contact, content: content,
          timestamp: timestamp, profile: profile))
    }
  }

  // MARK: - Statuses

  /// - Returns: `nil` for a status that says nothing new.
  private func report(_ word: String, id: String) throws(WebhookError) -> StatusReport? {
    let reference = PartReference(json["client_ref"]?.string)
    func report(_ status: DeliveryStatus, _ reason: String? = nil) -> StatusReport {
      StatusReport(externalID: id, status: status, reason: reason, reference: reference)
    }
    switch word {
    case "submitted": return report(.sent)  // Also where its error says that Vonage still tries.
    case "delivered": return report(.delivered)
    case "read": return report(.read)
    case "rejected", "undeliverable":
      let error = VonageError(json["error"])
      return report(.failed, error.reason(or: "The message was not delivered"))
    default:
      throw .notUnderstood(
        "A status is \"\(word.escaped)\"; submitted, delivered, read, rejected and undeliverable are"
          + " known.")
    }
  }
}
