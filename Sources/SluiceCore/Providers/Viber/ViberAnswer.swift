/// Viber's answer to a send: HTTP 200 whatever happened, and a `status` that says what did
/// (https://developers.viber.com/docs/api/rest-bot-api/#error-codes).
struct ViberAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let detail: String

  /// - Parameter secret: What Viber may quote in a complaint.
  init(_ response: HTTPResponse, hiding secret: Secret) {
    self.response = response
    json = try? JSONReader.read(response.body)
    detail = (json?["status_message"]?.string ?? "").redacting(secret).sentence
  }

  var outcome: SendOutcome {
    switch response.status {
    case 200..<300:
      guard let status = json?["status"]?.integer else {
        return .unknown(reason: "Viber's answer to the send cannot be read.")
      }
      return outcome(ofStatus: status)
    default:
      // Without an idempotency key a repeat may show the message twice.
      return response.sendOutcome(at: "Viber")
        ?? .accountRefused(
          reason: "Viber refused the request (HTTP \(response.status))."
            + " Ask your administrator to check the channel's base_url.")
    }
  }

  private func outcome(ofStatus status: Int64) -> SendOutcome {
    func reason(_ sentence: String) -> String { "\(sentence) (Viber \(status): \(detail))." }
    switch status {
    case 0: return .accepted(externalID: Self.token(json?["message_token"]))
    case 12:
      // Also said of a contact who does not answer: the others need not wait.
      return .deferred(
        reason: reason("Viber gets too many messages for this contact"), after: 120)
    case 2:
      return .accountRefused(
        reason: reason(
          "Viber does not know the bot's token; ask your administrator to check auth_token"))
    case 5:
      return .rejected(reason: reason("The contact is not on Viber any more"))
    case 6:
      return .rejected(
        reason: reason("The contact has not subscribed to the bot: they have to write first"))
    case 7, 8, 9, 10, 15, 18, 21:
      return .accountRefused(
        reason: reason("The Viber bot may not send; ask your administrator to look at its account"))
    case 11, 13, 14:
      return .rejected(reason: reason("The contact's Viber cannot show this message"))
    case 22, 23, 24:
      return .accountRefused(
        reason: reason(
          "The Viber account has no messages left; ask your administrator to top it up"))
    case 1, 3, 4, 16, 17, 19, 20:
      return .rejected(reason: reason("Viber refused the message"))
    default:
      return .deferred(reason: reason("Viber did not take the message"), after: nil)
    }
  }

  /// A message's token as text: a number of up to 63 bits, which a `Double` would not hold.
  static func token(_ json: JSON?) -> String? {
    if let number = json?.integer, number > 0 { return String(number) }
    guard let text = json?.string, text.isDigits, text.utf8.count <= 20 else { return nil }
    return text
  }
}
