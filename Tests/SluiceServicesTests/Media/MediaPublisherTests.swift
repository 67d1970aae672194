import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct MediaPublisherTests {
  private func publisher(_ bench: MediaBench) -> MediaPublisher {
    MediaPublisher(bench.settings, log: bench.log)
  }

  /// The content that an image with that URL becomes.
  private func content(
    _ url: String, _ publisher: MediaPublisher, _ bench: MediaBench
  ) throws -> MessageContent? {
    let message = InboundMessage(
      externalID: "in-1", contact: try ContactID("+60123456789"),
      content: .attachment(Attachment(kind: .image, url: url, description: "Look")))
    let channel = try #require(try bench.settings.channels.channel(ChannelName("sms")!))
    guard
      case .message(let published) = publisher.published(
        .message(message), on: ChannelAccount(channel.name), of: channel.provider,
        now: bench.clocks.wall)
    else { return nil }
    return published.content
  }

  @Test("a link that one program makes, another follows")
  func linksAreForAllPrograms() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, body: "cat")
    for _ in 0..<2 {
      guard
        case .attachment(let image)? = try content(
          Attachment.privateURL("media-1"), publisher(bench), bench)
      else {
        Issue.record("there is no link")
        return
      }
      let path = String(image.url.dropFirst("https://sluice.example.com".count))
      #expect(bench.service().respond(path).status == 200)
    }
    #expect(bench.provider.calls.count == 1)
  }

  @Test("public media neither changes nor makes a key")
  func leavesPublicMedia() throws {
    let bench = try MediaBench(publicURL: nil)
    let url = "https://cdn.example/a.jpg"
    #expect(
      try content(url, publisher(bench), bench)
        == .attachment(Attachment(kind: .image, url: url, description: "Look")))
    #expect(access(bench.settings.server.stateDirectory + "/media.key", F_OK) != 0)
  }

  @Test("without a key there are words, and with the next message another try")
  func triesAgain() throws {
    let bench = try MediaBench()
    let key = bench.directory.write("cut short", to: "state/media.key")
    let publisher = publisher(bench)
    let url = Attachment.privateURL("media-1")
    #expect(
      try content(url, publisher, bench)
        == .text(
          "Look\n[Image: it cannot be shown, because this bridge has no key to sign links with.]"))
    unlink(key)
    guard case .attachment? = try content(url, publisher, bench) else {
      Issue.record("there is no link yet")
      return
    }
  }
}
