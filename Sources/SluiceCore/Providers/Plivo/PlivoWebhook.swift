/// A webhook of Plivo: an inbound message or a status callback, a form of strings in either case.
/// Sources: https://www.plivo.com/docs/messaging/api/messages/ and
/// https://www.plivo.com/docs/messaging/xml/request.
struct PlivoWebhook {
  private let form: FormFields
  private let sender: PlivoSender
  private let isMediaPublic: Bool
  /// That a send put into the URL of its callbacks.
  private let reference: PartReference?

  init(
    _ request: HTTPRequest, sender: PlivoSender, isMediaPublic: Bool
  ) throws(WebhookError) {
    let query = FormFields(request.query.utf8)
    guard let form = request.method == "GET" ? query : FormFields(request.body) else {
      throw .notUnderstood("This is no form: an escape is broken, or it is not UTF-8.")
    }
    self.form = form
    self.sender = sender
    self.isMediaPublic = isMediaPublic
    reference = PartReference(query?["ref"])
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    form["Status"] == nil
      ? try messages().map { .message($0) } : try report().map { [.status($0)] } ?? []
  }

  // MARK: - Statuses

  /// - Returns: `nil` for what Plivo has not passed on yet, and for the delivery of one segment of
  ///   several: it must not hide the failure of another. The last one's counts.
  private func report() throws(WebhookError) -> StatusReport? {
    // Each segment may have an ID of its own; the parent is the message that was sent.
    let id = try messageID(nonEmpty("ParentMessageUUID") ?? nonEmpty("MessageUUID"))
    guard let delivery = PlivoDelivery(status: form["Status"], code: nonEmpty("ErrorCode")) else {
      throw .notUnderstood(
        "Status is \"\((form["Status"] ?? "").escaped)\", which Plivo does not document.")
    }
    if delivery.status == .queued || delivery.status == .delivered && !isLastSegment { return nil }
    return StatusReport(
      externalID: id, status: delivery.status, reason: delivery.reason, reference: reference)
  }

  /// By `PartInfo`, `1 of 2`; true where it is missing.
  private var isLastSegment: Bool {
    let words = (form["PartInfo"] ?? "").split(separator: " ")
    return words.count != 3 || words[0].utf8.elementsEqual(words[2].utf8)
  }

  // MARK: - Messages

  /// One for each file of an MMS: the platform takes a file a message. The first has the text for
  /// its caption.
  private func messages() throws(WebhookError) -> [InboundMessage] {
    let id = try messageID(nonEmpty("MessageUUID"))
    if let type = nonEmpty("Type"), type != "sms", type != "mms" {
      throw .notUnderstood("Type is \"\(type.escaped)\"; sms and mms are known.")
    }
    let (from, to) = (form["From"] ?? "", form["To"] ?? "")
    guard sender.isAddressed(by: to) else {
      throw .notUnderstood(
        "To is \"\(to.escaped)\", which is not this channel's number. Give that one the webhook"
          + " URL of its own channel.")
    }
    guard let contact = PhoneNumber.e164("+" + PlivoSender.withoutPlus(from)) else {
      throw .notUnderstood(
        "From is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    return try contents().enumerated().map { index, content in
      InboundMessage(
        externalID: index == 0 ? id : "\(id).\(index)", contact: contact, content: content,
        profile: ContactProfile(phone: contact.description))
    }
  }

  private func contents() throws(WebhookError) -> [MessageContent] {
    let text = nonEmpty("Text") ?? nonEmpty("Body")
    var contents: [MessageContent] = []
    // Documented to count from 1; seen to count from 0.
    for url in (0...10).compactMap({ nonEmpty("Media\($0)") }) {
      guard url.isMediaURL else {
        throw .notUnderstood(
          "A file of the message is at \"\(url.escaped)\", which is no https URL.")
      }
      contents.append(
        .attachment(
          Attachment(
            kind: Attachment.Kind(pathOf: url),
            url: isMediaPublic || !Self.isPlivo(url) ? url : Attachment.privateURL(url),
            description: contents.isEmpty ? text : nil)))
    }
    // The platform takes no empty text, and the agent should see that something came.
    return contents.isEmpty ? [.text(text ?? "(empty message)")] : contents
  }

  /// Whether the URL is one that may see our credentials.
  static func isPlivo(_ url: String) -> Bool { url.isMediaURL(below: ".plivo.com") }

  // MARK: - Fields

  private func messageID(_ text: String?) throws(WebhookError) -> String {
    guard let id = Self.messageID(text) else {
      throw .notUnderstood("MessageUUID is missing, or is no UUID.")
    }
    return id
  }

  static func messageID(_ text: String?) -> String? {
    guard let text, text.utf8.count == 36,
      text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Hex.digit($0) != nil })
    else { return nil }
    return text
  }

  private func nonEmpty(_ name: String) -> String? {
    form[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
