/// The REST API of MessageBird, `rest.messagebird.com`: SMS, and MMS in the United States.
struct MessageBirdREST: MessageBirdAPI {
  let limits: PartLimits
  let isIdempotent = false

  private let accessKey: Secret
  private let originator: String
  private let baseURL: String
  private let channelURL: String
  private let proof: MessageBirdProof
  private let countryCode: String?

  init?(settings: inout SettingsReader) {
    let accessKey = settings.secret("access_key")
    let originator = settings.string("originator", example: "46710000002")
    let proof = MessageBirdProof(settings: &settings, defaultWindow: 90_000)
    let host = "https://rest.messagebird.com"
    let baseURL = settings.url("base_url", example: host, default: host)
    let channelURL = settings.signedChannelURL()
    limits = PartLimits(
      // 1377 characters; MessageBird refuses more.
      text: .smsSegments(maximum: 9),
      media: settings.flag("mms", default: false) ? .all(captions: .smsSegments(maximum: 9)) : nil)
    guard let accessKey, let originator, let proof, let baseURL, let channelURL else { return nil }
    self.accessKey = accessKey
    self.originator = originator.droppingPlus
    self.proof = proof
    countryCode = settings.countryCode
    self.baseURL = baseURL.droppingSuffix("/")
    self.channelURL = channelURL
  }

  /// By the token of today, or the header of older accounts.
  func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    guard let secret = proof.secret else { return true }
    let url = request.signedURL(below: channelURL)
    if let token = request.headers["messagebird-signature-jwt"] {
      func isValid(_ url: String) -> Bool {
        MessageBirdSignature.isValid(
          token: token, url: url, body: request.body, secret: secret, now: now)
      }
      if isValid(request.query.isEmpty ? url : "\(url)?\(request.query)") { return true }
      // Some deployments sign the URL without its query. A body's hash covers all that is read then.
      return request.method == "POST" && !request.query.isEmpty && isValid(url)
    }
    guard let signature = request.headers["messagebird-signature"],
      let timestamp = request.headers["messagebird-request-timestamp"],
      proof.isFresh(timestamp, now: now)
    else { return false }
    return MessageBirdSignature.isValid(
      signature, timestamp: timestamp, line: MessageBirdSignature.sorted(query: request.query),
      body: request.body, secret: secret)
  }

  func events(in request: HTTPRequest) throws(WebhookError) -> [WebhookEvent] {
    try MessageBirdWebhook(request, countryCode: countryCode).events()
  }

  func call(sending part: MessagePart, to contact: ContactID, reference: String) -> HTTPCall {
    var media: Attachment?
    if case .attachment(let attachment) = part { media = attachment }
    let text = media.map { $0.description ?? "" } ?? part.plainText
    let body = JSON.object(present: [
      ("originator", .string(originator)),
      ("recipients", [.string(contact.description.droppingPlus)]),
      ("body", text.isEmpty ? nil : .string(text)),
      ("mediaUrls", media.map { [.string($0.url)] }),
      // Otherwise what is outside GSM 7-bit is lost.
      ("datacoding", media == nil ? "auto" : nil),
      // Without one there are no reports at all.
      ("reference", .string(reference)),
      ("reportUrl", .string(channelURL + "/status")),
    ])
    return HTTPCall(
      url: baseURL + (media == nil ? "/messages" : "/mms"),
      headers: [
        ("authorization", "AccessKey \(accessKey.exposed)"), ("content-type", "application/json"),
      ], body: body.bytes)
  }

  func outcome(of response: HTTPResponse) -> SendOutcome {
    let answer = MessageBirdAnswer(response, secret: accessKey)
    return answer.outcome(id: answer.json?["id"]?.string, isIdempotent: isIdempotent)
  }
}

extension String {
  /// MessageBird writes numbers without one.
  var droppingPlus: String { utf8.first == UInt8(ascii: "+") ? String(dropFirst()) : self }
}
