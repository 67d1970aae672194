/// What a message says (https://developers.viber.com/docs/api/rest-bot-api/#receive-message-from-user).
/// Media lies at URLs that anybody may fetch, for about an hour.
struct ViberContent {
  private let json: JSON
  private let type: String

  init(_ json: JSON) throws(WebhookError) {
    guard let type = json["type"]?.string else { throw .notUnderstood("A message has no type.") }
    self.json = json
    self.type = type
  }

  var content: MessageContent {
    get throws(WebhookError) {
      switch type {
      case "text": return .words(json["text"]?.string)
      case "picture": return try media(.image)
      case "video": return try media(.video)
      case "file": return try media(.file)
      case "url": return .words(json["media"]?.string)
      case "location":
        return try .pin(latitude: json["location"]?["lat"], longitude: json["location"]?["lon"])
      case "contact":
        let card = json["contact"]
        return .card(name: card?["name"]?.string, numbers: [card?["phone_number"]?.string])
      case "sticker":
        return json["media"] == nil ? .text("(sticker)") : try media(.image)
      default: return .text("(\(type.escaped))")
      }
    }
  }

  private func media(_ kind: Attachment.Kind) throws(WebhookError) -> MessageContent {
    try .publicMedia(
      kind, url: json["media"], fileName: json["file_name"]?.string, caption: json["text"]?.string,
      size: json["size"]?.integer)
  }
}
