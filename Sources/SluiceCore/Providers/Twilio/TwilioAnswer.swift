/// Twilio's answer to a send: the message, or `{"code", "message", "more_info", "status"}`.
struct TwilioAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let secrets: [Secret]

  init(_ response: HTTPResponse, secrets: [Secret]) {
    self.response = response
    self.secrets = secrets
    json = try? JSONReader.read(response.body)
  }

  var outcome: SendOutcome {
    switch response.status {
    case 200..<300: taken
    case 500...:
      // A message may have been made, and Twilio recognises no repeats.
      .unknown(reason: "Twilio failed while taking the message (HTTP \(response.status)).")
    case 429: throttled
    case 408, 425:
      .deferred(
        reason: "Twilio asked for the request again (HTTP \(response.status)).",
        after: response.retryAfter)
    default: refused
    }
  }

  private var taken: SendOutcome {
    guard let id = TwilioWebhook.messageID(json?["sid"]?.string) else {
      return .unknown(reason: "Twilio's answer to the send has no sid.")
    }
    // No callback repeats the status that stands here.
    let delivery = TwilioDelivery(
      status: json?["status"]?.string, code: json?["error_code"]?.integer.map { Int($0) },
      detail: json?["error_message"]?.string)
    if let reason = delivery?.reason { return .rejected(reason: reason) }
    return .accepted(externalID: id)
  }

  private var refused: SendOutcome {
    switch TwilioError.kind(of: code) {
    case .throttled: throttled
    case .transient:
      .deferred(reason: reason ?? "Twilio is busy.", after: response.retryAfter)
    case .account, .permanent:
      .refused(
        reason: reason
          ?? "Twilio refused the request (HTTP \(response.status)). Ask your administrator to check"
          + " the channel's account_sid and base_url.",
        isAccounts: code.map { TwilioError.kind(of: $0) == .account } ?? true)
    }
  }

  private var throttled: SendOutcome {
    .throttled(
      reason: reason ?? "Twilio gets too many requests from this account (HTTP 429).",
      after: response.retryAfter ?? TwilioError.pause(of: code))
  }

  private var code: Int? { json?["code"]?.integer.map { Int($0) } }

  /// `nil` where there is no code to go by.
  private var reason: String? {
    code.map { code in
      let detail = json?["message"]?.string?.redacting(secrets)
      return TwilioError.reason(code: code, detail: detail)
    }
  }
}
