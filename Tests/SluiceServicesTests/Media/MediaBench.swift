import Glibc
import Logging
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServices

/// Settings with a state directory, clocks that stand still, and a provider that answers what the
/// test says.
final class MediaBench: Sendable {
  let directory = TemporaryDirectory()
  let clocks = ManualClocks()
  let settings: Settings
  let provider = FakeProvider()

  init(_ media: String = "", publicURL: String? = "https://sluice.example.com/sluice") throws {
    var text = SettingsText()
    text.server = publicURL.map { "public_url = \"\($0)\"" } ?? ""
    text.media = media
    settings = try text.load(in: directory)
    mkdir(settings.server.stateDirectory, 0o700)
  }

  var store: MediaStore { MediaStore(settings) }

  var log: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  /// A process of its own, as far as memory is concerned.
  func service() -> MediaService {
    MediaService(
      context: BaseContext(settings: settings, clocks: clocks, log: log),
      meters: SharedMeters(
        CurrentSegment(ofMediaIn: settings.server.stateDirectory), clocks: clocks),
      makeDownloader: { self.provider })
  }

  var status: SharedStatus { SharedStatus(settings.server, clocks: clocks) }

  func ticket(_ reference: String = "media-1", channel: String = "sms", hours: Int64 = 1)
    -> MediaTicket
  {
    MediaTicket(
      channel: ChannelAccount(channel)!, reference: reference, kind: .image, fileName: "cat.jpg",
      mimeType: "image/jpeg", expires: clocks.wall + hours * 3_600_000)
  }

  func path(_ ticket: MediaTicket) throws -> String {
    let seal = MediaSeal(secret: try MediaKey.findOrMake(settings))
    return "/sluice/media/\(try #require(seal.token(for: ticket)))"
  }
}

extension MediaService {
  /// The answer, once it is there, and what is done after it.
  func respond(_ path: String, method: String = "GET") -> HTTPResponse {
    let isDone = CountingSemaphore()
    let found = Mutex<Reply?>(nil)
    proceed(begin(HTTPRequest(method: method, path: path))) { reply in
      found.withLock { $0 = reply }
      isDone.signal()
    }
    isDone.wait()
    let reply = found.withLock { $0! }
    reply.afterwards?()
    return reply.response
  }

  private func proceed(
    _ progress: Progress, _ done: @escaping @Sendable (Reply) -> Void
  ) {
    switch progress {
    case .answered(let reply): done(reply)
    case .blocking(let next): proceed(next(), done)
    case .pending(let start): start { self.proceed($0, done) }
    }
  }
}

/// The far end of a fetch: answers by URL, the same again and again.
final class FakeProvider: Downloader, Sendable {
  private struct State {
    var answers: [String: (status: Int, headers: [(name: String, value: String)], body: [UInt8])] =
      [:]
    var results: [String: DownloadResult] = [:]
    var calls: [HTTPCall] = []
  }

  private let state = Mutex(State())
  /// Signalled as each call comes, where one is given; waits for the other.
  private let gate = Mutex<(came: CountingSemaphore, go: CountingSemaphore)?>(nil)

  static let media = "https://sandbox.example/sms/media/media-1"

  var calls: [HTTPCall] { state.withLock { $0.calls } }

  func answer(
    _ status: Int, _ headers: [(name: String, value: String)] = [], body: String = "",
    at url: String = media
  ) {
    state.withLock { $0.answers[url] = (status, headers, Array(body.utf8)) }
  }

  func answer(with result: DownloadResult?, at url: String = media) {
    state.withLock { $0.results[url] = result }
  }

  func hold(came: CountingSemaphore, go: CountingSemaphore) {
    gate.withLock { $0 = (came, go) }
  }

  func download(
    _ call: HTTPCall, to file: Int32?, atMost limit: Int, timeout: Double
  ) -> DownloadResult {
    if let gate = gate.withLock({ $0 }) {
      gate.came.signal()
      gate.go.wait()
    }
    let (result, answer) = state.withLock { state in
      state.calls.append(call)
      return (state.results[call.url], state.answers[call.url])
    }
    if let result { return result }
    guard let answer else { return .failed(reason: "nobody is there") }
    guard answer.status == 200, let file else {
      return .answered(
        HTTPResponse(status: answer.status, headers: answer.headers, body: answer.body), written: 0)
    }
    guard answer.body.count <= limit else { return .tooLarge }
    precondition(write(file, answer.body, answer.body.count) == answer.body.count)
    return .answered(
      HTTPResponse(status: 200, headers: answer.headers), written: answer.body.count)
  }
}
