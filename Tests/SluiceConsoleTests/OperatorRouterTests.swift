import SluiceCore
import Testing

@testable import SluiceConsole

struct OperatorRouterTests {
  private struct Named: RequestHandler {
    let name: String

    func begin(_ request: HTTPRequest) -> Progress {
      .answered(HTTPResponse(status: 200, text: name))
    }
  }

  @Test(arguments: [
    ("/sluice/console", "console"), ("/console/", "console"), ("/a/console/queue", "console"),
    ("/sluice/console/healthz", "console"), ("/sluice/healthz", "health"), ("/healthz", "health"),
    ("/sluice/nothing", "404"), ("/", "404"), ("/healthz/more", "404"),
  ])
  func routesByPath(path: String, to expected: String) {
    #expect(answer(HTTPRequest(method: "GET", path: path, remoteAddress: "127.0.0.1")) == expected)
  }

  static let askers:
    [(label: String, path: String, address: String?, headers: [String: String], says: String)] = [
      ("this host", "/sluice/metrics", "127.0.0.1", [:], "metrics"),
      ("nobody knows who", "/sluice/metrics", nil, [:], "403"),
      ("another host", "/sluice/metrics", "192.0.2.1", [:], "403"),
      ("a host that is listed", "/sluice/metrics", "192.168.1.7", [:], "metrics"),
      ("passed on by this host", "/metrics", "::1", ["x-forwarded-for": "192.0.2.1"], "403"),
      ("what is open to all", "/healthz", "192.0.2.1", [:], "health"),
    ]

  @Test(arguments: askers)
  func guardsWhatIsNotForAll(
    label: String, path: String, address: String?, headers: [String: String], says: String
  ) {
    let request = HTTPRequest(method: "GET", path: path, remoteAddress: address, headers: headers)
    #expect(answer(request) == says)
  }

  /// The name of whoever answers, or the status.
  private func answer(_ request: HTTPRequest) -> String {
    let router = OperatorRouter(
      console: Named(name: "console"), open: ["healthz": Named(name: "health")],
      guarded: ["metrics": Named(name: "metrics")],
      allowed: [NetworkBlock("192.168.1.0/24")!])
    guard case .answered(let reply) = router.begin(request) else { return "not at once" }
    let status = reply.response.status
    return status == 200 ? String(decoding: reply.response.body, as: UTF8.self) : "\(status)"
  }

  @Test(arguments: [
    ("/sluice/console", "/sluice/console", []), ("/console/", "/console", []),
    ("/sluice/console/trace/01J", "/sluice/console", ["trace", "01J"]),
    ("/console/console", "/console", ["console"]),
  ])
  func findsWhereTheConsoleIs(path: String, base: String, segments: [String]) {
    #expect(ConsolePath(path)?.base == base)
    #expect(ConsolePath(path)?.segments == segments)
  }
}
