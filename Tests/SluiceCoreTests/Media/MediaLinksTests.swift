import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

struct MediaLinksTests {
  static let now = MediaSealTests.now
  static let channel = ChannelAccount("demo")!
  static let provider = SandboxProvider.sample.provider()

  private func links(
    publicURL: String? = "https://sluice.example.com/sluice",
    seal: MediaSeal? = MediaSealTests.seal,
    settings: String = ""
  ) throws -> MediaLinks {
    let sample = SettingsSample()
    sample.directory.write(SettingsSample.main + "[media]\n\(settings)", to: "sluice.toml")
    let media = try Settings.load(path: sample.path).media
    return MediaLinks(publicURL: publicURL, seal: seal, settings: media)
  }

  private func event(_ attachment: SluiceCore.Attachment, isEcho: Bool = false) throws
    -> WebhookEvent
  {
    .message(
      InboundMessage(
        externalID: "in-1", contact: try ContactID("+60123456789"),
        content: .attachment(attachment), isEcho: isEcho, timestamp: 7,
        profile: ContactProfile(firstName: "Ada")))
  }

  private func image(
    _ reference: String = "media-1", name: String? = "cat.jpg", caption: String? = "Look",
    size: Int64? = 1_000
  ) -> SluiceCore.Attachment {
    Attachment(
      kind: .image, url: Attachment.privateURL(reference), mimeType: "image/jpeg", fileName: name,
      description: caption, size: size)
  }

  private func published(
    _ links: MediaLinks, _ attachment: SluiceCore.Attachment, isEcho: Bool = false
  ) throws -> InboundMessage {
    let event = links.published(
      try event(attachment, isEcho: isEcho), on: Self.channel, of: Self.provider, now: Self.now)
    guard case .message(let message) = event else { throw UnexpectedEvent() }
    return message
  }

  @Test("private media becomes a link, and all else stays", arguments: [false, true])
  func links(isEcho: Bool) throws {
    let message = try published(
      links(settings: "link_hours = 2"), image(), isEcho: isEcho)
    guard case .attachment(let attachment) = message.content else { throw UnexpectedEvent() }
    let prefix = "https://sluice.example.com/sluice/media/"
    #expect(attachment.url.hasPrefix(prefix))
    #expect(attachment.url.utf8.count <= MessageContent.maximumURLBytes)
    let token = String(attachment.url.dropFirst(prefix.count))
    #expect(
      try MediaSealTests.seal.ticket(in: token, now: Self.now)
        == MediaTicket(
          channel: Self.channel, reference: "media-1", kind: .image, fileName: "cat.jpg",
          mimeType: "image/jpeg", expires: Self.now + 7_200_000))
    #expect(
      WebhookEvent.message(message)
        == (try event(
          Attachment(
            kind: .image, url: attachment.url, mimeType: "image/jpeg", fileName: "cat.jpg",
            description: "Look", size: 1_000), isEcho: isEcho)))
    // What is posted is what may be posted.
    #expect(try MessageContent(json: message.content.json) == message.content)
  }

  @Test func leavesEverythingElseAlone() throws {
    let links = try links(publicURL: nil, seal: nil)
    let open = try event(Attachment(kind: .image, url: "https://cdn.example/a.jpg"))
    let status = WebhookEvent.status(StatusReport(externalID: "1", status: .read))
    let text = WebhookEvent.message(
      InboundMessage(
        externalID: "1", contact: try ContactID("+60123456789"), content: .text("private-media:x")))
    for event in [open, status, text] {
      #expect(
        links.published(event, on: Self.channel, of: Self.provider, now: Self.now) == event)
    }
  }

  @Test("what cannot be linked is said in words, and no private URL is left")
  func degrades() throws {
    let big = Int64(51) << 20
    let rows: [(label: String, links: MediaLinks, media: SluiceCore.Attachment, text: String)] = [
      (
        "no public address", try links(publicURL: nil), image(),
        "Look\n[Image cat.jpg: it cannot be shown, because this bridge has no public address"
          + " (server.public_url).]"
      ),
      (
        "no key", try links(seal: nil), image(caption: nil),
        "[Image cat.jpg: it cannot be shown, because this bridge has no key to sign links with.]"
      ),
      (
        "unknown to the adapter", try links(), image("../messages", name: nil),
        "Look\n[Image: the provider does not say where it is.]"
      ),
      (
        "too large", try links(), image(name: "", size: big),
        "Look\n[Image: it is larger than 50 MB (media.max_mb).]"
      ),
      (
        "host too long",
        try links(publicURL: "https://a.example/" + String(repeating: "b", count: 2_000)),
        image(), "Look\n[Image cat.jpg: the provider does not say where it is.]"
      ),
      (
        "a name on several lines", try links(publicURL: nil), image(name: "a\r\nb", caption: ""),
        "[Image a b: it cannot be shown, because this bridge has no public address"
          + " (server.public_url).]"
      ),
    ]
    for row in rows {
      let message = try published(row.links, row.media)
      #expect(message.content == .text(row.text), "\(row.label)")
      #expect(message.externalID == "in-1" && message.timestamp == 7)
    }
  }

  @Test("a name that is too long for a link is left out of it")
  func shortensNames() throws {
    let message = try published(links(), image(name: String(repeating: "é", count: 101)))
    guard case .attachment(let attachment) = message.content,
      let token = attachment.url.split(separator: "/").last
    else { throw UnexpectedEvent() }
    #expect(try MediaSealTests.seal.ticket(in: String(token), now: Self.now).fileName == nil)
    #expect(attachment.fileName?.unicodeScalars.count == 101)
  }

  private struct UnexpectedEvent: Error {}
}
