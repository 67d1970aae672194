/// Infobip SMS, API version 3. Sources: https://www.infobip.com/docs/api/channels/sms,
/// https://www.infobip.com/docs/api/platform/subscriptions-api and
/// `infobip/infobip-api-python-client`.
package struct Infobip: Provider {
  package static let name = "infobip"

  package let limits: PartLimits

  /// Every account has a host of its own.
  private let baseURL: String
  private let apiKey: Secret
  private let sender: String
  private let proof: InfobipProof
  private let reportURL: String?
  private let countryCode: String?

  package init?(settings: inout SettingsReader) {
    let baseURL = settings.url("base_url", example: "https://xxxxx.api.infobip.com")
    let apiKey = settings.secret("api_key")
    let sender = settings.string("sender", example: "46710000002")
    let proof = InfobipProof(settings: &settings)
    // Infobip splits a text, and documents no limit; more than this is several messages.
    limits = PartLimits(
      text: .smsSegments(maximum: settings.integer("max_segments", default: 10, in: 1...40)))
    guard let baseURL, let apiKey, let sender, let proof else { return nil }
    self.baseURL = baseURL.droppingSuffix("/")
    self.apiKey = apiKey
    self.sender = sender.utf8.first == UInt8(ascii: "+") ? String(sender.dropFirst()) : sender
    self.proof = proof
    countryCode = settings.countryCode
    reportURL = proof.reportURL(below: settings.callbackURL())
  }

  // MARK: - Webhooks

  package let proofParameters = ["secret"]

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    proof.isAuthentic(request)
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    try InfobipWebhook(
      request, baseURL: baseURL, countryCode: countryCode, isProven: !proof.believesAnybody
    ).events()
  }

  package let hasPrivateMedia = true

  /// Media of an MMS lies at the account's own host. Nobody else gets to see the key, whatever a webhook
  /// says.
  package func route(toMedia reference: String) -> MediaRoute? {
    guard reference.utf8.starts(with: (baseURL + "/").utf8) else { return nil }
    return .content(HTTPCall(method: "GET", url: reference, headers: [authorization]))
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let number = contact.description
    let message = JSON.object(present: [
      ("sender", .string(sender)),
      (
        "destinations",
        [
          [
            "to": .string(
              number.utf8.first == UInt8(ascii: "+") ? String(number.dropFirst()) : number),
            // Infobip takes an ID of ours for its own.
            "messageId": .string(reference),
          ]
        ]
      ),
      ("content", ["text": .string(part.plainText)]),
      (
        "webhooks",
        reportURL.map { url in
          [
            "delivery": ["url": .string(url), "intermediateReport": true],
            "contentType": "application/json",
          ]
        }
      ),
    ])
    return HTTPCall(
      url: baseURL + "/sms/3/messages",
      headers: [authorization, ("content-type", "application/json")],
      body: (["messages": [message]] as JSON).bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    InfobipAnswer(response, secrets: [apiKey, proof.secret]).outcome
  }

  private var authorization: (name: String, value: String) {
    ("authorization", "App \(apiKey.exposed)")
  }
}
