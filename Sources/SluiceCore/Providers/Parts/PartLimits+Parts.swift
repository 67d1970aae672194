extension PartLimits {
  /// The calls that bring `content` to the contact, in order; never empty. What the provider cannot
  /// show as such is written out, so that nothing is dropped silently:
  ///
  /// - an attachment, where its kind is not taken, as its caption and `Image NAME: URL`;
  /// - a caption that is too long, or is not shown, as a text behind the attachment;
  /// - a location as its address, coordinates and a link to a map;
  /// - a quick reply that is no keyboard there as its title and a numbered list.
  package func parts(of content: MessageContent) -> [MessagePart] {
    switch content {
    case .attachment(let attachment):
      if let media, media.kinds.contains(attachment.kind) { return parts(of: attachment, media) }
    case .location(let latitude, let longitude, let address):
      if takesLocation {
        return [.location(latitude: latitude, longitude: longitude, address: address)]
      }
    case .quickReply(let title, let choices):
      if let replies, replies.take(title: title, choices) {
        return [.quickReply(title: title, replies: choices)]
      }
    case .text: break
    }
    return texts(content.plainText)
  }

  private func texts(_ text: String) -> [MessagePart] {
    MessageSplitter(self.text).split(text).map(MessagePart.text)
  }

  private func parts(of attachment: Attachment, _ media: Media) -> [MessagePart] {
    guard let caption = attachment.description, !caption.isEmpty,
      media.withoutCaption.contains(attachment.kind)
        || media.captions.map({ !$0.takes(caption) }) ?? false
    else { return [.attachment(attachment)] }
    return [.attachment(attachment.withoutCaption)] + texts(caption)
  }
}

extension PartLimits.Replies {
  fileprivate func take(title: String, _ choices: [String]) -> Bool {
    choices.count <= maximum && self.title.takes(title) && choices.allSatisfy(label.takes)
  }
}

extension PartLimits.Unit {
  fileprivate func takes(_ text: String) -> Bool {
    var meter = PartMeter(self)
    return meter.take(text.unicodeScalars)
  }
}

extension MessageContent {
  /// The content as text alone.
  package var plainText: String {
    switch self {
    case .text(let text): text
    case .attachment(let attachment): attachment.plainText
    case .location(let latitude, let longitude, let address):
      Self.lines([
        address, "\(Self.degrees(latitude)), \(Self.degrees(longitude))",
        "https://maps.google.com/?q=\(Self.degrees(latitude)),\(Self.degrees(longitude))",
      ])
    case .quickReply(let title, let replies):
      Self.lines([title] + replies.enumerated().map { "\($0.offset + 1). \($0.element)" })
    }
  }

  static func lines(_ lines: [String?]) -> String {
    lines.compactMap { $0?.isEmpty == false ? $0 : nil }.joined(separator: "\n")
  }

  /// Degrees with at most six decimals (0.1 m): `String(Double)` would write 0.00001 as `1e-05`,
  /// which no map understands.
  static func degrees(_ value: Double) -> String {
    guard value.isFinite, abs(value) <= 360 else { return "\(value)" }
    let millionths = Int((abs(value) * 1_000_000).rounded())
    let sign = value < 0 && millionths > 0 ? "-" : ""
    var decimals = String(millionths % 1_000_000 + 1_000_000).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(sign)\(millionths / 1_000_000)" + (decimals.isEmpty ? "" : ".\(decimals)")
  }
}

extension Attachment {
  fileprivate var withoutCaption: Attachment {
    Attachment(kind: kind, url: url, mimeType: mimeType, fileName: fileName, size: size)
  }

  /// Caption and link. The space before the URL is where a long text is cut, so that the URL stays
  /// whole wherever a part can hold it.
  package var plainText: String {
    let name = fileName.map { $0.isEmpty ? "" : " \($0)" } ?? ""
    return MessageContent.lines([description, "\(kind.word)\(name): \(url)"])
  }
}

extension Attachment.Kind {
  var word: String {
    switch self {
    case .image: "Image"
    case .video: "Video"
    case .audio: "Audio"
    case .file: "File"
    }
  }
}
