/// A webhook of Twilio: an inbound message or a status callback, a form of strings in either case.
/// Sources: https://www.twilio.com/docs/messaging/guides/webhook-request and
/// https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
struct TwilioWebhook {
  private let form: FormFields
  private let media: TwilioMedia
  private let sender: TwilioSender
  /// That a send put into the URL of its callbacks.
  private let reference: PartReference?

  init(
    _ request: HTTPRequest, media: TwilioMedia, sender: TwilioSender
  ) throws(WebhookError) {
    guard request.contentType != "application/json" else {
      throw .notUnderstood("The body is JSON; Twilio's messages and statuses are forms.")
    }
    let query = FormFields(request.query.utf8)
    guard let form = request.method == "GET" ? query : FormFields(request.body) else {
      throw .notUnderstood("This is no form: an escape is broken, or it is not UTF-8.")
    }
    self.form = form
    self.media = media
    self.sender = sender
    reference = PartReference(query?["ref"])
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    switch form["MessageStatus"] ?? form["SmsStatus"] {
    case nil, "received", "receiving": try messages().map { .message($0) }
    case let status?: try report(status).map { [.status($0)] } ?? []
    }
  }

  // MARK: - Statuses

  /// - Returns: `nil` for what Twilio has not passed on yet.
  private func report(_ status: String) throws(WebhookError) -> StatusReport? {
    let id = try messageID()
    guard
      let delivery = TwilioDelivery(
        status: status, code: Self.code(form["ErrorCode"]),
        detail: nonEmpty("ChannelStatusMessage"))
    else {
      throw .notUnderstood(
        "MessageStatus is \"\(status.escaped)\", which Twilio does not document.")
    }
    guard delivery.status != .queued else { return nil }
    return StatusReport(
      externalID: id, status: delivery.status, reason: delivery.reason, reference: reference)
  }

  // MARK: - Messages

  /// One for each file of an MMS: the platform takes a file a message. The first has the text for
  /// its caption.
  private func messages() throws(WebhookError) -> [InboundMessage] {
    let id = try messageID()
    guard let contact = sender.contact(form["From"] ?? "") else {
      throw .notUnderstood(
        "From is \"\((form["From"] ?? "").escaped)\", which is no phone number, so nobody can"
          + " answer it.")
    }
    let isPhone = contact.description.hasPrefix("+")
    let profile = ContactProfile(
      name: form["ProfileName"], phone: isPhone ? contact.description : nil)
    return try contents().enumerated().map { index, content in
      InboundMessage(
        externalID: index == 0 ? id : "\(id).\(index)", contact: contact, content: content,
        profile: profile)
    }
  }

  private func contents() throws(WebhookError) -> [MessageContent] {
    // A button's or a list's choice stands in Body too.
    let text = nonEmpty("Body") ?? nonEmpty("ButtonText") ?? nonEmpty("ListTitle")
    let attachments = try attachments(caption: text)
    if !attachments.isEmpty { return attachments.map { .attachment($0) } }
    if let location { return [location] }
    // The platform takes no empty text, and the agent should see that something came.
    return [.text(text ?? "(empty message)")]
  }

  /// At most ten files make up a message.
  private func attachments(caption: String?) throws(WebhookError) -> [Attachment] {
    var attachments: [Attachment] = []
    for index in 0..<10 {
      guard let text = nonEmpty("MediaUrl\(index)") else { break }
      guard let url = media.attachmentURL(text) else {
        throw .notUnderstood("MediaUrl\(index) is \"\(text.escaped)\", which is no https URL.")
      }
      let type = nonEmpty("MediaContentType\(index)")
      attachments.append(
        Attachment(
          kind: Attachment.Kind(mimeType: type), url: url, mimeType: type,
          description: index == 0 ? caption : nil))
    }
    return attachments
  }

  private var location: MessageContent? {
    guard let latitude = Self.degrees(form["Latitude"], within: 90),
      let longitude = Self.degrees(form["Longitude"], within: 180)
    else { return nil }
    let address = [nonEmpty("Label"), nonEmpty("Address")].compactMap { $0 }
    return .location(
      latitude: latitude, longitude: longitude,
      address: address.isEmpty ? nil : address.joined(separator: ", "))
  }

  // MARK: - Fields

  private func messageID() throws(WebhookError) -> String {
    guard let id = Self.messageID(form["MessageSid"] ?? form["SmsSid"]) else {
      throw .notUnderstood("MessageSid is missing, or is not SM or MM and 32 hexadecimal digits.")
    }
    return id
  }

  /// `SM…` or, with media, `MM…`.
  static func messageID(_ text: String?) -> String? {
    guard let text, ["SM", "MM"].contains(where: { TwilioCredentials.isSID(text, prefix: $0) })
    else { return nil }
    return text
  }

  private static func code(_ text: String?) -> String? {
    guard let text, (1...6).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return text
  }

  /// Decimal degrees. `Double` alone would read `nan`, `0x10` and `1e2` too.
  private static func degrees(_ text: String?, within limit: Double) -> Double? {
    guard let text, text.utf8.count <= 32,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }),
      let value = Double(text), abs(value) <= limit
    else { return nil }
    return value
  }

  private func nonEmpty(_ name: String) -> String? {
    form[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
