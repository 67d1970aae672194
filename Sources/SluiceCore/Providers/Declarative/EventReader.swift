import Crypto

/// Makes events of a webhook's items, for one account.
struct EventReader {
  let received: Received
  let title: String
  let contact: WebhookRules.ContactKind
  let countryCode: String?
  /// When the webhook arrived, Unix milliseconds.
  let now: Int64

  // MARK: - Messages

  /// - Parameter index: Of the item in its list.
  func messages(
    _ fields: MessageFields, in item: Node, at index: Int
  ) throws(WebhookError) -> [WebhookEvent] {
    let contact = try self.contact(fields.from, item)
    // Of several contents each is a message; the first one keeps the provider's ID.
    let isShared = fields.shareID && index > 0
    let time = fields.time.flatMap { self.time($0, item) }
    let fragment = fields.fragment.flatMap { self.fragment($0, item) }
    // The pieces of a text may share an ID too.
    let id =
      try messageID(fields, item, time) + (isShared ? ".\(index)" : "")
      + (fragment.map { "/\($0.number)" } ?? "")
    let profile = self.profile(contact, name: received.value(fields.name, in: item))
    let contents = self.contents(fields, item)
    if let fragment, case .text? = contents.first, contents.count == 1 {
      let message = InboundMessage(
        externalID: id, contact: contact, content: contents[0], timestamp: time, profile: profile,
        fragment: fragment)
      return [.message(message)]
    }
    return contents.enumerated().map { index, content in
      let message = InboundMessage(
        externalID: index == 0 ? id : "\(id).\(index)", contact: contact, content: content,
        timestamp: time, profile: profile)
      return .message(message)
    }
  }

  /// Never empty: the agent should see that something came.
  private func contents(_ fields: MessageFields, _ item: Node) -> [MessageContent] {
    let text = received.value(fields.text, in: item)
    if let latitude = coordinate(fields.latitude, item, limit: 90),
      let longitude = coordinate(fields.longitude, item, limit: 180)
    {
      let address = received.value(fields.address, in: item) ?? text
      return [.location(latitude: latitude, longitude: longitude, address: address)]
    }
    let media = fields.media.map { attachments($0, item, caption: text) } ?? []
    guard media.isEmpty else { return media.map(MessageContent.attachment) }
    return [.text(text ?? "(empty message)")]
  }

  private func attachments(
    _ fields: MediaFields, _ item: Node, caption: String?
  ) -> [Attachment] {
    let nodes = fields.items.map { item.nodes($0) } ?? [item]
    var attachments: [Attachment] = []
    for node in nodes {
      // A list may hold bare URLs.
      guard let url = received.value(fields.url, in: node),
        url.utf8.count <= MessageContent.maximumURLBytes,
        url.hasPrefix("https://") || url.hasPrefix("http://"),
        url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
      else { continue }
      let type = received.value(fields.type, in: node)
      let isPrivate = fields.privatePrefix.map { url.hasPrefix($0) } ?? false
      attachments.append(
        Attachment(
          kind: .init(mimeType: type, url: url), url: isPrivate ? Attachment.privateURL(url) : url,
          mimeType: type?.contains("/") == true ? type : nil,
          fileName: received.value(fields.name, in: node),
          description: attachments.isEmpty ? caption : nil))
    }
    return attachments
  }

  private func coordinate(_ places: [Place], _ item: Node, limit: Double) -> Double? {
    guard let text = received.value(places, in: item), text.utf8.count <= 30,
      text.utf8.allSatisfy({ "0123456789.-".utf8.contains($0) }), let value = Double(text),
      abs(value) <= limit
    else { return nil }
    return value
  }

  private func fragment(_ fields: FragmentFields, _ item: Node) -> Fragment? {
    Fragment(
      reference: received.value(fields.reference, in: item),
      number: received.value(fields.number, in: item).flatMap { Int($0) },
      total: received.value(fields.total, in: item).flatMap { Int($0) })
  }

