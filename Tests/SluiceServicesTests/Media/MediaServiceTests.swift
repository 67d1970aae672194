import Glibc
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServices

struct MediaServiceTests {
  @Test func fetchesOnceAndLetsNginxServe() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, [("content-type", "text/html")], body: "bytes of a cat")
    let ticket = bench.ticket()
    let path = try bench.path(ticket)
    // The second has nothing in memory, and both ways of asking are the same to us.
    for service in [bench.service(), bench.service()] {
      for method in ["GET", "HEAD"] {
        let response = service.respond(path, method: method)
        #expect(response.status == 200 && response.body.isEmpty)
        #expect(response.header("content-type") == "image/jpeg")
        #expect(response.header("content-disposition") == #"inline; filename="cat.jpg""#)
        #expect(response.header("x-accel-redirect") == "/sluice-media/\(ticket.mediaID)")
      }
    }
    #expect(bench.provider.calls.map(\.url) == [FakeProvider.media])
    let copy = bench.store.path(ticket.mediaID)
    #expect(try File.read(copy, atMost: 100) == Array("bytes of a cat".utf8))
    var status = stat()
    #expect(stat(copy, &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(access(bench.store.partPath(ticket.mediaID), F_OK) != 0)
    #expect(bench.status.histogram(.fetch(.copied)).count == 1)
  }

  @Test("whoever comes during a fetch waits for it, in this process and in others")
  func fetchesOnceForAll() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, body: "cat")
    let (came, go) = (CountingSemaphore(), CountingSemaphore())
    bench.provider.hold(came: came, go: go)
    let path = try bench.path(bench.ticket())
    let services = [bench.service(), bench.service()]
    let statuses = Mutex<[Int]>([])
    let background = Background(threads: 12) { number in
      let status = services[number % 2].respond(path).status
      statuses.withLock { $0.append(status) }
    }
    came.wait()
    // Whether the others are waiting by now or come later, none may call.
    for _ in 0..<12 { go.signal() }
    #expect(background.wait().isEmpty)
    #expect(statuses.withLock { $0 } == [Int](repeating: 200, count: 12))
    #expect(bench.provider.calls.count == 1)
  }

  @Test func refusesWhatIsNoLinkOfOurs() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, body: "cat")
    let path = try bench.path(bench.ticket())
    let other = MediaSeal(secret: Secret([UInt8](repeating: 7, count: 32)))
    let rows: [(label: String, path: String, method: String, status: Int)] = [
      ("another method", path, "POST", 405), ("no token", "/", "GET", 404),
      ("forged", "/sluice/media/\(other.token(for: bench.ticket())!)", "GET", 404),
      ("changed", path + "A", "GET", 404),
      ("expired", try bench.path(bench.ticket(hours: 0)), "GET", 410),
      ("channel gone", try bench.path(bench.ticket(channel: "gone")), "GET", 410),
      ("not the adapter's", try bench.path(bench.ticket("../messages")), "GET", 410),
    ]
    for row in rows {
      let response = bench.service().respond(row.path, method: row.method)
      #expect(response.status == row.status, "\(row.label)")
      #expect(response.header("x-accel-redirect") == nil)
    }
    #expect(bench.provider.calls.isEmpty)
  }

  @Test("before any link was made there is no key, and none is made here")
  func needsAKey() throws {
    let bench = try MediaBench()
    #expect(
      bench.service().respond("/sluice/media/" + String(repeating: "A", count: 80)).status == 404)
    #expect(access(bench.settings.server.stateDirectory + "/media.key", F_OK) != 0)
  }

  static let failures: [(result: DownloadResult, status: Int, quiet: Int64)] = [
    (.answered(HTTPResponse(status: 404), written: 0), 410, 3_600_000),
    (.answered(HTTPResponse(status: 410), written: 0), 410, 3_600_000),
    (.tooLarge, 404, 3_600_000),
    (.answered(HTTPResponse(status: 403), written: 0), 502, 300_000),
    (.forbidden(NetworkAddress([10, 0, 0, 1])!), 502, 300_000),
    (.answered(HTTPResponse(status: 500), written: 0), 503, 10_000),
    (.answered(HTTPResponse(status: 202), written: 0), 503, 10_000),
    (
      .answered(HTTPResponse(status: 429, headers: [("retry-after", "60")]), written: 0), 503,
      60_000
    ),
    (.failed(reason: "Connection refused"), 503, 10_000),
  ]
  @Test("what went wrong is said, not hammered, and tried again in time", arguments: failures)
  func remembersFailures(result: DownloadResult, status: Int, quiet: Int64) throws {
    let bench = try MediaBench()
    bench.provider.answer(with: result)
    let path = try bench.path(bench.ticket(hours: 10))
    for _ in 0..<3 {
      let response = bench.service().respond(path)
      #expect(response.status == status)
      let wait = status == 503 ? "\(quiet / 1_000)" : nil
      #expect(response.header("retry-after") == wait)
    }
    #expect(bench.provider.calls.count == 1)
    #expect(access(bench.store.partPath(bench.ticket().mediaID), F_OK) != 0)

    bench.provider.answer(with: nil)
    bench.provider.answer(200, body: "cat")
    bench.clocks.advance(milliseconds: quiet - 1)
    #expect(bench.service().respond(path).status == status)
    bench.clocks.advance(milliseconds: 1)
    #expect(bench.service().respond(path).status == 200)
    #expect(bench.provider.calls.count == 2)
  }

  @Test("a clock that was set back keeps nobody from asking")
  func outlivesTheClock() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, body: "cat")
    do {
      let claim = try bench.store.claim(bench.ticket().mediaID)
      try claim.fail(.gone, now: bench.clocks.wall + 7_200_000)
    }
    #expect(bench.service().respond(try bench.path(bench.ticket())).status == 200)
  }

  @Test("a copy that a crash cut short is fetched again")
  func mendsCopies() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, body: "bytes of a cat")
    let ticket = bench.ticket()
    let path = try bench.path(ticket)
    #expect(bench.service().respond(path).status == 200)
    #expect(truncate(bench.store.path(ticket.mediaID), 3) == 0)
    #expect(bench.service().respond(path).status == 200)
    #expect(bench.provider.calls.count == 2)
    #expect(
      try File.read(bench.store.path(ticket.mediaID), atMost: 100)
        == Array("bytes of a cat".utf8))
  }

  @Test("what a killed fetch left behind is written over")
  func overwritesRemains() throws {
    let bench = try MediaBench()
    bench.provider.answer(200, body: "cat")
    let ticket = bench.ticket()
    bench.directory.write("much that is no cat", to: "state/media/\(ticket.mediaID).part")
    #expect(bench.service().respond(try bench.path(ticket)).status == 200)
    #expect(try File.read(bench.store.path(ticket.mediaID), atMost: 100) == Array("cat".utf8))
  }

  @Test("no answer names the provider's URL or key")
  func keepsSecrets() throws {
    let bench = try MediaBench()
    for (result, _, _) in Self.failures {
      bench.clocks.advance(milliseconds: 3_600_000)
      bench.provider.answer(with: result)
      let response = bench.service().respond(try bench.path(bench.ticket()))
      let said = String(decoding: response.body, as: UTF8.self) + "\(response.headers)"
      for secret in ["sandbox.example", "sandbox-key-4711", "media-1"] {
        #expect(!said.contains(secret))
      }
    }
  }
}
