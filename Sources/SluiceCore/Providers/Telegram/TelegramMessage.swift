/// A message of a private chat or a group, as updates hold it (https://core.telegram.org/bots/api#message).
struct TelegramMessage {
  private let json: JSON
  /// In a private chat also the contact's ID; more than 32 bits.
  private let chat: Int64
  private let isGroup: Bool
  /// Unique only within the chat.
  private let id: Int64

  /// - Returns: `nil` for channels.
  init?(_ json: JSON) throws(WebhookError) {
    guard let chat = json["chat"]?["id"]?.integer, let type = json["chat"]?["type"]?.string,
      let id = json["message_id"]?.integer
    else { throw .notUnderstood("A message lacks message_id, chat.id or chat.type.") }
    guard type == "private" || Self.groupTypes.contains(type) else { return nil }
    isGroup = type != "private"
    self.json = json
    self.chat = chat
    self.id = id
  }

  /// - Returns: `nil` where the contact wrote nothing: they joined, a message was pinned.
  func inbound() throws(WebhookError) -> InboundMessage? {
    guard let content = try TelegramContent(json).content else { return nil }
    return try inbound(externalID: "\(chat):\(id)", content: content, from: json["from"])
  }

  /// A message that the contact wrote anew, of which only the words can have changed. A live location
  /// that moves comes as an edit too, every few seconds, and is passed over.
  func edited(update: Int64) throws(WebhookError) -> InboundMessage? {
    guard let text = json["text"]?.string ?? json["caption"]?.string, !text.isEmpty
    else { return nil }
    return try inbound(
      externalID: "\(chat):\(id):\(update)", content: .text("(edited) \(text)"), from: json["from"])
  }

  /// - Parameter isTimed: Whether the message's time is the event's.
  func inbound(
    externalID: String, content: MessageContent, isTimed: Bool = true, from user: JSON?
  ) throws(WebhookError) -> InboundMessage {
    let contact: ContactID
    do throws(ContactIDError) {
      contact = try ContactID(encoding: String(chat))
    } catch {
      throw .notUnderstood("chat.id: \(error)")
    }
    let time = isTimed ? json["edit_date"]?.integer ?? json["date"]?.integer : nil
    return InboundMessage(
      externalID: externalID, contact: contact,
      content: isGroup ? content.attributed(to: name(of: user)) : content,
      timestamp: time.flatMap { (1...99_999_999_999).contains($0) ? $0 * 1_000 : nil },
      profile: isGroup
        ? .known(firstName: json["chat"]?["title"]?.string)
        : .known(
          firstName: user?["first_name"]?.string, lastName: user?["last_name"]?.string,
          language: user?["language_code"]?.string),
      isFromGroup: isGroup)
  }

  /// Who in a group wrote; an administrator who is anonymous writes as the group, or as a channel.
  private func name(of user: JSON?) -> String? {
    if let chat = json["sender_chat"]?["title"]?.string { return chat }
    return [user?["first_name"]?.string, user?["last_name"]?.string].compactMap { $0 }
      .joined(separator: " ")
  }

  private static let groupTypes = ["group", "supergroup"]

  /// The chat a contact stands for. Telegram would also take `@NAME`, which is a public channel: such
  /// a contact is none of ours, and 0 is a chat that Telegram does not find.
  static func chat(of contact: ContactID) -> Int64 {
    let text = contact.decoded ?? ""
    // A group's is negative.
    let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return 0 }
    return Int64(text) ?? 0
  }

  /// Up to 255 of `A-Z a-z 0-9 _ -`, so that it can stand in a URL.
  static func isFileID(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && text.utf8.allSatisfy(\.isTokenCharacter)
  }
}
