import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct MediaFetchTests {
  /// A provider that answers with where the media is.
  private struct Locating: Provider {
    static let name = "locating"
    let limits = PartLimits(text: .bytes(maximum: 100))

    init() {}
    init?(settings: inout SettingsReader) { self.init() }

    func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool { true }
    func events(reading request: HTTPRequest, now: Int64) throws(WebhookError) -> [WebhookEvent] {
      []
    }
    func call(
      sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
    ) -> HTTPCall { HTTPCall(url: "https://api.example/") }
    func outcome(of response: HTTPResponse) -> SendOutcome { .unknown(reason: "") }

    func route(toMedia reference: String) -> MediaRoute? {
      .locator(HTTPCall(method: "GET", url: "https://api.example/\(reference)", headers: Self.key))
    }

    func call(fetchingMediaLocatedBy response: HTTPResponse) -> HTTPCall? {
      guard let url = try? JSONReader.read(response.body)["url"]?.string else { return nil }
      return HTTPCall(method: "GET", url: url, headers: Self.key)
    }

    static let key = [(name: "authorization", value: "Bearer key")]
  }

  private let provider = FakeProvider()
  private let directory = TemporaryDirectory()

  private func fetch(
    _ reference: String = "1", maximumBytes: Int = 100, clocks: ManualClocks = ManualClocks(),
    deadline: UInt64? = nil
  ) -> Result<String, MediaFailure> {
    let path = directory.write("", to: "copy")
    let file = open(path, O_RDWR | O_TRUNC)
    defer { close(file) }
    do throws(MediaFailure) {
      let copy = try MediaFetch(
        provider: Locating(), downloader: provider, clocks: clocks, maximumBytes: maximumBytes,
        deadline: deadline ?? clocks.boot + 1
      ).fetch(reference, to: file)
      let bytes = (try? File.read(path, atMost: 1_000)) ?? []
      #expect(copy.size == Int64(bytes.count))
      return .success("\(copy.type ?? "-") \(String(decoding: bytes, as: UTF8.self))")
    } catch {
      return .failure(error)
    }
  }

  private func locate(_ url: String) {
    provider.answer(200, body: #"{"url":"\#(url)"}"#, at: "https://api.example/1")
  }

  @Test func asksWhereAndFetches() {
    locate("https://api.example/files/1")
    provider.answer(
      200, [("content-type", "image/png")], body: "cat", at: "https://api.example/files/1")
    #expect(fetch() == .success("image/png cat"))
  }

  @Test("three redirects are followed, the key going no further than the provider")
  func followsRedirects() {
    locate("https://api.example/files/1")
    provider.answer(302, [("location", "/files/2")], body: "no", at: "https://api.example/files/1")
    provider.answer(
      301, [("location", "https://cdn.example/3")], body: "no", at: "https://api.example/files/2")
    provider.answer(
      307, [("location", "https://api.example/4")], body: "no", at: "https://cdn.example/3")
    provider.answer(200, body: "cat", at: "https://api.example/4")
    #expect(fetch() == .success("- cat"))
    #expect(provider.calls.map(\.headers.count) == [1, 1, 1, 0, 0])
  }

  static let ends: [(label: String, status: Int, location: String?, failure: MediaFailure)] = [
    (
      "round in circles", 302, "/files/1",
      .refused(reason: "the provider redirects more than 3 times")
    ),
    ("nowhere", 302, nil, .refused(reason: "the provider redirects to where we do not follow")),
    (
      "out of HTTPS", 302, "http://cdn.example/1",
      .refused(reason: "the provider redirects to where we do not follow")
    ),
    ("gone", 404, nil, .gone),
    ("no key", 401, nil, .refused(reason: "the provider answered 401")),
    ("nothing yet", 202, nil, .unavailable(reason: "the provider answered 202", after: nil)),
    ("a part", 206, nil, .refused(reason: "the provider answered 206")),
    ("not modified", 304, nil, .refused(reason: "the provider answered 304")),
  ]
  @Test(arguments: ends)
  func gives(label: String, status: Int, location: String?, failure: MediaFailure) {
    locate("https://api.example/files/1")
    provider.answer(
      status, location.map { [("location", $0)] } ?? [],
      body: "cat", at: "https://api.example/files/1")
    #expect(fetch() == .failure(failure), "\(label)")
  }

  @Test func saysWhatTheLocatorSays() {
    #expect(fetch() == .failure(.unavailable(reason: "nobody is there", after: nil)))
    provider.answer(404, at: "https://api.example/1")
    #expect(fetch() == .failure(.gone))
    provider.answer(200, body: "{}", at: "https://api.example/1")
    #expect(fetch() == .failure(.gone))
    provider.answer(with: .forbidden(NetworkAddress([127, 0, 0, 1])!), at: "https://api.example/1")
    #expect(
      fetch()
        == .failure(
          .refused(
            reason: "127.0.0.1 is no public address of another host"
              + " (media.allow_private_networks would allow it)")
        ))
  }

  @Test func stopsAtTheLimits() {
    locate("https://api.example/files/1")
    provider.answer(200, body: "four", at: "https://api.example/files/1")
    #expect(fetch(maximumBytes: 3) == .failure(.tooLarge(limit: 3)))
    #expect(fetch(maximumBytes: 4) == .success("- four"))
    let clocks = ManualClocks()
    #expect(
      fetch(clocks: clocks, deadline: clocks.boot)
        == .failure(
          .unavailable(reason: "the fetch took longer than media.fetch_seconds", after: nil)))
  }
}
