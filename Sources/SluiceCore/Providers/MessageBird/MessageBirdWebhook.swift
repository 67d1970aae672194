/// A webhook of the REST API: a message to a number or a short code, or a status report. All are a form
/// or a query.
struct MessageBirdWebhook {
  private let fields: FormFields
  private let countryCode: String?

  init(_ request: HTTPRequest, countryCode: String?) throws(WebhookError) {
    let fields =
      request.method == "GET" ? FormFields(request.query.utf8) : FormFields(request.body)
    guard let fields else {
      throw .notUnderstood("The fields are no form: an escape is broken, or they are not UTF-8.")
    }
    self.fields = fields
    self.countryCode = countryCode
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    // A short code's messages have `mid`.
    guard let id = self["id"] ?? self["mid"], id.utf8.count <= 100 else {
      throw .notUnderstood("id is missing, or longer than 100 bytes.")
    }
    if let status = self["status"] { return [.status(try report(status, id: id))] }
    return try messages(id: id)
  }

  // MARK: - Messages

  private func messages(id: String) throws(WebhookError) -> [WebhookEvent] {
    let from = self["originator"] ?? ""
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "originator is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    let text = self["body"] ?? self["message"]
    var contents = media.map(MessageContent.attachment)
    if let text { contents.insert(.text(text), at: 0) }
    if contents.isEmpty { contents = [.text("(empty message)")] }
    return contents.enumerated().map { index, content in
      .message(
        InboundMessage(
          externalID: index == 0 ? id : "\(id).\(index + 1)", contact: contact, content: content,
          timestamp: timestamp, profile: ContactProfile(phone: contact.description)))
    }
  }

  /// A field for each, or one that holds a list as JSON.
  private var media: [Attachment] {
    let values = fields.pairs.filter { ["mediaUrls", "mediaUrls[]"].contains($0.name) }.map(\.value)
    let urls = values.flatMap { value in
      (try? JSONReader.read(value.utf8))?.array.map { $0.compactMap(\.string) } ?? [value]
    }
    return urls.prefix(20).compactMap { url in
      let type = Attachment(kind: .file, url: url).mediaType
      let attachment = Attachment(kind: Attachment.Kind(mimeType: type), url: url, mimeType: type)
      let isUsable = (try? MessageContent(json: MessageContent.attachment(attachment).json)) != nil
      return isUsable ? attachment : nil
    }
  }

  /// In one of the four forms that are in use.
  private var timestamp: Int64? {
    self["createdDatetime"].flatMap(Timestamp.milliseconds(ofDate:))
      ?? self["date"].flatMap(Timestamp.milliseconds(ofSeconds:))
      ?? self["receive_datetime"].flatMap(Self.milliseconds(ofDigits:))
  }

  /// `YYYYMMDDhhmmss`.
  private static func milliseconds(ofDigits text: String) -> Int64? {
    let digits = Array(text)
    guard digits.count == 14 else { return nil }
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return Timestamp.milliseconds(
      ofDate: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T"
        + "\(part(8..<10)):\(part(10..<12)):\(part(12..<14))")
  }

  // MARK: - Status reports

  private func report(_ word: String, id: String) throws(WebhookError) -> StatusReport {
    let reference = PartReference(self["reference"])
    func report(_ status: DeliveryStatus, _ reason: String? = nil) -> StatusReport {
      StatusReport(externalID: id, status: status, reason: reason, reference: reference)
    }
    switch word {
    case "scheduled", "sent", "buffered": return report(.sent)
    case "delivered": return report(.delivered)
    case "expired", "delivery_failed": return report(.failed, failure(word))
    default:
      throw .notUnderstood(
        "A report's status is \"\(word.escaped)\"; scheduled, sent, buffered, delivered, expired and"
          + " delivery_failed are known.")
    }
  }

  private func failure(_ word: String) -> String {
    guard let code = self["statusErrorCode"] else {
      let words = self["statusReason"] ?? word
      return "The message was not delivered: \(words.sentence)."
    }
    if code == "103" {
      return "The contact has opted out of messages from this sender (MessageBird error 103)."
    }
    let words = self["statusReason"] ?? word
    return "The message was not delivered: \(words.sentence) (MessageBird error \(code.escaped))."
  }

  /// The first of that name that is not empty.
  private subscript(name: String) -> String? { fields[name]?.nonEmpty }
}
