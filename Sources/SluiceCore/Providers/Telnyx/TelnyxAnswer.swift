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
    case 409:
      // May follow a send, as a 5xx may, and Telnyx does not promise to recognise repeats.
      return .unknown(reason: "Telnyx failed while taking the message (HTTP 409).")
    case 429:
      guard let error else { break }
      return .throttled(reason: error.reason, after: response.retryAfter)
    default: break
    }
    return response.sendOutcome(at: "Telnyx") ?? refused
  }

  private var refused: SendOutcome {
    guard let error else {
      return .accountRefused(
        reason: "Telnyx refused the request (HTTP \(response.status)). Ask your administrator to"
          + " check the channel's api_key and base_url.")
    }
    return error.refusal(after: response.retryAfter)
  }
}
