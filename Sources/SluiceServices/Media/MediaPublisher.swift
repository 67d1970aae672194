import Logging
import SluiceCore
import Synchronization

/// ``MediaLinks`` with the key that they need, which is read, and made, when the first media comes.
final class MediaPublisher: Sendable {
  private let settings: Settings
  private let log: Logger
  private let links = Mutex<MediaLinks?>(nil)

  init(_ settings: Settings, log: Logger) {
    self.settings = settings
    self.log = log
  }

  /// The event as it may leave this host. Only media costs anything.
  func published(
    _ event: WebhookEvent, on channel: ChannelAccount, of provider: any Provider, now: Int64
  ) -> WebhookEvent {
    guard case .message(let message) = event, case .attachment(let media) = message.content,
      media.privateReference != nil
    else { return event }
    return currentLinks().published(event, on: channel, of: provider, now: now)
  }

  private func currentLinks() -> MediaLinks {
    links.withLock { links in
      if let links { return links }
      let made = makeLinks()
      // Without a key the next message tries again.
      if made.isSigning { links = made }
      return made
    }
  }

  private func makeLinks() -> MediaLinks {
    var seal: MediaSeal?
    do throws(FileError) {
      seal = MediaSeal(secret: try MediaKey.findOrMake(settings))
    } catch {
      log.error("media links cannot be signed", metadata: ["problem": "\(error)"])
    }
    return MediaLinks(
      publicURL: settings.server.publicURL, seal: seal, settings: settings.media)
  }
}
