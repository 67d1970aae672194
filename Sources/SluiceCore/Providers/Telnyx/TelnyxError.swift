/// One of Telnyx's errors, `{"code", "title", "detail"}`, of an answer to a send or of a message that
/// failed. Source: https://developers.telnyx.com/docs/messaging/messages/error-codes.
struct TelnyxError {
  private let code: String
  /// Telnyx's own words.
  private let detail: String?

  /// - Returns: `nil` where there is no code to go by.
  init?(_ json: JSON?, redacting secret: Secret? = nil) {
    guard let code = json?["code"]?.string ?? json?["code"]?.integer.map({ String($0) }),
      (1...8).contains(code.utf8.count), code.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    self.code = code
    let words = json?["detail"]?.string ?? json?["title"]?.string
    detail = secret.map { secret in words?.redacting(secret) } ?? words
  }

  /// What a refusal with this error means.
  func refusal(after: Double?) -> SendOutcome {
    Self.table.refusal(code: code, detail: detail, after: after)
  }

  /// A sentence for the agent, with the code.
  var reason: String { Self.table.reason(code: code, detail: detail) }

  private static let table = ErrorTable(
    provider: "Telnyx", sentences: sentences, throttled: ["10011", "40011"],
    transient: ["10007", "10008", "40002", "40006", "40318"],
    account: ["10009", "10010", "40013"])

  private static let sentences: [String: String] = {
    let check = "Ask your administrator to check"
    let busy = "Telnyx takes no more messages of this sender for now."
    let credentials = "Telnyx does not let us in. \(check) the channel's api_key."
    let noNumber = "The phone number is not one that Telnyx can send to."
    let refused = "The network refused the message without saying why."
    let filtered = "A filter took the message for unwanted."
    let late = "The message was too old before the network could deliver it."
    return [
      "10009": credentials, "10010": credentials,
      "10011": busy, "40011": busy, "40318": busy,
      "10002": noNumber, "10016": noNumber, "40012": noNumber,
      "40001": "The number is a landline, or its network takes no messages.",
      "40002": filtered, "40003": filtered, "40015": filtered,
      "40004": refused, "40008": refused,
      "40005": late, "40014": late,
      "40006": "The contact's network does not answer.",
      "40009": "The network does not accept the text of the message.",
      "40013": "The network does not accept this channel's sender. \(check) from in its settings.",
      "40300": "The contact has opted out by STOP, and gets no messages until they send START.",
      "40302": "The message has more than the ten parts that Telnyx takes.",
    ]
  }()
}
