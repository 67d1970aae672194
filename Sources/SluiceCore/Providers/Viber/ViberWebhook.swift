/// A webhook: one event (https://developers.viber.com/docs/api/rest-bot-api/#callbacks).
struct ViberWebhook {
  private let json: JSON
  private let now: Int64

  /// - Parameter now: Unix milliseconds, to judge the event's time by.
  init(_ json: JSON, now: Int64) {
    self.json = json
    self.now = now
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    switch json["event"]?.string {
    case "message": return [.message(try message())]
    case "delivered": return [.status(StatusReport(externalID: try token(), status: .delivered))]
    case "seen": return [.status(StatusReport(externalID: try token(), status: .read))]
    case "failed": return [.status(try failure())]
    case nil: throw .notUnderstood("The body has no event.")
    // Viber tries the URL; somebody opened the chat, subscribed or left: nobody wrote anything.
    default: return []
    }
  }

  private func message() throws(WebhookError) -> InboundMessage {
    guard let message = json["message"] else {
      throw .notUnderstood("A message event has no message.")
    }
    let sender = json["sender"]
    let contact: ContactID
    do throws(ContactIDError) {
      contact = try ContactID(encoding: sender?["id"]?.string ?? "")
    } catch {
      throw .notUnderstood("sender.id: \(error)")
    }
    return InboundMessage(
      externalID: try token(), contact: contact, content: try ViberContent(message).content,
      timestamp: timestamp,
      profile: .known(name: sender?["name"]?.string, language: sender?["language"]?.string))
  }

  /// Comes after the message was taken: a phone could not show it, say.
  private func failure() throws(WebhookError) -> StatusReport {
    let detail = (json["desc"]?.string ?? "").sentence
    return StatusReport(
      externalID: try token(), status: .failed,
      reason: "Viber did not deliver the message (failed: \(detail)).")
  }

  /// Of 63 bits, as a number or as text; a number that is larger would not be exact.
  private func token() throws(WebhookError) -> String {
    guard let token = ViberAnswer.token(json["message_token"]) else {
      throw .notUnderstood("message_token is missing, or is no whole number of at most 63 bits.")
    }
    return token
  }

  /// Viber's own examples hold times that are none.
  private var timestamp: Int64? {
    json["timestamp"]?.integer.flatMap { (1...(now + 86_400_000)).contains($0) ? $0 : nil }
  }
}
