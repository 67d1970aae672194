/// Plivo Messaging: SMS and MMS. Source: https://www.plivo.com/docs/messaging/api/messages/.
///
/// Each send names the address of its status callbacks, with our reference in it, so a callback
/// also settles a send whose answer was lost.
package struct Plivo: Provider {
  package static let name = "plivo"

  private let authID: String
  private let authToken: Secret
  private let sender: PlivoSender
  private let isMediaPublic: Bool
  /// `nil` where the settings say that nobody has to prove anything.
  private let signature: PlivoSignature?
  /// `nil` where nobody is to be proven, and `server.public_url` is not known.
  private let channelURL: String?
  private let messagesURL: String

  package init?(settings: inout SettingsReader) {
    let mustVerify = settings.mustVerify()
    channelURL = mustVerify ? settings.signedChannelURL() : settings.callbackURL()
    let authID = settings.string("auth_id", example: "MAXXXXXXXXXXXXXXXXXX")
    let authToken = settings.secret("auth_token", atLeast: 16)
    let sender = PlivoSender(settings: &settings)
    isMediaPublic = settings.flag("public_media", default: true)
    let baseURL = settings.url(
      "base_url", example: "https://api.plivo.com", default: "https://api.plivo.com")
    if let authID, !Self.isAuthID(authID) {
      settings.problem(
        "auth_id",
        "\"\(authID.escaped)\" is not MA or SA and 18 letters or digits. Copy it from the console.")
      return nil
    }
    guard let authID, let authToken, let sender, let baseURL, channelURL != nil || !mustVerify
    else { return nil }
    self.authID = authID
    self.authToken = authToken
    self.sender = sender
    signature = mustVerify ? PlivoSignature(token: authToken) : nil
    messagesURL = "\(baseURL.droppingSuffix("/"))/v1/Account/\(authID)/Message/"
  }

  /// `MA…` is an account, `SA…` a subaccount.
  private static func isAuthID(_ text: String) -> Bool {
    text.utf8.count == 20 && (text.hasPrefix("MA") || text.hasPrefix("SA"))
      && text.unicodeScalars.allSatisfy { scalar in
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9": true
        default: false
        }
      }
  }

  package var limits: PartLimits { sender.limits }
  package var defaultRate: Double? { sender.rate }

  // MARK: - Webhooks

  package let webhookMethods = ["POST", "GET"]
  package let webhookContentTypes = ["application/x-www-form-urlencoded"]

  /// XML that does nothing: Plivo carries out what it is answered.
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
    try PlivoWebhook(request, sender: sender, isMediaPublic: isMediaPublic).events()
  }

  package let hasPrivateMedia = true

  package func route(toMedia reference: String) -> MediaRoute? {
    guard PlivoWebhook.isPlivo(reference) else { return nil }
    return .content(HTTPCall(method: "GET", url: reference, headers: [authorization]))
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let number = PlivoSender.withoutPlus(contact.description)
    var members = sender.members + [("dst", .string(number))]
    if case .attachment(let attachment) = part {
      members += [
        ("type", "mms"),
        ("text", attachment.description.flatMap { $0.isEmpty ? nil : .string($0) }),
        ("media_urls", [.string(attachment.url)]),
      ]
    } else {
      members += [("type", "sms"), ("text", .string(part.plainText))]
    }
    if let channelURL {
      members += [("url", "\(channelURL)/status?ref=\(reference)"), ("method", "POST")]
    }
    return HTTPCall(
      url: messagesURL, headers: [authorization, ("content-type", "application/json")],
      body: JSON.object(present: members).bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    PlivoAnswer(response, authToken: authToken).outcome
  }

  // MARK: - Lookups

  /// A send whose ID is not known cannot be found: a message carries nothing of ours. Its callback
  /// does, and tells.
  package func call(lookingUp question: Lookup) -> HTTPCall? {
    question.externalID.map { id in
      HTTPCall(
        method: "GET", url: "\(messagesURL)\(FormFields.percent(id))/", headers: [authorization])
    }
  }

  package func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding {
    guard response.status == 200, let json = try? JSONReader.read(response.body),
      let id = PlivoWebhook.messageID(json["message_uuid"]?.string), id == question.externalID,
      let delivery = PlivoDelivery(
        status: json["message_state"]?.string, code: json["error_code"]?.string)
    else { return .unclear(reason: "Plivo does not say what became of it") }
    return .found(externalID: id, status: delivery.status, reason: delivery.reason)
  }

  private var authorization: (name: String, value: String) {
    authToken.basicAuthorization(user: authID)
  }
}
