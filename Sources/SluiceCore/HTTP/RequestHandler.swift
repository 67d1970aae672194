/// What a program does with a request. Called by the thread that takes all requests of a process,
/// so whatever may block, but for a look at a file, is left to a ``Progress``.
package protocol RequestHandler: Sendable {
  func begin(_ request: HTTPRequest) -> Progress
}

/// How far a request has got.
package enum Progress: Sendable {
  case answered(Reply)
  /// A thread that may block takes it further.
  case blocking(@Sendable () -> Progress)
  /// Something is under way that passes the next step to its argument, once and from whatever thread,
  /// which it does not hold up: a commit, which many requests share.
  case pending(@Sendable (@escaping @Sendable (Progress) -> Void) -> Void)

  package static func answered(_ response: HTTPResponse) -> Progress { .answered(Reply(response)) }
}

/// An answer, and what is to be done once it has left: work nobody waits for, and which may block.
package struct Reply: Sendable {
  /// Everything it acknowledges is durable.
  package let response: HTTPResponse
  package let afterwards: (@Sendable () -> Void)?

  package init(_ response: HTTPResponse, afterwards: (@Sendable () -> Void)? = nil) {
    self.response = response
    self.afterwards = afterwards
  }
}
