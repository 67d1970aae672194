/// What a message says of its delivery, in a webhook or when asked: the status of its recipient, not
/// the event's name. Source: https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks.
struct TelnyxDelivery {
  let status: DeliveryStatus
  /// For `failed`.
  let reason: String?

  /// - Returns: `nil` for a status that nobody documents.
  init?(_ message: JSON) {
    switch message["to"]?[0]?["status"]?.string {
    // The last one: the carrier gives no receipts.
    case "queued", "sending", "sent", "delivery_unconfirmed": (status, reason) = (.sent, nil)
    case "delivered": (status, reason) = (.delivered, nil)
    case "sending_failed", "delivery_failed", "expired":
      (status, reason) = (.failed, TelnyxError(message["errors"]?[0])?.reason ?? Self.unexplained)
    default: return nil
    }
  }

  private static let unexplained =
    "The message was not delivered: no reason given (Telnyx gives no code)."
}
