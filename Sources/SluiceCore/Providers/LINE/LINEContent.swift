/// What a message says (https://developers.line.biz/en/reference/messaging-api/#message-event).
struct LINEContent {
  private let json: JSON
  private let type: String

  init(_ json: JSON?) throws(WebhookError) {
    guard let json, let type = json["type"]?.string else {
      throw .notUnderstood("A message event has no message with a type.")
    }
    self.json = json
    self.type = type
  }

  var content: MessageContent {
    get throws(WebhookError) {
      switch type {
      case "text": return .words(json["text"]?.string)
      case "image": return try attachment(.image)
      case "video": return try attachment(.video)
      case "audio": return try attachment(.audio)
      case "file": return try attachment(.file)
      case "location":
        return try .pin(
          latitude: json["latitude"], longitude: json["longitude"],
          address: [json["title"], json["address"]])
      case "sticker":
        let words = json["text"]?.string ?? json["keywords"]?[0]?.string
        return .text("(sticker\(words.map { " \($0)" } ?? ""))")
      default: return .text("(\(type.escaped))")
      }
    }
  }

  /// By the message's ID, unless it lies elsewhere for everybody.
  private func attachment(_ kind: Attachment.Kind) throws(WebhookError) -> MessageContent {
    if json["contentProvider"]?["type"]?.string == "external" {
      return try .publicMedia(kind, url: json["contentProvider"]?["originalContentUrl"])
    }
    guard let id = json["id"]?.string, Self.isMessageID(id) else {
      throw .notUnderstood("A message's id is missing, or is not 1 to 40 digits.")
    }
    return .attachment(
      Attachment(
        kind: kind, url: Attachment.privateURL(id), fileName: json["fileName"]?.string,
        size: json["fileSize"]?.integer))
  }

  /// Up to 40 digits, so that it can stand in a URL.
  static func isMessageID(_ text: String) -> Bool { text.isDigits && text.utf8.count <= 40 }
}
