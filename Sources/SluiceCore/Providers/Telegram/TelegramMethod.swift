/// What Telegram is asked to do with a part: a method, and its parameters beside `chat_id`
/// (https://core.telegram.org/bots/api#available-methods). Texts go without `parse_mode`: what an
/// agent writes is no markup, and a lone `_` would be refused.
struct TelegramMethod {
  let name: String
  let parameters: [JSON.Member]

  init(sending part: MessagePart) {
    switch part {
    case .text(let text): self = Self.text(text)
    case .attachment(let attachment):
      self = Self.file(attachment) ?? Self.text(part.plainText)
    case .location(let latitude, let longitude, let address):
      let pin = [
        JSON.Member("latitude", .double(latitude)), JSON.Member("longitude", .double(longitude)),
      ]
      if address?.isEmpty ?? true {
        self.init("sendLocation", pin)
      } else {
        let place = MessageContent.place(
          latitude: latitude, longitude: longitude, address: address)
        self.init(
          "sendVenue",
          pin + [
            JSON.Member("title", .string(place.name)),
            JSON.Member("address", .string(place.address)),
          ])
      }
    case .quickReply(let title, let replies):
      // A keyboard, whose answers are plain texts; a button under the message would have to be
      // acknowledged by a call of its own.
      let keyboard: JSON = [
        "keyboard": .array(replies.map { [["text": .string($0)]] }),
        "resize_keyboard": true, "one_time_keyboard": true,
      ]
      self = Self.text(title, more: [JSON.Member("reply_markup", keyboard)])
    }
  }

  private init(_ name: String, _ parameters: [JSON.Member]) {
    self.name = name
    self.parameters = parameters
  }

  private static func text(_ text: String, more: [JSON.Member] = []) -> TelegramMethod {
    TelegramMethod("sendMessage", [JSON.Member("text", .string(text))] + more)
  }

  // MARK: - Files by link

  /// - Returns: `nil` for what Telegram does not fetch by its URL.
  private static func file(_ attachment: Attachment) -> TelegramMethod? {
    guard let form = Form(attachment),
      attachment.size.map({ $0 <= form.maximumBytes }) ?? true
    else { return nil }
    let caption = attachment.description.flatMap { $0.isEmpty ? nil : $0 }
    return TelegramMethod(
      form.method,
      [JSON.Member(form.field, .string(attachment.url))]
        + (caption.map { [JSON.Member("caption", .string($0))] } ?? []))
  }

  /// How Telegram shows a file that it fetches itself
  /// (https://core.telegram.org/bots/api#sending-files).
  private enum Form: String {
    case photo, animation, video, voice, audio, document

    /// - Returns: `nil` where Telegram would refuse the type, and a link says more than a failure.
    init?(_ attachment: Attachment) {
      switch (attachment.mediaType, attachment.kind) {
      case ("image/jpeg", _), ("image/png", _), ("image/webp", _), (nil, .image): self = .photo
      case ("image/gif", _): self = .animation
      case ("video/mp4", _), (nil, .video): self = .video
      case ("audio/ogg", _): self = .voice
      case ("audio/mpeg", _), ("audio/mp4", _), (nil, .audio): self = .audio
      case ("application/pdf", _), ("application/zip", _): self = .document
      default: return nil
      }
    }

    var field: String { rawValue }

    var method: String {
      switch self {
      case .photo: "sendPhoto"
      case .animation: "sendAnimation"
      case .video: "sendVideo"
      case .voice: "sendVoice"
      case .audio: "sendAudio"
      case .document: "sendDocument"
      }
    }

    var maximumBytes: Int64 { self == .photo ? 5 << 20 : 20 << 20 }
  }
}
