/// What a message of the Messages API says, by its `message_type`.
struct VonageContent {
  private let json: JSON
  private let type: String

  init(_ json: JSON) {
    self.json = json
    type = json["message_type"]?.string ?? ""
  }

  /// At least one.
  func contents() throws(WebhookError) -> [MessageContent] {
    // An MMS of several parts.
    if let parts = json["content"]?.array, !parts.isEmpty {
      return parts.prefix(20).map { part in
        let type = part["type"]?.string ?? ""
        return part["url"]?.string.map { attachment(type, url: $0) }
          ?? .text(part["text"]?.string.flatMap { $0.nonEmpty } ?? note(type))
      }
    }
    return [try content()]
  }

  private func content() throws(WebhookError) -> MessageContent {
    switch type {
    case "":
      throw .notUnderstood("message_type is missing.")
    case "text":
      return .text(json["text"]?.string?.nonEmpty ?? "(empty message)")
    case "image", "audio", "video", "file", "vcard", "sticker":
      guard let media = json[type], let url = media["url"]?.string else {
        throw .notUnderstood("\(type).url is missing.")
      }
      return attachment(
        type, url: url, name: media["name"]?.string?.nonEmpty,
        caption: media["caption"]?.string?.nonEmpty)
    case "location":
      return try location(json["location"])
    case "reply":
      return .text(json["reply"]?["title"]?.string?.nonEmpty ?? note(type))
    case "button":
      return .text(json["button"]?["text"]?.string?.nonEmpty ?? note(type))
    case "reaction":
      let emoji = json["reaction"]?["emoji"]?.string?.nonEmpty
      return .text(emoji.map { "(reaction: \($0.sentence))" } ?? "(reaction taken back)")
    case "contact":
      return .text(contacts ?? note(type))
    default:
      return .text(note(type))
    }
  }

  private func attachment(
    _ type: String, url: String, name: String? = nil, caption: String? = nil
  ) -> MessageContent {
    let kind: Attachment.Kind =
      switch type {
      case "image", "sticker": .image
      case "audio": .audio
      case "video": .video
      default: .file
      }
    let attachment = Attachment(kind: kind, url: url, fileName: name, description: caption)
    // Vonage's own store asks for a token by the application's private key, which we have not; and an
    // address that is none would not get past the platform.
    guard attachment.isPublic else { return .text(attachment.plainText) }
    return .attachment(attachment)
  }

  private func location(_ json: JSON?) throws(WebhookError) -> MessageContent {
    guard let latitude = json?["lat"]?.number, (-90...90).contains(latitude),
      let longitude = json?["long"]?.number, (-180...180).contains(longitude)
    else { throw .notUnderstood("location has no lat and long that are degrees.") }
    let address = [json?["name"], json?["address"]].compactMap { $0?.string?.nonEmpty }
    return .location(
      latitude: latitude, longitude: longitude,
      address: address.isEmpty ? nil : address.joined(separator: ", "))
  }

  /// Names and numbers of WhatsApp's contact cards: one object, or a list of them.
  private var contacts: String? {
    let cards = json["contact"]?.array ?? json["contact"].map { [$0] } ?? []
    let lines = cards.prefix(20).compactMap { card in
      let name = card["name"]?["formatted_name"]?.string ?? card["name"]?.string
      let phones = card["phones"]?.array?.compactMap { $0["phone"]?.string } ?? []
      let words = ([name].compactMap { $0 } + phones).filter { !$0.isEmpty }
      return words.isEmpty ? nil : "Contact: " + words.joined(separator: ", ")
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private func note(_ type: String) -> String {
    "(message of type \"\(type.escaped)\", which cannot be shown here)"
  }
}

extension Attachment {
  /// Whether anybody may fetch it, which includes the platform.
  fileprivate var isPublic: Bool {
    let isStored =
      url.urlHost.map { $0.hasPrefix("api") && $0.hasSuffix(".nexmo.com") } ?? true
      && url.contains("/v3/media/")
    return !isStored && (try? MessageContent(json: MessageContent.attachment(self).json)) != nil
  }
}

extension String {
  var nonEmpty: String? { isEmpty ? nil : self }
}
