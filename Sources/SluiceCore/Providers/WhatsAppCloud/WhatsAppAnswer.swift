/// The Graph API's answer to a send. Accepted is not sent: most failures come as statuses.
struct WhatsAppAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let error: WhatsAppError?

  init(_ response: HTTPResponse, hiding secret: Secret) {
    self.response = response
    json = try? JSONReader.read(response.body)
    error = WhatsAppError(json?["error"], hiding: secret)
  }

  var outcome: SendOutcome {
    let status = response.status
    if (200..<300).contains(status) {
      guard let id = json?["messages"]?[0]?["id"]?.string, (1...255).contains(id.utf8.count)
      else { return .unknown(reason: "WhatsApp's answer to the send cannot be read.") }
      return .accepted(externalID: id)
    }
    if let trouble = error?.trouble(retryAfter: response.retryAfter) { return trouble }
    switch status {
    case 429:
      return .throttled(
        reason: error?.reason ?? "WhatsApp gets too many messages from this account (HTTP 429).",
        after: response.retryAfter)
    case 408, 425:
      return .deferred(
        reason: "WhatsApp asked for the request again (HTTP \(status)).",
        after: response.retryAfter)
    case 500...:
      // Even with a code: what fails on their side may have been taken.
      return .unknown(
        reason: error?.reason ?? "WhatsApp failed while taking the message (HTTP \(status)).")
    default:
      return .refused(
        reason: error?.reason
          ?? "WhatsApp refused the request (HTTP \(status)). Ask your administrator to check the"
          + " channel's base_url and api_version.", isAccounts: error?.isAccounts ?? true)
    }
  }
}
