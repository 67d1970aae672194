/// A webhook of Telnyx: one event, `{"data": {"event_type", "payload", …}, "meta": …}`, in which the
/// payload is the message. Source: https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks.
struct TelnyxWebhook {
  private let event: JSON
  private let payload: JSON
  private let sender: TelnyxSender
  private let countryCode: String?

  init(_ body: [UInt8], sender: TelnyxSender, countryCode: String?) throws(WebhookError) {
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(body)
    } catch {
      throw .notUnderstood(error.description)
    }
    guard let event = json["data"], let payload = event["payload"] else {
      throw .notUnderstood("The body has no data with a payload.")
    }
    self.event = event
    self.payload = payload
    self.sender = sender
    self.countryCode = countryCode
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    switch event["event_type"]?.string {
    case "message.received": try messages().map { .message($0) }
    case "message.sent", "message.finalized": try [.status(report())]
    // A profile posts events of other products to the same address.
    case .some: []
    case nil: throw .notUnderstood("The body has no data.event_type.")
    }
  }

  // MARK: - Statuses

  private func report() throws(WebhookError) -> StatusReport {
    let id = try messageID()
    guard let delivery = TelnyxDelivery(payload) else {
      let status = payload["to"]?[0]?["status"]?.string ?? ""
      throw .notUnderstood("to[0].status is \"\(status.escaped)\", which Telnyx does not document.")
    }
    let tags = payload["tags"]?.array ?? []
    return StatusReport(
      externalID: id, status: delivery.status, reason: delivery.reason,
      reference: tags.lazy.compactMap { PartReference($0.string) }.first)
  }

  // MARK: - Messages

  /// One for each file of an MMS: the platform takes a file a message. The first has the text for
  /// its caption.
  private func messages() throws(WebhookError) -> [InboundMessage] {
    let id = try messageID()
    if let type = payload["type"]?.string, type != "SMS", type != "MMS" {
      throw .notUnderstood("The message's type is \"\(type.escaped)\"; SMS and MMS are known.")
    }
    guard sender.isAddressed(by: payload) else {
      throw .notUnderstood(
        "The message is for another number or profile than this channel's. Give that one the"
          + " webhook URL of its own channel.")
    }
    let from = payload["from"]?["phone_number"]?.string ?? ""
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "from is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    return try contents().enumerated().map { index, content in
      InboundMessage(
        externalID: index == 0 ? id : "\(id).\(index)", contact: contact, content: content,
        timestamp: milliseconds(payload["received_at"]) ?? milliseconds(event["occurred_at"]),
        profile: ContactProfile(phone: contact.description))
    }
  }

  private func contents() throws(WebhookError) -> [MessageContent] {
    let lines = [payload["subject"], payload["text"]].compactMap { $0?.string }
    let text = lines.filter { !$0.isEmpty }.joined(separator: "\n")
    let media = payload["media"]?.array ?? []
    guard !media.isEmpty else {
      // The platform takes no empty text, and the agent should see that something came.
      return [.text(text.isEmpty ? "(empty message)" : text)]
    }
    var contents: [MessageContent] = []
    for file in media.prefix(10) {
      guard let url = file["url"]?.string, url.isMediaURL else {
        throw .notUnderstood("A file of the message has no https URL.")
      }
      let type = file["content_type"]?.string
      contents.append(
        .attachment(
          Attachment(
            kind: Attachment.Kind(mimeType: type), url: url, mimeType: type,
            description: contents.isEmpty && !text.isEmpty ? text : nil,
            size: file["size"]?.integer.flatMap { $0 > 0 ? $0 : nil })))
    }
    return contents
  }

  // MARK: - Fields

  private func milliseconds(_ value: JSON?) -> Int64? {
    value?.string.flatMap { Timestamp.milliseconds(ofDate: $0) }
  }

  private func messageID() throws(WebhookError) -> String {
    guard let id = Self.messageID(payload) else {
      throw .notUnderstood("The message's id is missing, or is no UUID.")
    }
    return id
  }

  /// A UUID, in lower case as it comes.
  static func messageID(_ message: JSON) -> String? {
    guard let id = message["id"]?.string, id.utf8.count == 36,
      id.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Hex.digit($0) != nil })
    else { return nil }
    return id
  }
}
