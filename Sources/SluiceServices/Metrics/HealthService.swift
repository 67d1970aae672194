import SluiceCore

/// `/healthz`: the program answers. Costs nothing, says nothing, and is for everybody.
package struct HealthService: RequestHandler {
  package init() {}

  package func begin(_ request: HTTPRequest) -> Progress {
    .answered(
      MetricsService.refusal(of: request) ?? HTTPResponse(status: 200, text: "ok\n"))
  }
}
