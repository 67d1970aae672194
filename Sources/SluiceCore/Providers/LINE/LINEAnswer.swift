/// LINE's answer to a push: the messages' IDs, or a `message` with `details`
/// (https://developers.line.biz/en/reference/messaging-api/#error-responses).
struct LINEAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let detail: String

  /// - Parameter secret: What LINE may quote in a complaint.
  init(_ response: HTTPResponse, hiding secret: Secret) {
    self.response = response
    json = try? JSONReader.read(response.body)
    let words = [json?["message"]?.string, json?["details"]?[0]?["message"]?.string]
    detail = words.compactMap { $0 }.joined(separator: " ").redacting(secret).sentence
  }

  var outcome: SendOutcome {
    switch response.status {
    case 200..<300:
      guard let messageID else {
        return .unknown(reason: "LINE's answer to the send cannot be read.")
      }
      return .accepted(externalID: messageID)
    // Our retry key is known: an earlier call, whose answer we did not get, was taken.
    case 409 where response.header("x-line-accepted-request-id") != nil:
      return .accepted(externalID: messageID)
    case 429 where detail.lowercased().contains("monthly limit"):
      return refused(
        "The LINE account has sent all messages of this month; ask your administrator to raise"
          + " its plan")
    case 429:
      return .throttled(
        reason: "LINE gets too many messages from this account (HTTP 429).",
        after: response.retryAfter)
    case 408, 425, 500...:
      // Taken or not: with the same retry key it is shown once.
      return .deferred(
        reason: "LINE did not take the message (HTTP \(response.status)).",
        after: response.retryAfter)
    case 401:
      return refused(
        "LINE does not know the access token; ask your administrator to renew access_token")
    case 403:
      return refused("The LINE account may not do this; ask your administrator to check its plan")
    case 413: return rejected("The message is too large for LINE")
    default: return rejected("LINE refused the message")
    }
  }

  private func refused(_ sentence: String) -> SendOutcome {
    .accountRefused(reason: "\(sentence) (\(response.status): \(detail)).")
  }

  private func rejected(_ sentence: String) -> SendOutcome {
    .rejected(reason: "\(sentence) (\(response.status): \(detail)).")
  }

  /// Of the first message, which is the one that counts.
  private var messageID: String? {
    json?["sentMessages"]?[0]?["id"]?.string.flatMap {
      (1...64).contains($0.utf8.count) ? $0 : nil
    }
  }
}
