/// Turns media that only we may fetch into links to ourselves, at intake; where that cannot be done,
/// into words, so that the message arrives whatever becomes of its picture.
package struct MediaLinks: Sendable {
  private let publicURL: String?
  private let seal: MediaSeal?
  private let lifetime: Int64
  private let maximumBytes: Int64

  /// - Parameters:
  ///   - publicURL: `server.public_url`.
  ///   - seal: `nil` where there is no key.
  package init(publicURL: String?, seal: MediaSeal?, settings: Settings.Media) {
    self.publicURL = publicURL
    self.seal = seal
    lifetime = settings.linkMilliseconds
    maximumBytes = Int64(settings.maximumBytes)
  }

  /// Whether there is a key.
  package var isSigning: Bool { seal != nil }

  /// The event as it may leave this host.
  /// - Parameter now: Unix milliseconds.
  package func published(
    _ event: WebhookEvent, on channel: ChannelAccount, of provider: any Provider, now: Int64
  ) -> WebhookEvent {
    guard case .message(let message) = event, case .attachment(let media) = message.content,
      let reference = media.privateReference
    else { return event }
    do throws(Obstacle) {
      guard provider.route(toMedia: reference) != nil else { throw .unknown }
      let link = try link(to: media, reference, on: channel, now: now)
      return .message(message.with(.attachment(media.at(link))))
    } catch {
      return .message(message.with(.text(media.words(for: error.sentence(media.kind)))))
    }
  }

  private func link(
    to media: Attachment, _ reference: String, on channel: ChannelAccount, now: Int64
  ) throws(Obstacle) -> String {
    guard let publicURL else { throw .noPublicURL }
    guard let seal else { throw .noKey }
    guard media.size ?? 0 <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
    let ticket = MediaTicket(
      channel: channel, reference: reference, kind: media.kind,
      // A longer one would lose its ending; MediaHeaders has a name for what has none.
      fileName: media.fileName.flatMap { $0.utf8.count <= Self.longestName ? $0 : nil },
      mimeType: media.mimeType, expires: now + lifetime)
    guard let token = seal.token(for: ticket) else { throw .tooLong }
    let link = "\(publicURL)/media/\(token)"
    guard link.utf8.count <= MessageContent.maximumURLBytes else { throw .tooLong }
    return link
  }

  /// Bytes of a file name that a link carries.
  private static let longestName = 200

  /// Why there is no link.
  private enum Obstacle: Error {
    case noPublicURL, noKey, unknown, tooLong
    case tooLarge(limit: Int64)

    /// For the agent, who can ask the contact or an administrator.
    func sentence(_ kind: Attachment.Kind) -> String {
      switch self {
      case .noPublicURL:
        "it cannot be shown, because this bridge has no public address (server.public_url)"
      case .noKey:
        "it cannot be shown, because this bridge has no key to sign links with"
      case .unknown, .tooLong:
        "the provider does not say where it is"
      case .tooLarge(let limit):
        "it is larger than \(limit >> 20) MB (media.max_mb)"
      }
    }
  }
}

extension InboundMessage {
  fileprivate func with(_ content: MessageContent) -> InboundMessage {
    var message = self
    message.content = content
    return message
  }
}

extension Attachment {
  fileprivate func at(_ url: String) -> Attachment {
    Attachment(
      kind: kind, url: url, mimeType: mimeType, fileName: fileName, description: description,
      size: size)
  }

  /// The caption, and what the contact sent: `[Image cat.jpg: it is larger than …]`.
  fileprivate func words(for reason: String) -> String {
    let name = fileName.map { $0.isEmpty ? "" : " \($0.sentence)" } ?? ""
    return MessageContent.lines([description, "[\(kind.word)\(name): \(reason).]"])
  }
}
