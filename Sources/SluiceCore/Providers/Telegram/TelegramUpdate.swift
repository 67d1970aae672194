/// A webhook: one thing that happened (https://core.telegram.org/bots/api#update).
struct TelegramUpdate {
  private let json: JSON
  /// The same when Telegram sends an update again.
  private let id: Int64

  init(_ json: JSON) throws(WebhookError) {
    guard let id = json["update_id"]?.integer else {
      throw .notUnderstood("The body has no update_id, so it is no update.")
    }
    self.json = json
    self.id = id
  }

  /// At most one: a contact's message, its new wording, or the button they pressed. Blocks, reactions
  /// and channels yield nothing.
  func events() throws(WebhookError) -> [WebhookEvent] {
    let message: InboundMessage? =
      if let json = json["message"] {
        try TelegramMessage(json)?.inbound()
      } else if let json = json["edited_message"] {
        try TelegramMessage(json)?.edited(update: id)
      } else if let query = json["callback_query"] {
        try Self.pressed(query)
      } else {
        nil
      }
    return message.map { [.message($0)] } ?? []
  }

  /// A button under a message. Ours are keyboards, whose answers are plain texts; these are from other
  /// programs that use the bot. What was pressed is what stood on the button, where that can be told.
  private static func pressed(_ query: JSON) throws(WebhookError) -> InboundMessage? {
    // Without a message the button was in a chat that the bot is no part of.
    guard let json = query["message"], let message = try TelegramMessage(json) else { return nil }
    guard let id = query["id"]?.string, (1...64).contains(id.utf8.count) else {
      throw .notUnderstood("A callback_query has no id, or one longer than 64 bytes.")
    }
    // Without data it opened a game.
    guard let data = query["data"]?.string, !data.isEmpty else { return nil }
    let buttons = (json["reply_markup"]?["inline_keyboard"]?.array ?? []).flatMap { $0.array ?? [] }
    let pressed = buttons.first {
      $0["callback_data"]?.string?.utf8.elementsEqual(data.utf8) ?? false
    }
    return try message.inbound(
      externalID: "callback:\(id)", content: .text(pressed?["text"]?.string ?? data),
      isTimed: false, from: query["from"])
  }
}
