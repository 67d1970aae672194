extension MessageContent {
  /// The same with the name of whoever said it in front: of a group, which is one contact, the agent
  /// sees who wrote.
  /// - Parameter name: As the provider has it; its first 64 characters count.
  func attributed(to name: String?) -> MessageContent {
    let name = name.flatMap { $0.isEmpty ? nil : String($0.prefix(64)).sentence } ?? "Somebody"
    func named(_ text: String?) -> String { text.map { "\(name): \($0)" } ?? name }
    switch self {
    case .text(let text): return .text(named(text))
    case .attachment(let media):
      return .attachment(
        Attachment(
          kind: media.kind, url: media.url, mimeType: media.mimeType, fileName: media.fileName,
          description: named(media.description), size: media.size))
    case .location(let latitude, let longitude, let address):
      return .location(latitude: latitude, longitude: longitude, address: named(address))
    case .quickReply(let title, let replies):
      return .quickReply(title: named(title), replies: replies)
    }
  }
}
