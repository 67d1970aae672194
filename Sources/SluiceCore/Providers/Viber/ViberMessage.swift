/// A part as Viber takes it: the members of a send that say what is to be shown
/// (https://developers.viber.com/docs/api/rest-bot-api/#message-types).
struct ViberMessage {
  let members: [JSON.Member]

  init(_ part: MessagePart) {
    switch part {
    case .text(let text): members = Self.text(text)
    case .attachment(let attachment):
      members = Self.media(attachment) ?? Self.text(part.plainText)
    case .location(let latitude, let longitude, let address):
      // A pin has no words; with an address the text says more.
      let isPin = address?.isEmpty ?? true
      members = isPin ? Self.pin(latitude, longitude) : Self.text(part.plainText)
    case .quickReply(let title, let replies):
      members = Self.text(title) + [JSON.Member("keyboard", Self.keyboard(replies))]
    }
  }

  private static func text(_ text: String) -> [JSON.Member] {
    [JSON.Member("type", "text"), JSON.Member("text", .string(text))]
  }

  private static func pin(_ latitude: Double, _ longitude: Double) -> [JSON.Member] {
    [
      JSON.Member("type", "location"),
      JSON.Member("location", ["lat": .double(latitude), "lon": .double(longitude)]),
    ]
  }

  // MARK: - Media

  /// - Returns: `nil` for what Viber would refuse: it goes by the URL's ending for pictures, and wants
  ///   to know the size of everything else.
  private static func media(_ attachment: Attachment) -> [JSON.Member]? {
    let link = JSON.Member("media", .string(attachment.url))
    if attachment.kind == .image, isPicture(attachment.url) {
      // Required, even if there is none.
      let caption = JSON.string(attachment.description ?? "")
      return [JSON.Member("type", "picture"), JSON.Member("text", caption), link]
    }
    guard let bytes = attachment.size else { return nil }
    let size = JSON.Member("size", .integer(bytes))
    if attachment.kind == .video, attachment.mediaType == "video/mp4", bytes <= 26_000_000 {
      return [JSON.Member("type", "video"), link, size]
    }
    guard bytes <= 50_000_000, let name = fileName(of: attachment) else { return nil }
    return [
      JSON.Member("type", "file"), link, size, JSON.Member("file_name", .string(name)),
    ]
  }

  private static func isPicture(_ url: String) -> Bool {
    let path = url.urlPath.lowercased()
    return [".jpg", ".jpeg", ".png", ".gif"].contains { path.hasSuffix($0) }
  }

  /// With an extension, by which phones know what to do with it.
  private static func fileName(of attachment: Attachment) -> String? {
    let last = attachment.url.urlPath.split(separator: "/").last.map { String($0) }
    return [attachment.fileName, last].compactMap { $0 }.first { name in
      guard let dot = name.lastIndex(of: ".") else { return false }
      return name.utf16.count <= 256 && dot > name.startIndex && name.last != "."
    }
  }

  // MARK: - Buttons

  /// A button in each row, whose text comes back as the contact's; gone with the next message.
  private static func keyboard(_ replies: [String]) -> JSON {
    let buttons = replies.map { reply -> JSON in
      [
        "Columns": 6, "Rows": 1, "ActionType": "reply", "ActionBody": .string(reply),
        "Text": .string(reply), "TextSize": "regular",
      ]
    }
    return ["Type": "keyboard", "DefaultHeight": false, "Buttons": .array(buttons)]
  }
}
