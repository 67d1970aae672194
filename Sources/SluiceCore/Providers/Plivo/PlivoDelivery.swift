/// What a message's status says, in a callback or when asked. Source:
/// https://www.plivo.com/docs/messaging/api/messages/; codes:
/// https://plivo.com/docs/messaging/troubleshooting/error-codes.
struct PlivoDelivery {
  /// `queued` for what Plivo has not passed on yet.
  let status: DeliveryStatus
  /// For `failed`.
  let reason: String?

  /// - Returns: `nil` for a status that nobody documents.
  init?(status: String?, code: String?) {
    switch status {
    case "queued": self.init(.queued)
    case "sent": self.init(.sent)
    case "delivered": self.init(.delivered)
    case "read": self.init(.read)
    case "undelivered", "failed", "rejected": self.init(.failed, Self.reason(code: code))
    default: return nil
    }
  }

  private init(_ status: DeliveryStatus, _ reason: String? = nil) {
    self.status = status
    self.reason = reason
  }

  /// A sentence for the agent, with the code.
  private static func reason(code: String?) -> String {
    // `000` and `0` stand for no error.
    let isCode = code?.contains { $0 != "0" } ?? false
    return table.reason(code: isCode ? code?.sentence : nil, detail: nil)
  }

  private static let table = ErrorTable(provider: "Plivo", sentences: sentences)

  private static let sentences: [String: String] = {
    let check = "Ask your administrator to check"
    let optedOut = "The contact has opted out by STOP, and gets no messages until they send START."
    return [
      "10": "The network does not accept the message.",
      "20": "The network failed to deliver the message; it may work later.",
      "30": "The network's filter took the message for unwanted.",
      "40": "The network does not accept this channel's sender. \(check) from in its settings.",
      "50": "The phone number is not one that Plivo can send to.",
      "60": "The network saw two machines answer each other, and stopped them.",
      "70": "The phone number is not in use, or cannot be reached for good.",
      "80": "The phone is switched off or out of reach.",
      "90": "Plivo has no route to this number.",
      "100": "The network prohibits the message.",
      "110": "The message is too long for the network.",
      "200": optedOut,
      "201": "A toll-free number of the US cannot send to Canada.",
      "300": "Plivo failed to pass the message on; it may work later.",
      "420": "The message waited at Plivo until it was too old.",
      "450": "The Plivo account may not send to this country. \(check) its geographic permissions.",
      "900": "The Plivo account has no credit left. Ask your administrator to top it up.",
    ]
  }()
}
