/// What a message's `status` says, in a callback, in the answer to a send, or when asked.
/// Source: https://www.twilio.com/docs/messaging/api/message-resource, "Message status values".
struct TwilioDelivery {
  /// `queued` for what Twilio has not passed on yet.
  let status: DeliveryStatus
  /// For `failed`.
  let reason: String?

  /// - Returns: `nil` for a status that nobody documents.
  init?(status: String?, code: String?, detail: String?) {
    switch status {
    case "accepted", "scheduled", "queued", "sending": self.init(.queued)
    case "sent": self.init(.sent)
    // Some of its segments did not arrive, and nobody can tell which.
    case "delivered", "partially_delivered": self.init(.delivered)
    case "read": self.init(.read)
    case "undelivered", "failed":
      self.init(.failed, TwilioError.table.reason(code: code, detail: detail))
    case "canceled": self.init(.failed, "The message was canceled at Twilio before it was sent.")
    default: return nil
    }
  }

  private init(_ status: DeliveryStatus, _ reason: String? = nil) {
    self.status = status
    self.reason = reason
  }
}
