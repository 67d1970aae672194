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
    case 429: throttled
    // After a 5xx a message may have been made, and Twilio recognises no repeats.
    default: response.sendOutcome(at: "Twilio") ?? refused
    }
  }

  private var taken: SendOutcome {
    guard let id = TwilioWebhook.messageID(json?["sid"]?.string) else {
      return .unknown(reason: "Twilio's answer to the send has no sid.")
    }
    // No callback repeats the status that stands here.
    let delivery = TwilioDelivery(
      status: json?["status"]?.string, code: json?["error_code"]?.integer.map { "\($0)" },
      detail: json?["error_message"]?.string)
    if let reason = delivery?.reason { return .rejected(reason: reason) }
    return .accepted(externalID: id)
  }

  private var refused: SendOutcome {
    guard let code else {
      return .accountRefused(
        reason:
          "Twilio refused the request (HTTP \(response.status)). Ask your administrator to check"
          + " the channel's account_sid and base_url.")
    }
    return TwilioError.table.refusal(code: code, detail: detail, after: pause)
  }

  private var throttled: SendOutcome {
    .throttled(
      reason: code.map { TwilioError.table.reason(code: $0, detail: detail) }
        ?? "Twilio gets too many requests from this account (HTTP 429).",
      after: pause)
  }

  /// Seconds.
  private var pause: Double? { response.retryAfter ?? TwilioError.pause(of: code) }

  /// `nil` where there is none to go by.
  private var code: String? { json?["code"]?.integer.map { "\($0)" } }

  private var detail: String? { json?["message"]?.string?.redacting(secrets) }
}
