import Foundation
import Logging
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServices

/// The OpenAPI document against what serves: nginx's locations, and the services behind them.
struct OpenAPITests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func document() throws -> JSON {
    let path = "Sources/SluiceCore/Documentation.docc/OpenAPI.json"
    return try JSONReader.read(Array(Data(contentsOf: Self.root.appendingPathComponent(path))))
  }

  @Test("each location that nginx passes on under /sluice/ is in it, but the operators' pages")
  func hasEachLocation() throws {
    let text = try String(
      contentsOf: Self.root.appendingPathComponent("nginx/sluice.conf"), encoding: .utf8)
    let served = text.split(separator: "\n").filter { line in
      line.contains("location ~ \"^/sluice/") || line.contains("location = /sluice/")
    }.flatMap(paths)
    let documented = try document()["paths"]?.members?.map(\.name) ?? []
    #expect(served.sorted() == documented.sorted())
  }

  /// From `location ~ "^/sluice/(?<sluice_channel>…)/message\z"`, or `…/(readyz|metrics)\z`.
  private func paths(_ location: Substring) -> [String] {
    if location.contains("/console") { return [] }
    if location.contains("/media/") { return ["/media/{token}"] }
    let last = location.split(separator: "/").last ?? ""
    let names = last.prefix { $0 != "\\" && $0 != " " }.split { !$0.isLetter }
    return names.map { (location.contains("sluice_channel") ? "/{channel}/" : "/") + $0 }
  }

  @Test("what it says may be sent is taken, and each answer is one that it names")
  func answersAsItSays() throws {
    let directory = TemporaryDirectory()
    let clocks = ManualClocks()
    let settings = try SettingsText().load(in: directory)
    let context = ServiceContext(
      settings: settings, ledger: InMemoryLedger(),
      limiter: SharedBuckets(
        try CurrentSegment(
          path: settings.server.sharedMemory, stateDirectory: settings.server.stateDirectory,
          now: clocks.boot)), clocks: clocks,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let wake = WakeSender(stateDirectory: directory.path, clocks: clocks)
    let outbound = OutboundService(context: context, wake: wake, handlerCarrier: nil) { nil }
    let webhooks = WebhookService(context: context, wake: wake, carrier: nil)
    let paths = try document()["paths"]
    let known = { (path: String) in
      Set(paths?[path]?["post"]?["responses"]?.members?.compactMap { Int($0.name) } ?? [])
    }
    let schemas = try document()["components"]?["schemas"]
    let bodies: [String] = [
      #"{"contactId":"+60123456789","message":{"type":"text","text":"a"}}"#, "", "[]", "{}",
    ]
    for method in ["POST", "GET"] {
      for channel in ["sms", "none"] {
        for type in ["application/json", "text/plain"] {
          for body in bodies {
            for token in ["platform-token", "wrong"] {
              let request = HTTPRequest(
                method: method, path: "/\(channel)/message", channel: channel,
                headers: ["content-type": type, "authorization": "Bearer \(token)"],
                body: Array(body.utf8))
              let statuses = (try status(outbound, request), try status(webhooks, request))
              #expect(known("/{channel}/message").contains(statuses.0))
              #expect(known("/{channel}/inbound").contains(statuses.1))
              #expect(known("/{channel}/status").contains(statuses.1))
            }
          }
        }
      }
    }
    #expect(schemas?["Send"]?["required"] == ["contactId", "message"])
  }

  private func status(_ handler: some RequestHandler, _ request: HTTPRequest) throws -> Int {
    let isDone = CountingSemaphore()
    let found = Found()
    proceed(handler.begin(request)) { status in
      found.status.withLock { $0 = status }
      isDone.signal()
    }
    isDone.wait()
    return found.status.withLock { $0 }
  }

  private final class Found: Sendable { let status = Mutex(0) }

  private func proceed(
    _ progress: SluiceCore.Progress, _ done: @escaping @Sendable (Int) -> Void
  ) {
    switch progress {
    case .answered(let reply): done(reply.response.status)
    case .blocking(let next): proceed(next(), done)
    case .pending(let start): start { self.proceed($0, done) }
    }
  }
}
