/// What a program does with a request. Called by several threads at once; may block.
package protocol RequestHandler: Sendable {
  func reply(to request: HTTPRequest) -> Reply
}

/// An answer, and what is to be done on the same thread once it has left: work nobody waits for.
package struct Reply {
  /// Everything it acknowledges is durable.
  package let response: HTTPResponse
  package let afterwards: (() -> Void)?

  package init(_ response: HTTPResponse, afterwards: (() -> Void)? = nil) {
    self.response = response
    self.afterwards = afterwards
  }
}
