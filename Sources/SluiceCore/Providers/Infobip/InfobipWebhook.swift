/// A webhook of Infobip's: a list of messages or of delivery reports, up to 2,000 of them.
struct InfobipWebhook {
  private let json: JSON
  private let baseURL: String
  private let countryCode: String?

  /// - Parameter isProven: Whether it is known to be Infobip's; a stranger may not be as long.
  init(
    _ request: HTTPRequest, baseURL: String, countryCode: String?, isProven: Bool
  ) throws(WebhookError) {
    json = try request.jsonObject(maximumKeys: isProven ? 60_000 : JSONReader.maximumKeys)
    self.baseURL = baseURL
    self.countryCode = countryCode
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    guard let results = json["results"]?.array else {
      throw .notUnderstood("The body has no array of results.")
    }
    var batch = EventBatch()
    for result in results {
      if result["status"] != nil {
        batch.add { () throws(WebhookError) in .status(try report(result)) }
      } else {
        add(result, to: &batch)
      }
    }
    return try batch.understood()
  }

  // MARK: - Messages

  private func add(_ result: JSON, to batch: inout EventBatch) {
    let contents = contents(of: result)
    for (index, content) in contents.enumerated() {
      batch.add { () throws(WebhookError) in
        let id = try id(of: result)
        let from = result["from"]?.string ?? ""
        guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
          throw .notUnderstood(
            "from is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
        }
        return .message(
          InboundMessage(
            // Each part of an MMS is a message here.
            externalID: index == 0 ? id : "\(id).\(index + 1)", contact: contact, content: content,
            timestamp: result["receivedAt"]?.string.flatMap(Timestamp.milliseconds(ofDate:)),
            profile: ContactProfile(phone: contact.description)))
      }
    }
  }

  /// At least one. `cleanText` lacks the keyword, so it is not what the contact wrote.
  private func contents(of result: JSON) -> [MessageContent] {
    let parts = (result["message"]?.array ?? []).prefix(20).compactMap(content(ofPart:))
    guard parts.isEmpty else { return parts }
    return [.text(result["text"]?.string?.nonEmpty ?? "(empty message)")]
  }

  private func content(ofPart part: JSON) -> MessageContent? {
    if let text = part["value"]?.string?.nonEmpty { return .text(text) }
    guard let url = part["url"]?.string else { return nil }
    let type = part["contentType"]?.string
    let kind = Attachment.Kind(mimeType: type)
    // Only with the account's key.
    if url.utf8.starts(with: (baseURL + "/").utf8),
      url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    {
      return .attachment(
        Attachment(kind: kind, url: Attachment.privateURL(url), mimeType: type))
    }
    let attachment = Attachment(kind: kind, url: url, mimeType: type)
    let isUsable = (try? MessageContent(json: MessageContent.attachment(attachment).json)) != nil
    return isUsable ? .attachment(attachment) : .text(attachment.plainText)
  }

  // MARK: - Delivery reports

  private func report(_ result: JSON) throws(WebhookError) -> StatusReport {
    let id = try id(of: result)
    let status = result["status"]
    guard let group = InfobipStatus(status) else {
      throw .notUnderstood(
        "A report's status.groupId is \(status?["groupId"]?.text ?? "missing"); 0 to 5 are known.")
    }
    return StatusReport(
      externalID: id, status: group.deliveryStatus,
      reason: group.deliveryStatus == .failed
        ? group.reason(error: result["error"], opening: "The message was not delivered") : nil,
      reference: PartReference(id))
  }

  private func id(of result: JSON) throws(WebhookError) -> String {
    guard let id = result["messageId"]?.string ?? result["messageId"]?.integer.map({ String($0) }),
      (1...200).contains(id.utf8.count)
    else { throw .notUnderstood("messageId is missing, or not of 1 to 200 bytes.") }
    return id
  }
}
