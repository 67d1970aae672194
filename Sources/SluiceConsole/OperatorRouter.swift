import SluiceCore

/// What is meant for those who run Sluice, by path: the console below `…/console`, and the addresses
/// that machines ask, whose last segment names them: `…/healthz`.
package struct OperatorRouter: RequestHandler {
  private let console: any RequestHandler
  private let others: [String: any RequestHandler]

  /// - Parameter others: By the last segment of their paths, `healthz`.
  package init(console: any RequestHandler, others: [String: any RequestHandler]) {
    self.console = console
    self.others = others
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    if ConsolePath(request.path) != nil { return console.begin(request) }
    let name = request.path.split(separator: "/").last.map(String.init) ?? ""
    return others[name]?.begin(request)
      ?? .answered(.error(404, "There is nothing at this address."))
  }
}
