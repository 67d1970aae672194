import Glibc
import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

@testable import SluiceServices

/// Private media of each provider, from what its webhook says to the copy.
struct ProviderMediaTests {
  /// Whoever answers with media may as well answer with where it is, as Twilio does.
  @Test(arguments: ProviderSample.all.filter { $0.provider().hasPrivateMedia }, [0, 1, 3])
  func arrives(sample: ProviderSample, redirects: Int) throws {
    let account = sample.provider()
    for reference in try Self.references(sample, account) {
      let provider = FakeProvider()
      var call: HTTPCall
      switch account.route(toMedia: reference) {
      case .content(let content): call = content
      case .locator(let locator):
        provider.answer(200, body: Self.location.text, at: locator.url)
        call = try #require(
          account.call(
            fetchingMediaLocatedBy: HTTPResponse(status: 200, json: Self.location)))
      case nil:
        Issue.record("no route to \(reference)")
        continue
      }
      let headers = call.headers.count
      for number in 0..<redirects {
        let next = "https://cdn\(number).example/1?X-Amz-Signature=1"
        provider.answer(307, [("location", next)], body: "moved", at: call.url)
        call = HTTPCall(method: "GET", url: next)
      }
      provider.answer(200, [("content-type", "image/png")], body: "cat", at: call.url)
      #expect(try Self.fetch(reference, of: account, at: provider) == "image/png cat")
      // Nobody but the provider saw its credentials.
      #expect(
        provider.calls.suffix(redirects + 1).map(\.headers.count)
          == [headers] + [Int](repeating: 0, count: redirects))
    }
  }

  private static func references(
    _ sample: ProviderSample, _ account: any Provider
  ) throws -> Set<String> {
    var found: Set<String> = []
    for webhook in sample.webhooks {
      for event in try account.events(in: sample.request(webhook), now: ProviderSample.now) {
        guard case .message(let message) = event, case .attachment(let media) = message.content,
          let reference = media.privateReference
        else { continue }
        found.insert(reference)
      }
    }
    return found
  }

  /// What those say who say where it is: Meta a URL, Telegram a path.
  private static let location: JSON = [
    "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
    "result": ["file_path": "photos/file_1.jpg"],
  ]

  private static func fetch(
    _ reference: String, of account: any Provider, at provider: FakeProvider
  ) throws -> String {
    let clocks = ManualClocks()
    let directory = TemporaryDirectory()
    let file = open(directory.write("", to: "copy"), O_RDWR)
    defer { close(file) }
    let copy = try MediaFetch(
      provider: account, downloader: provider, clocks: clocks, maximumBytes: 100,
      deadline: clocks.boot + 1
    ).fetch(reference, to: file)
    let bytes = try File.read(directory.path + "/copy", atMost: 100)
    return "\(copy.type ?? "-") \(String(decoding: bytes, as: UTF8.self))"
  }
}
