/// What a message says: an object named like its type.
struct WhatsAppContent {
  private let json: JSON
  private let type: String

  init(_ json: JSON) throws(WebhookError) {
    guard let type = json["type"]?.string else { throw .notUnderstood("A message has no type.") }
    self.json = json
    self.type = type
  }

  /// `nil` where nobody wrote anything.
  var content: MessageContent? {
    get throws(WebhookError) {
      let body = json[type]
      switch type {
      case "text": return .words(body?["body"]?.string)
      case "image", "sticker": return try attachment(.image)
      case "video": return try attachment(.video)
      case "audio": return try attachment(.audio)
      case "document": return try attachment(.file)
      case "location":
        return try .pin(
          latitude: body?["latitude"], longitude: body?["longitude"],
          address: [body?["name"], body?["address"]])
      case "contacts": return cards(body)
      case "button": return .words(body?["text"]?.string)
      case "interactive": return answer(body)
      case "reaction":
        // Without an emoji one was taken back.
        guard let emoji = body?["emoji"]?.string, !emoji.isEmpty else { return nil }
        return .text("(reaction \(emoji))")
      // A new number of the contact's, or a chat opened for the first time.
      case "system", "request_welcome": return nil
      default: return .text("(\(type.escaped))")
      }
    }
  }

  /// The media's `url`, where there is one, lives for minutes; its ID for a week.
  private func attachment(_ kind: Attachment.Kind) throws(WebhookError) -> MessageContent {
    guard let media = json[type], let id = media["id"]?.string, Self.isMediaID(id) else {
      throw .notUnderstood("A message's media has no id of 1 to 64 digits and letters.")
    }
    return .attachment(
      Attachment(
        kind: kind, url: Attachment.privateURL(id), mimeType: media["mime_type"]?.string,
        fileName: media["filename"]?.string, description: media["caption"]?.string))
  }

  private func cards(_ cards: JSON?) -> MessageContent {
    let texts = (cards?.array ?? []).map { card in
      MessageContent.card(
        name: card["name"]?["formatted_name"]?.string,
        numbers: (card["phones"]?.array ?? []).map { $0["phone"]?.string }
      ).plainText
    }
    return .words(texts.joined(separator: "\n\n"))
  }

  /// What stood on the button or row; of a form, what was filled in, which is JSON in a string.
  private func answer(_ interactive: JSON?) -> MessageContent {
    let title = interactive?["button_reply"]?["title"] ?? interactive?["list_reply"]?["title"]
    if let title { return .words(title.string) }
    let form = interactive?["nfm_reply"]
    let lines = [form?["body"]?.string, form?["response_json"]?.string].compactMap { $0 }
    return .words(lines.joined(separator: "\n"))
  }

  /// 1 to 64 of `A-Z a-z 0-9 _ -`, so that it can stand in a URL.
  static func isMediaID(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(\.isTokenCharacter)
  }
}
