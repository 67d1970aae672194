extension HTTPResponse {
  /// What the status of an answer to a send says by itself; `nil` where the body has to tell. A server
  /// that fails may have taken the message all the same.
  /// - Parameter provider: As agents know it.
  func sendOutcome(at provider: String) -> SendOutcome? {
    switch status {
    case 429:
      .throttled(
        reason: "\(provider) gets too many requests from this account (HTTP 429).",
        after: retryAfter)
    case 408, 425:
      .deferred(
        reason: "\(provider) asked for the request again (HTTP \(status)).", after: retryAfter)
    case 500...: .unknown(reason: "\(provider) failed while taking the message (HTTP \(status)).")
    default: nil
    }
  }
}
