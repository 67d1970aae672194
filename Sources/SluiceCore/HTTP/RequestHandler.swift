/// What a program does with a request. Called by several threads at once; may block.
package protocol RequestHandler: Sendable {
  /// The answer. Everything it acknowledges must be durable when it returns.
  func respond(to request: HTTPRequest) -> HTTPResponse
  /// Called on the same thread once the answer to `request` has left: work nobody waits for.
  func afterResponse()
}

extension RequestHandler {
  package func afterResponse() {}
}
