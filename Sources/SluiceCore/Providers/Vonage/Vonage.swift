/// Vonage, in both its generations: the Messages API v1 (SMS, MMS, WhatsApp, RCS) and the SMS API that
/// came from Nexmo. Sources: https://developer.vonage.com/en/api/messages, `…/api/sms`,
/// https://developer.vonage.com/en/getting-started/concepts/webhooks, and `Vonage/vonage-python-sdk`.
///
/// `api` says by which of them is sent. Webhooks are taken from both: which one a number's messages
/// come by is a setting of the account.
package struct Vonage: Provider {
  package static let name = "vonage"

  /// What one API key may send a second, unless its contract or the country says otherwise.
  package let defaultRate: Double? = 30

  private let sender: any VonageSender
  private let channel: VonageChannel
  private let verifier: VonageVerifier
  private let countryCode: String?

  private enum API: String, CaseIterable { case messages, sms }

  package init?(settings: inout SettingsReader) {
    let api: API = settings.choice("api", default: .messages)
    channel = settings.choice("channel", default: .sms)
    if api == .sms, channel != .sms {
      settings.problem("channel", "The SMS API sends only SMS. Write api = \"messages\".")
    }
    let key = settings.string("api_key", example: "abcd1234")
    let apiSecret = settings.secret("api_secret")
    let from = settings.string("from", example: "447700900000")
    let host = api == .sms ? "https://rest.nexmo.com" : "https://api.nexmo.com"
    let baseURL = settings.url("base_url", example: host, default: host)
    let verifier = VonageVerifier(settings: &settings, apiKey: key)
    if let key, key.contains(":") {
      settings.problem("api_key", "A key cannot hold a colon. Copy it from the dashboard.")
    }
    guard let key, let apiSecret, let from, let baseURL, let verifier else { return nil }
    self.verifier = verifier
    countryCode = settings.countryCode
    let account = VonageAccount(
      key: key, secret: apiSecret,
      from: from.utf8.first == UInt8(ascii: "+") ? String(from.dropFirst()) : from,
      baseURL: baseURL.droppingSuffix("/"),
      statusURL: verifier.statusURL(below: settings.callbackURL()),
      told: [apiSecret] + [verifier.webhookSecret].compactMap { $0 })
    sender =
      api == .sms ? VonageSMS(account: account) : VonageMessages(account: account, channel: channel)
  }

  package var limits: PartLimits { sender.limits }

  // MARK: - Webhooks

  /// The SMS API's are a query, a form or JSON, as the account is set.
  package let webhookMethods = ["POST", "GET"]
  package let webhookContentTypes = ["application/json", "application/x-www-form-urlencoded"]

  /// Vonage takes 4xx for the end of the matter, and has been known to send an unsigned webhook by
  /// mistake: what is refused so comes again, for 24 hours.
  package let unauthenticatedStatus = 503

  /// The dashboard calls without any field when a webhook's URL is set.
  package func handshake(_ request: HTTPRequest) throws(WebhookError) -> HTTPResponse? {
    request.method == "GET" && request.query.isEmpty && request.body.isEmpty ? webhookResponse : nil
  }

  package let proofParameters = ["secret", "sig"]

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    verifier.isAuthentic(request, now: now)
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    let fields = VonageFields(request)
    if fields["messageId"] != nil {
      return try VonageSMSWebhook(fields, countryCode: countryCode).events()
    }
    guard request.contentType == "application/json" else {
      throw .notUnderstood("The request has no messageId, so it is no SMS and no receipt.")
    }
    return try VonageWebhook(
      try request.jsonObject(), channel: channel, countryCode: countryCode
    ).events()
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    sender.call(sending: part, to: contact.vonageNumber, reference: reference)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome { sender.outcome(of: response) }
}

/// One of the two APIs, for sends.
protocol VonageSender: Sendable {
  var limits: PartLimits { get }
  func call(sending part: MessagePart, to recipient: String, reference: String) -> HTTPCall
  func outcome(of response: HTTPResponse) -> SendOutcome
}

struct VonageAccount: Sendable {
  let key: String
  let secret: Secret
  /// A number without its plus, or a name.
  let from: String
  let baseURL: String
  /// Where statuses go; `nil` leaves it to the account.
  let statusURL: String?
  /// What Vonage may quote, and nobody else is to see.
  let told: [Secret]

  /// Both APIs take it; the other ways need a private key, or put the secret into the body.
  var authorization: (name: String, value: String) { secret.basicAuthorization(user: key) }
}

/// What the Messages API calls a channel.
enum VonageChannel: String, CaseIterable, Sendable {
  case sms, mms, whatsapp, rcs

  /// Whether a webhook of `other` belongs here: texts to an MMS number come as SMS.
  func takes(_ other: String) -> Bool {
    other == rawValue || self == .mms && other == VonageChannel.sms.rawValue
  }
}

extension ContactID {
  /// Vonage's form: a number without its plus, or an ID of its own.
  fileprivate var vonageNumber: String {
    description.utf8.first == UInt8(ascii: "+")
      ? String(description.dropFirst()) : decoded ?? description
  }

  /// The contact of a webhook.
  init?(vonage text: String, countryCode: String?) {
    if let number = PhoneNumber.e164(text, countryCode: countryCode) {
      self = number
    } else if let other = try? ContactID(encoding: text), !text.isEmpty {
      self = other
    } else {
      return nil
    }
  }
}
