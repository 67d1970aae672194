/// Twilio Programmable Messaging: SMS, MMS and WhatsApp. Source:
/// https://www.twilio.com/docs/messaging/api/message-resource.
///
/// Each send names the address of its status callbacks, with our reference in it, so a callback
/// also settles a send whose answer was lost.
package struct Twilio: Provider {
  package static let name = "twilio"

  private let sender: TwilioSender
  private let media: TwilioMedia
  /// `nil` where the settings say that nobody has to prove anything.
  private let signature: TwilioSignature?
  /// `nil` where nobody is to be proven, and `server.public_url` is not known.
  private let channelURL: String?
  private let messagesURL: String
  private let credentials: TwilioCredentials

  package init?(settings: inout SettingsReader) {
    let mustVerify = settings.mustVerify()
    channelURL = mustVerify ? settings.signedChannelURL() : settings.callbackURL()
    let credentials = TwilioCredentials(settings: &settings)
    let sender = TwilioSender(settings: &settings)
    let isMediaPublic = settings.flag("public_media", default: false)
    let baseURL = settings.url(
      "base_url", example: "https://api.twilio.com", default: "https://api.twilio.com")
    guard let credentials, let sender, let baseURL, channelURL != nil || !mustVerify else {
      return nil
    }
    self.credentials = credentials
    self.sender = sender
    signature = mustVerify ? TwilioSignature(tokens: credentials.tokens) : nil
    media = TwilioMedia(isPublic: isMediaPublic, credentials: credentials)
    messagesURL =
      "\(baseURL.droppingSuffix("/"))/2010-04-01/Accounts/\(credentials.accountSID)/Messages"
  }

  package var limits: PartLimits { sender.limits }
  package var defaultRate: Double? { sender.rate }

  // MARK: - Webhooks

  package let webhookMethods = ["POST", "GET"]
  package let webhookContentTypes = ["application/x-www-form-urlencoded", "application/json"]

  /// TwiML that does nothing. A plain text would be sent to the contact.
  package let webhookResponse = HTTPResponse(
    status: 200, text: #"<?xml version="1.0" encoding="UTF-8"?><Response/>"#, type: "text/xml")

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    guard let signature else { return true }
    guard let channelURL else { return false }
    return signature.isValid(on: request, to: request.signedURL(below: channelURL))
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    try TwilioWebhook(request, media: media, sender: sender).events()
  }

  package let hasPrivateMedia = true

  package func route(toMedia reference: String) -> MediaRoute? { media.route(to: reference) }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    var fields = sender.fields(to: contact) + Self.fields(of: part)
    if let channelURL {
      // Without the fragment, Twilio calls back once: what it says while we restart would be lost.
      // https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
      fields.append(("StatusCallback", "\(channelURL)/status?ref=\(reference)#rc=5&rp=ct,rt,5xx"))
    }
    return HTTPCall(
      url: messagesURL + ".json",
      headers: [
        credentials.authorization, ("content-type", "application/x-www-form-urlencoded"),
      ], body: FormFields.encode(fields))
  }

  private static func fields(of part: MessagePart) -> [(name: String, value: String)] {
    switch part {
    case .text, .quickReply: [("Body", part.plainText)]
    case .attachment(let attachment):
      [("MediaUrl", attachment.url)]
        + (attachment.description.map { $0.isEmpty ? [] : [("Body", $0)] } ?? [])
    case .location(let latitude, let longitude, let address):
      location(latitude: latitude, longitude: longitude, address: address)
    }
  }

  /// `geo:LATITUDE,LONGITUDE|LABEL`; neither another pipe nor a backslash may stand in the label.
  private static func location(
    latitude: Double, longitude: Double, address: String?
  ) -> [(name: String, value: String)] {
    let degrees = [latitude, longitude].map(MessageContent.degrees).joined(separator: ",")
    let label = (address ?? "").map { $0 == "|" || $0 == "\\" || $0.isNewline ? " " : $0 }
    return [
      ("Body", label.isEmpty ? degrees : String(label)),
      ("PersistentAction", "geo:\(degrees)" + (label.isEmpty ? "" : "|\(String(label))")),
    ]
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    TwilioAnswer(response, secrets: credentials.secrets).outcome
  }

  // MARK: - Lookups

  /// A send whose ID is not known cannot be found: a message carries nothing of ours. Its callback
  /// does, and tells.
  package func call(lookingUp question: Lookup) -> HTTPCall? {
    question.externalID.map { id in
      HTTPCall(
        method: "GET", url: "\(messagesURL)/\(FormFields.percent(id)).json",
        headers: [credentials.authorization])
    }
  }

  package func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding {
    guard response.status == 200, let json = try? JSONReader.read(response.body),
      let id = TwilioWebhook.messageID(json["sid"]?.string), id == question.externalID,
      let delivery = TwilioDelivery(
        status: json["status"]?.string, code: json["error_code"]?.integer.map { "\($0)" },
        detail: json["error_message"]?.string)
    else { return .unclear(reason: "Twilio does not say what became of it") }
    return .found(externalID: id, status: delivery.status, reason: delivery.reason)
  }
}
