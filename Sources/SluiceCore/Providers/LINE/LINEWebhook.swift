/// A webhook: events of several users, or none, where LINE only tries the URL. Source:
/// https://developers.line.biz/en/reference/messaging-api/#webhooks.
struct LINEWebhook {
  private let list: [JSON]

  init(_ json: JSON) throws(WebhookError) {
    guard let list = json["events"]?.array else {
      throw .notUnderstood("The body has no array of events.")
    }
    self.list = list
  }

  func events() throws(WebhookError) -> [WebhookEvent] {
    var batch = EventBatch()
    for event in list { batch.add { () throws(WebhookError) in try Self.event(event) } }
    return try batch.understood()
  }

  /// - Returns: `nil` for what nobody wrote (who follows, who blocked us), and where another program
  ///   has the chat ("standby").
  private static func event(_ json: JSON) throws(WebhookError) -> WebhookEvent? {
    guard let type = json["type"]?.string else {
      throw .notUnderstood("An event has no type.")
    }
    guard json["mode"]?.string != "standby", let source = LINESource(json["source"])
    else { return nil }
    let content: MessageContent
    switch type {
    case "message": content = try LINEContent(json["message"]).content
    case "messageEdited":
      guard let text = json["message"]?["text"]?.string, !text.isEmpty else { return nil }
      content = .text("(edited) \(text)")
    case "postback":
      guard let text = postback(json["postback"]) else { return nil }
      content = .text(text)
    default: return nil
    }
    return .message(
      InboundMessage(
        externalID: try eventID(json), contact: try source.contact,
        content: source.attributed(content),
        timestamp: json["timestamp"]?.integer, isFromGroup: source.isGroup))
  }

  /// What the account's own menu or buttons say, and the date that was picked, if any.
  private static func postback(_ json: JSON?) -> String? {
    let picked = (json?["params"]?.members ?? []).map(\.value.string)
    let lines = ([json?["data"]?.string] + picked).compactMap { $0 }.filter { !$0.isEmpty }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  /// The same when LINE delivers an event again.
  private static func eventID(_ json: JSON) throws(WebhookError) -> String {
    guard let id = json["webhookEventId"]?.string, (1...64).contains(id.utf8.count) else {
      throw .notUnderstood("An event's webhookEventId is missing, or longer than 64 bytes.")
    }
    return id
  }
}
