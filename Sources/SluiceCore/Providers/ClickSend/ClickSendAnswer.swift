/// ClickSend's answer to a send: an envelope with a `response_code`, and in it each message with a
/// `status` of its own. HTTP 200 alone says nothing.
struct ClickSendAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let envelope: JSON?

  init(_ response: HTTPResponse) {
    self.response = response
    envelope = try? JSONReader.read(response.body)
  }

  var outcome: SendOutcome {
    let code = envelope?["response_code"]?.string
    switch response.status {
    case 200..<300:
      guard let code else {
        return .unknown(reason: "ClickSend's answer to the send cannot be read.")
      }
      return code == "SUCCESS" ? messageOutcome : outcome(ofCode: code)
    default:
      // A 5xx was seen with messages that did arrive; without an idempotency key a repeat sends twice.
      if let outcome = response.sendOutcome(at: "ClickSend") { return outcome }
      if let code, code != "SUCCESS" { return outcome(ofCode: code) }
      return .accountRefused(
        reason: "ClickSend refused the request (HTTP \(response.status))."
          + " Ask your administrator to check the channel's base_url.")
    }
  }

  /// Of the one message we sent.
  private var messageOutcome: SendOutcome {
    let message = envelope?["data"]?["messages"]?[0]
    switch message?["status"]?.string {
    case "SUCCESS":
      return .accepted(externalID: ClickSend.messageID(message?["message_id"]?.string))
    case let status?: return outcome(ofCode: status)
    case nil: return .unknown(reason: "ClickSend's answer does not say what became of the message.")
    }
  }

  /// What a `response_code` or a message's `status` means, other than `SUCCESS`.
  private func outcome(ofCode code: String) -> SendOutcome {
    let shown = Self.isCode(code) ? code : "unreadable code"
    switch code {
    case "TOO_MANY_REQUESTS":
      return .throttled(
        reason: "ClickSend gets too many requests from this account (\(code)).",
        after: response.retryAfter)
    case "INTERNAL_ERROR", "SOMETHING_IS_WRONG":
      return .unknown(reason: "ClickSend failed while taking the message (\(code)).")
    default:
      let sentence = Self.refusals[code] ?? "ClickSend refused the message."
      return .refused(
        reason: "\(sentence.dropLast()) (\(shown)).", isAccounts: Self.accounts.contains(code))
    }
  }

  private static func isCode(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "_")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
  }

  /// Codes that say more of the account than of the message.
  private static let accounts: Set<String> = [
    "INVALID_SENDER_ID", "COUNTRY_NOT_ENABLED", "REGISTRATION_NEEDED", "MISSING_CREDENTIALS",
    "INVALID_CREDENTIALS", "UNAUTHORIZED", "FORBIDDEN", "ACCOUNT_NOT_ACTIVATED",
    "INSUFFICIENT_CREDIT", "NOT_FOUND",
  ]

  /// What an agent can understand, and act on. Each ends with a full stop.
  private static let refusals: [String: String] = {
    let account = "The ClickSend account does not let us in; ask your administrator to check its"
    return [
      "INVALID_RECIPIENT": "The phone number is not one that ClickSend can send to.",
      "INVALID_SENDER_ID":
        "The sender of this channel is not allowed; ask your administrator to check \"from\".",
      "EMPTY_MESSAGE": "The message is empty.",
      "MISSING_REQUIRED_FIELDS": "ClickSend misses a field in the message.",
      "INVALID_SCHEDULE": "ClickSend does not accept the time to send the message at.",
      "COUNTRY_NOT_ENABLED":
        "The ClickSend account may not send to this country; ask your administrator to enable it.",
      "REGISTRATION_NEEDED":
        "This country asks for a registered sender; ask your administrator to register one.",
      "TOO_MANY_RECIPIENTS": "ClickSend counts too many recipients.",
      "NOT_ENOUGH_PERMISSION_TO_LIST_ID": "The ClickSend account may not use this contact list.",
      "SUBJECT_REQUIRED": "ClickSend misses a subject in the message.",
      "INVALID_MEDIA_FILE": "ClickSend does not accept the file.",
      "ALREADY_EXISTS": "ClickSend has this already.",
      "INVALID_LANG": "ClickSend does not know the language.",
      "INVALID_VOICE": "ClickSend does not know the voice.",
      "MISSING_CREDENTIALS": "\(account) user name and API key.",
      "INVALID_CREDENTIALS": "\(account) user name and API key.",
      "UNAUTHORIZED": "\(account) user name and API key.",
      "FORBIDDEN": "\(account) permissions.",
      "ACCOUNT_NOT_ACTIVATED": "\(account) activation.",
      "INSUFFICIENT_CREDIT":
        "The ClickSend account has no credit left; ask your administrator to top it up.",
      "NOT_FOUND":
        "ClickSend has no such address; ask your administrator to check the channel's base_url.",
      // Not a rate limit: the same text just went to the same number, and a repeat ends the same.
      "THROTTLED":
        "The same text went to this number moments ago, and ClickSend does not send it twice.",
    ]
  }()
}
