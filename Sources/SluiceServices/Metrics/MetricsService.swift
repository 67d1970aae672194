import SluiceCore

/// `/metrics`, for Prometheus. It says how much is going on and for whom, so it is not for everybody:
/// whoever joins programs puts it behind the console's gate, and `sluice.conf` lets in this host alone.
package struct MetricsService: RequestHandler {
  private let context: ServiceContext
  private let ledger: any InspectableLedger
  private let status: SharedStatus

  package init(context: ServiceContext, ledger: any InspectableLedger) {
    self.context = context
    self.ledger = ledger
    status = SharedStatus(context.settings.server, clocks: context.clocks)
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    if let refusal = Self.refusal(of: request) { return .answered(refusal) }
    return .blocking { .answered(page()) }
  }

  private func page() -> HTTPResponse {
    do throws(LedgerError) {
      let page = MetricsPage(
        status: status, queues: try ledger.overview(), pauses: try ledger.pauses(),
        needsRelay: context.settings.server.carry == .relay,
        now: context.clocks.wall)
      return HTTPResponse(
        status: 200, headers: [("content-type", PrometheusText.contentType)], body: page.text())
    } catch {
      return context.refusal(for: error)
    }
  }

  static func refusal(of request: HTTPRequest) -> HTTPResponse? {
    request.method == "GET" || request.method == "HEAD"
      ? nil
      : .error(405, "This address takes GET and HEAD.", headers: [("allow", "GET, HEAD")])
  }
}
