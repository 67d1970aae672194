/// ClickSend SMS, REST v3. Sources: https://developers.clicksend.com/docs/messaging/sms and
/// `ClickSend/clicksend-python: docs/`.
///
/// ClickSend signs nothing, so whoever knows the webhook's URL is believed: it carries a secret
/// (`?secret=…`), and a second one while the secret is being changed.
package struct ClickSend: Provider {
  package static let name = "clicksend"

  /// Eight segments a call, 1224 septets or 536 UTF-16 units; ClickSend cuts off the rest. MMS works
  /// in few countries and takes 250 kB, so media goes as a link.
  package let limits = PartLimits(text: .smsSegments(maximum: 8))

  private let username: String
  private let apiKey: Secret
  private let proofs: [Proof]
  /// Whom the message comes from; `nil` leaves it to the account.
  private let sender: String?
  private let baseURL: String
  private let countryCode: String?

  package init?(settings: inout SettingsReader) {
    let username = settings.string("username", example: "me@example.com")
    let apiKey = settings.secret("api_key")
    let secret = settings.secret("webhook_secret", atLeast: 16)
    let previous =
      settings.has("webhook_secret_previous")
      ? settings.secret("webhook_secret_previous", atLeast: 16) : nil
    sender = settings.optionalString("from", example: "+61400000001")
    let baseURL = settings.url(
      "base_url", example: "https://rest.clicksend.com", default: "https://rest.clicksend.com")
    // RFC 7617, 2: the first colon ends the user name.
    if let username, username.contains(":") {
      settings.problem("username", "A user name cannot hold a colon. Copy it from the dashboard.")
    }
    guard let username, let apiKey, let secret, let baseURL else { return nil }
    self.username = username
    countryCode = settings.countryCode
    self.apiKey = apiKey
    proofs = [Proof(of: secret)] + (previous.map { [Proof(of: $0)] } ?? [])
    // ClickSend's documentation writes the base URL with the version.
    self.baseURL = baseURL.droppingSuffix("/").droppingSuffix("/v3")
  }

  /// Its three webhook types: `post`, `json` and `get`.
  package let webhookMethods = ["POST", "GET"]
  package let webhookContentTypes = ["application/x-www-form-urlencoded", "application/json"]

  package let proofParameters = ["secret"]

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    let query = FormFields(request.query.utf8)
    // Tries every proof, so that the time taken does not tell which one failed.
    let proven = proofs.map { $0.isProven(by: query?["secret"]) }
    return proven.contains(true)
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    guard let query = FormFields(request.query.utf8) else {
      throw .notUnderstood("The query is not percent-encoded as it should be.")
    }
    return try ClickSendWebhook(request, query: query, countryCode: countryCode).events()
  }

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let message = JSON.object(present: [
      ("source", "sluice"),
      ("from", sender.map(JSON.string)),
      ("to", .string(contact.description)),
      ("body", .string(part.plainText)),
      // Comes back in receipts and replies, and finds a message whose answer was lost.
      ("custom_string", .string(reference)),
    ])
    return HTTPCall(
      url: baseURL + "/v3/sms/send",
      headers: [authorization, ("content-type", "application/json")],
      body: (["messages": [message], "shorten_urls": false] as JSON).bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    ClickSendAnswer(response).outcome
  }

  /// Its history, by recipient. Sources: providers' documentation of `GET /v3/sms/history`; the
  /// listing sits at `data.data`, and carries each message's `custom_string`.
  package func call(lookingUp question: Lookup) -> HTTPCall? {
    let number = question.contact.description.replacingPrefix("+", with: "%2B")
    let from = (question.since - 60_000) / 1_000
    return HTTPCall(
      method: "GET", url: "\(baseURL)/v3/sms/history?q=to:\(number)&date_from=\(from)&limit=100",
      headers: [authorization])
  }

  /// An empty history is no proof that the message was not taken, so nothing is ever `notFound`.
  package func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding {
    guard response.status == 200, let json = try? JSONReader.read(response.body),
      let messages = json["data"]?["data"]?.array
    else { return .unclear(reason: "ClickSend's history answered \(response.status)") }
    let reference = question.reference.description
    for message in messages where message["custom_string"]?.string == reference {
      guard let id = Self.messageID(message["message_id"]?.string) else { continue }
      // Its words for a status are not documented; a receipt tells the rest.
      return .found(externalID: id, status: .sent, reason: nil)
    }
    return .unclear(reason: "ClickSend's history does not list it")
  }

  private var authorization: (name: String, value: String) {
    apiKey.basicAuthorization(user: username)
  }

  /// The form of a `message_id`: `^[0-9A-Fa-f-]{36}$`. ClickSend writes upper case; so do we, that
  /// the ID of a receipt equals the one stored with the part.
  static func messageID(_ text: String?) -> String? {
    guard let text, text.utf8.count == 36,
      text.utf8.allSatisfy({ byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
          UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "-"):
          true
        default: false
        }
      })
    else { return nil }
    return text.uppercased()
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }

  func droppingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