  /// - Parameter time: The provider's own, where it gives one.
  private func messageID(
    _ fields: MessageFields, _ item: Node, _ time: Int64?
  ) throws(WebhookError) -> String {
    if let id = received.value(fields.id, in: item) {
      guard let id = id.externalID else {
        throw .notUnderstood(
          "The message's ID is longer than 100 bytes, or holds control characters.")
      }
      return id
    }
    guard !fields.idFrom.isEmpty else { throw .notUnderstood("The message's ID is missing.") }
    var hash = SHA256()
    for place in fields.idFrom {
      let value = Array((received.value([place], in: item) ?? "").utf8)
      // With their lengths, so that two values do not flow into each other.
      hash.update(data: Array("\(value.count):".utf8) + value)
    }
    // Who says the same words again some time later has said something.
    let moment = time ?? now / (fields.idWindow * 1_000)
    hash.update(data: Array("\(moment)".utf8))
    return Hex.text(hash.finalize().prefix(16))
  }

  // MARK: - Statuses

  /// - Throws: `.notUnderstood` for a status that the description does not name: it is kept, but
  ///   never taken for a failure, because the agent would send the message again.
  func status(_ fields: StatusFields, in item: Node) throws(WebhookError) -> [WebhookEvent] {
    let word = received.value(fields.status, in: item) ?? ""
    guard let meaning = fields.meanings.meaning(of: word) else {
      throw .notUnderstood(
        "The status is \"\(word.escaped)\", which the description does not name.")
    }
    guard let status = meaning.status else { return [] }
    let reference = PartReference(received.value(fields.reference, in: item))
    let id = received.value(fields.id, in: item).flatMap(\.externalID) ?? reference?.description
    guard let id else { throw .notUnderstood("The status names no message of ours.") }
    return [
      .status(
        StatusReport(
          externalID: id, status: status,
          reason: status == .failed ? failure(fields, item, word) : nil, reference: reference))
    ]
  }

  private func failure(_ fields: StatusFields, _ item: Node, _ word: String) -> String {
    let detail = received.value(fields.detail, in: item)?.sentence ?? "no reason given"
    let code = received.value(fields.code, in: item) ?? word
    return "The message was not delivered: \(detail) (\(title) code \(code.escaped))."
  }

  // MARK: - Fields of both

  private func contact(_ places: [Place], _ item: Node) throws(WebhookError) -> ContactID {
    let text = received.value(places, in: item) ?? ""
    let contact: ContactID? =
      switch self.contact {
      case .phone: PhoneNumber.e164(text, countryCode: countryCode)
      case .id: try? ContactID(encoding: text)
      }
    guard let contact else {
      throw .notUnderstood("The sender \"\(text.escaped)\" is none that messages can be sent to.")
    }
    return contact
  }

  private func profile(_ id: ContactID, name: String?) -> ContactProfile? {
    let words = (name ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    let phone = contact == .phone ? id.description : nil
    guard phone != nil || !words.isEmpty else { return nil }
    return ContactProfile(
      firstName: words.first, lastName: words.dropFirst().first, phone: phone)
  }

  /// The time of arrival, `nil`, is better than a wrong one.
  private func time(_ field: TimeField, _ item: Node) -> Int64? {
    guard let text = received.value(field.at, in: item) else { return nil }
    return field.formats.lazy.compactMap { $0.read(text, zone: field.zone) }.first
  }
}

extension Attachment.Kind {
  /// By MIME type or a provider's word for it, otherwise by the URL's ending.
  fileprivate init(mimeType: String?, url: String) {
    let type = (mimeType ?? "").lowercased()
    let path = url.prefix { $0 != "?" && $0 != "#" }.lowercased()
    if let kind = Self.words.first(where: { type.hasPrefix($0.word) })?.kind {
      self = kind
    } else {
      self = Self.endings.first { path.hasSuffix($0.ending) }?.kind ?? .file
    }
  }

  private static let words: [(word: String, kind: Attachment.Kind)] = [
    ("image", .image), ("photo", .image), ("video", .video), ("audio", .audio), ("voice", .audio),
  ]

  private static let endings: [(ending: String, kind: Attachment.Kind)] = [
    (".jpg", .image), (".jpeg", .image), (".png", .image), (".gif", .image), (".webp", .image),
    (".mp4", .video), (".3gp", .video), (".mp3", .audio), (".ogg", .audio), (".amr", .audio),
  ]
}
