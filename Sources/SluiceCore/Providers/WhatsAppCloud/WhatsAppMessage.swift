/// A part as WhatsApp takes it: a type, and an object of that name. Source:
/// https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages.
struct WhatsAppMessage {
  let type: String
  let content: JSON

  /// - Parameter listButton: What stands on the button that opens a list.
  init(_ part: MessagePart, listButton: String) {
    switch part {
    case .text(let text): self.init("text", ["body": .string(text)])
    case .attachment(let attachment): self = Self.media(attachment)
    case .location(let latitude, let longitude, let address):
      let place = address.map {
        MessageContent.place(latitude: latitude, longitude: longitude, address: $0)
      }
      self.init(
        "location",
        .object(present: [
          ("latitude", .double(latitude)), ("longitude", .double(longitude)),
          ("name", place.map { .string($0.name) }), ("address", place.map { .string($0.address) }),
        ]))
    case .quickReply(let title, let replies):
      // Meta refuses two buttons that look the same.
      guard Set(replies).count == replies.count else {
        self.init("text", ["body": .string(part.plainText)])
        return
      }
      self.init("interactive", Self.interactive(title, replies, listButton: listButton))
    }
  }

  private init(_ type: String, _ content: JSON) {
    self.type = type
    self.content = content
  }

  // MARK: - Media, which Meta fetches by its link

  private static func media(_ attachment: Attachment) -> WhatsAppMessage {
    let link = JSON.string(attachment.url)
    let caption = attachment.description.flatMap { $0.isEmpty ? nil : JSON.string($0) }
    // Meta fetches nothing over plain HTTP.
    guard attachment.url.hasPrefix("https://") else {
      return WhatsAppMessage(
        "text", ["body": .string(MessagePart.attachment(attachment).plainText)])
    }
    switch (attachment.kind, attachment.mediaType) {
    case (.image, "image/jpeg"), (.image, "image/png"), (.image, nil):
      return WhatsAppMessage("image", .object(present: [("link", link), ("caption", caption)]))
    case (.video, "video/mp4"), (.video, "video/3gpp"), (.video, nil):
      return WhatsAppMessage("video", .object(present: [("link", link), ("caption", caption)]))
    case (.audio, "audio/aac"), (.audio, "audio/amr"), (.audio, "audio/mpeg"),
      (.audio, "audio/mp4"), (.audio, "audio/ogg"), (.audio, nil):
      return WhatsAppMessage("audio", ["link": link])
    default:
      // Also what is an image or a sound elsewhere, and only a file to WhatsApp.
      return WhatsAppMessage(
        "document",
        .object(present: [
          ("link", link), ("filename", .string(fileName(of: attachment))), ("caption", caption),
        ]))
    }
  }

  /// Without one the phone shows "Untitled".
  private static func fileName(of attachment: Attachment) -> String {
    if let name = attachment.fileName, !name.isEmpty { return name }
    let last = attachment.url.urlPath.split(separator: "/").last
    return last.map { String($0) } ?? "File"
  }

  // MARK: - Buttons

  private static func interactive(
    _ title: String, _ replies: [String], listButton: String
  ) -> JSON {
    let isShort = replies.count <= 3 && replies.allSatisfy { $0.utf16.count <= 20 }
    let rows = replies.enumerated().map { index, reply -> JSON in
      ["id": .string("\(index + 1)"), "title": .string(reply)]
    }
    return [
      "type": isShort ? "button" : "list", "body": ["text": .string(title)],
      "action": isShort
        ? ["buttons": .array(rows.map { ["type": "reply", "reply": $0] })]
        : ["button": .string(listButton), "sections": [["rows": .array(rows)]]],
    ]
  }
}
