/// Telnyx's answer to a send: `{"data": message}`, or `{"errors": […]}`.
struct TelnyxAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let error: TelnyxError?

  init(_ response: HTTPResponse, apiKey: Secret) {
    self.response = response
    json = try? JSONReader.read(response.body)
    error = TelnyxError(json?["errors"]?[0], redacting: apiKey)
  }

  var outcome: SendOutcome {
    switch response.status {
    case 200..<300:
      guard let id = json?["data"].flatMap(TelnyxWebhook.messageID) else {
        return .unknown(reason: "Telnyx's answer to the send has no id.")
      }
      return .accepted(externalID: id)
    case 409, 500...:
      // Either may follow a send, and Telnyx does not promise to recognise repeats.
      return .unknown(
        reason: "Telnyx failed while taking the message (HTTP \(response.status)).")
    case 429: return throttled
    case 408, 425:
      return .deferred(
        reason: "Telnyx asked for the request again (HTTP \(response.status)).",
        after: response.retryAfter)
    default: return refused
    }
  }

  private var refused: SendOutcome {
    guard let error else {
      return .accountRefused(
        reason: "Telnyx refused the request (HTTP \(response.status)). Ask your administrator to"
          + " check the channel's api_key and base_url.")
    }
    return switch error.kind {
    case .throttled: throttled
    case .transient: .deferred(reason: error.reason, after: response.retryAfter)
    case .account: .accountRefused(reason: error.reason)
    case .permanent: .rejected(reason: error.reason)
    }
  }

  private var throttled: SendOutcome {
    .throttled(
      reason: error?.reason ?? "Telnyx gets too many requests from this account (HTTP 429).",
      after: response.retryAfter)
  }
}
