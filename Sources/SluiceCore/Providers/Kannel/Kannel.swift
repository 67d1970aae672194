/// A Kannel SMS gateway, which its owner runs beside the SMSC link. Sources: Kannel 1.4.5 User's Guide,
/// "Setting up a SMS gateway" and "Delivery reports" (https://kannel.org/doc.shtml), and
/// `pruiz/kannel: gw/smsbox.c, gw/urltrans.c`; what they leave open was tried with Debian's 1.4.5-12.
///
/// Kannel signs nothing: whoever knows the secret in the callbacks' URLs is believed.
package struct Kannel: Provider {
  package static let name = "kannel"

  package let limits: PartLimits

  private let url: String
  private let username: String
  private let password: Secret
  private let sender: String?
  private let smsc: String?
  private let numberFormat: NumberFormat
  /// Of national numbers in messages, without a plus.
  private let countryCode: String?
  private let channelURL: String
  /// Goes into the URL of delivery reports.
  private let webhookSecret: Secret
  private let proofs: [Proof]

  /// How the SMSC wants the recipient's number.
  private enum NumberFormat: String, CaseIterable {
    case plus, digits

    func text(_ contact: ContactID) -> String {
      self == .digits ? contact.description.droppingPrefix("+") : contact.description
    }
  }

  package init?(settings: inout SettingsReader) {
    let url = settings.url("url", example: "http://127.0.0.1:13013/cgi-bin/sendsms")
    let username = settings.headerValue("username", example: "sluice")
    let password = settings.secret("password")
    let secret = settings.secret("webhook_secret", atLeast: 16)
    let previous =
      settings.has("webhook_secret_previous")
      ? settings.secret("webhook_secret_previous", atLeast: 16) : nil
    sender = settings.has("from") ? settings.headerValue("from", example: "12345") : nil
    smsc = settings.has("smsc") ? settings.headerValue("smsc", example: "carrier-1") : nil
    numberFormat = settings.choice("number_format", default: .plus)
    countryCode = settings.countryCode
    // Kannel cuts what exceeds its user group's `max-messages`, whose default is 1.
    limits = PartLimits(
      text: .smsSegments(maximum: settings.integer("max_segments", default: 1, in: 1...255)))
    let channelURL = settings.signedChannelURL()
    if let url, url.hasPrefix("http://"), !(url.urlHost ?? "").isLoopbackHost {
      settings.warn(
        "url", "The password travels unencrypted to another host. Use HTTPS or a tunnel.")
    }
    guard let url, let username, let password, let secret, let channelURL else { return nil }
    self.url = url
    self.username = username
    self.password = password
    self.channelURL = channelURL
    webhookSecret = secret
    proofs = [Proof(of: secret)] + (previous.map { [Proof(of: $0)] } ?? [])
  }

  // MARK: - Callbacks

  /// Of `get-url` and of delivery reports; 200 and 202 are all that Kannel takes for an answer.
  package let webhookMethods = ["GET"]

  package let proofParameters = ["secret"]

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    let secret = callback(request)?.secret
    // Tries every proof, so that the time taken does not tell which one failed.
    let proven = proofs.map { $0.isProven(by: secret) }
    return proven.contains(true)
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    guard let callback = callback(request) else {
      throw .notUnderstood("The query is not percent-encoded as it should be.")
    }
    return try callback.events()
  }

  private func callback(_ request: HTTPRequest) -> KannelCallback? {
    FormBytes(request.query.utf8).map { KannelCallback($0, countryCode: countryCode) }
  }

  // MARK: - Sends

  /// As a POST: its headers say what the query of the GET would, and passwords in URLs end up in
  /// logs.
  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let text = part.plainText
    var headers = [
      ("content-type", "text/plain; charset=UTF-8"),
      ("x-kannel-username", username), ("x-kannel-password", password.exposed),
      ("x-kannel-to", numberFormat.text(contact)),
      ("x-kannel-dlr-mask", "\(KannelCallback.wantedReports)"),
      ("x-kannel-dlr-url", reportURL(reference)),
    ]
    if let sender { headers.append(("x-kannel-from", sender)) }
    if let smsc { headers.append(("x-kannel-smsc", smsc)) }
    // Without it, a character outside GSM 7-bit becomes a question mark.
    if GSM7.septets(in: text) == nil { headers.append(("x-kannel-coding", "2")) }
    return HTTPCall(url: url, headers: headers, body: Array(text.utf8))
  }

  /// Kannel gives a message no ID that its reports repeat, so the reference travels in their URL. That
  /// is a template: a percent sign of ours has to be written twice.
  private func reportURL(_ reference: String) -> String {
    let secret = FormFields.percent(webhookSecret.exposed)
    let ours = "\(channelURL)/status?secret=\(secret)&reference=\(reference)"
    return ours.replacing("%", with: "%%") + "&status=%d&reply=%A"
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    KannelAnswer(response, secrets: [password, webhookSecret]).outcome
  }
}

extension SettingsReader {
  /// A string that goes into a header.
  fileprivate mutating func headerValue(_ key: String, example: String) -> String? {
    guard let text = string(key, example: example) else { return nil }
    guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), text.utf8.count <= 100 else {
      problem(
        key, "\"\(text.escaped)\" cannot be sent. Write at most 100 printable ASCII characters.")
      return nil
    }
    return text
  }
}

extension String {
  fileprivate func droppingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
