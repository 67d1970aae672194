/// Plivo's answer to a send: `{"message_uuid": […]}`, or `{"error": "…"}`, in words and without a
/// code, so the HTTP status decides.
struct PlivoAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let authToken: Secret

  init(_ response: HTTPResponse, authToken: Secret) {
    self.response = response
    self.authToken = authToken
    json = try? JSONReader.read(response.body)
  }

  var outcome: SendOutcome {
    let status = response.status
    switch status {
    case 200..<300:
      guard let id = PlivoWebhook.messageID(json?["message_uuid"]?[0]?.string) else {
        return .unknown(reason: "Plivo's answer to the send has no message_uuid.")
      }
      return .accepted(externalID: id)
    case 401:
      return .accountRefused(
        reason: "Plivo does not let us in. Ask your administrator to check the channel's auth_id"
          + " and auth_token (HTTP 401).")
    default:
      // A message may have been made, and Plivo recognises no repeats.
      if let outcome = response.sendOutcome(at: "Plivo") { return outcome }
      guard let error = json?["error"]?.string else {
        return .accountRefused(
          reason: "Plivo refused the request (HTTP \(status)). Ask your administrator to check the"
            + " channel's auth_id and base_url.")
      }
      let detail = error.redacting(authToken).sentence
      return .rejected(reason: "Plivo refused the message: \(detail) (HTTP \(status)).")
    }
  }
}
