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
    let router = OperatorRouter(
      console: Named(name: "console"), others: ["healthz": Named(name: "health")])
    guard case .answered(let reply) = router.begin(HTTPRequest(method: "GET", path: path)) else {
      Issue.record("\(path) is not answered at once")
      return
    }
    let name =
      reply.response.status == 404 ? "404" : String(decoding: reply.response.body, as: UTF8.self)
    #expect(name == expected)
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
