/// What a message says. A message has one of many fields; some come with a second one for programs
/// that do not know them, so the special ones are asked for first.
struct TelegramContent {
  private let json: JSON

  init(_ json: JSON) { self.json = json }

  /// `nil` for service messages.
  var content: MessageContent? {
    get throws(WebhookError) {
      if let text = json["text"] { return .words(text.string) }
      if let sticker = json["sticker"] { return try content(ofSticker: sticker) }
      // Sizes of the same picture, the largest last.
      if let photo = json["photo"]?.array?.last {
        return try content(of: photo, kind: .image, type: "image/jpeg")
      }
      for (field, kind, type) in Self.files {
        if let file = json[field] { return try content(of: file, kind: kind, type: type) }
      }
      if let venue = json["venue"] {
        return try .pin(
          latitude: venue["location"]?["latitude"], longitude: venue["location"]?["longitude"],
          address: [venue["title"], venue["address"]])
      }
      if let location = json["location"] {
        return try .pin(latitude: location["latitude"], longitude: location["longitude"])
      }
      if let contact = json["contact"] { return content(ofContact: contact) }
      return Self.notes.first { json[$0.field] != nil }.map { .text($0.note) }
    }
  }

  /// The type is that of files which do not say.
  private static let files: [(field: String, kind: Attachment.Kind, type: String?)] = [
    ("animation", .video, "video/mp4"), ("video", .video, "video/mp4"),
    ("video_note", .video, "video/mp4"), ("voice", .audio, "audio/ogg"),
    ("audio", .audio, "audio/mpeg"), ("document", .file, nil),
  ]

  /// What the contact sees, and the platform has no form for.
  private static let notes: [(field: String, note: String)] = [
    ("poll", "(poll)"), ("dice", "(dice)"), ("game", "(game)"), ("story", "(story)"),
    ("checklist", "(checklist)"), ("paid_media", "(paid media)"),
  ]

  /// Bots can fetch no more (https://core.telegram.org/bots/api#getfile).
  private static let maximumBytes: Int64 = 20 << 20

  private func content(
    of file: JSON, kind: Attachment.Kind, type: String?
  ) throws(WebhookError) -> MessageContent {
    guard let id = file["file_id"]?.string, TelegramMessage.isFileID(id) else {
      throw .notUnderstood("A file has no file_id, or one that is not 1 to 255 of A-Z a-z 0-9 _ -.")
    }
    let caption = json["caption"]?.string
    let name = file["file_name"]?.string
    let size = file["file_size"]?.integer
    if let size, size > Self.maximumBytes {
      let note =
        "(\(name ?? "A \(kind.rawValue)") of \(size >> 20) MB; Telegram hands out no more than 20 MB)"
      return .text([caption, note].compactMap { $0 }.joined(separator: "\n"))
    }
    return .attachment(
      Attachment(
        kind: kind, url: Attachment.privateURL(id), mimeType: file["mime_type"]?.string ?? type,
        fileName: name, description: caption, size: size))
  }

  /// Those that move are in formats that only Telegram shows.
  private func content(ofSticker sticker: JSON) throws(WebhookError) -> MessageContent {
    guard sticker["is_animated"]?.bool == true || sticker["is_video"]?.bool == true else {
      return try content(of: sticker, kind: .image, type: "image/webp")
    }
    return .text("(sticker\(sticker["emoji"]?.string.map { " \($0)" } ?? ""))")
  }

  private func content(ofContact contact: JSON) -> MessageContent {
    let name = [contact["first_name"]?.string, contact["last_name"]?.string].compactMap { $0 }
    return .card(name: name.joined(separator: " "), numbers: [contact["phone_number"]?.string])
  }
}
