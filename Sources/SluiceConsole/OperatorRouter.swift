import SluiceCore

/// What is meant for those who run Sluice, by path: the console below `…/console`, and the addresses
/// that machines ask, whose last segment names them: `…/healthz`.
package struct OperatorRouter: RequestHandler {
  private let console: any RequestHandler
  private let open: [String: any RequestHandler]
  private let guarded: [String: any RequestHandler]
  private let gate: Gate

  /// - Parameters:
  ///   - open: What answers anybody, by the last segment of its path, `healthz`.
  ///   - guarded: What answers this host and whom `allowed` lists, as the console does.
  ///   - allowed: `console.allow`.
  package init(
    console: any RequestHandler, open: [String: any RequestHandler],
    guarded: [String: any RequestHandler], allowed: [NetworkBlock]
  ) {
    self.console = console
    self.open = open
    self.guarded = guarded
    gate = Gate(allowed: allowed)
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    if ConsolePath(request.path) != nil { return console.begin(request) }
    let name = request.path.split(separator: "/").last.map(String.init) ?? ""
    if let handler = guarded[name] {
      return gate.admits(request)
        ? handler.begin(request)
        : .answered(.error(403, "This is not open to this address (console.allow)."))
    }
    return open[name]?.begin(request)
      ?? .answered(.error(404, "There is nothing at this address."))
  }
}
