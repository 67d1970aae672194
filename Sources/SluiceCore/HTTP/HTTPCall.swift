/// A request of ours to a platform or provider.
package struct HTTPCall: Sendable, Equatable {
  package let method: String
  /// Absolute, from the settings.
  package let url: String
  /// Names in lower case. May hold secrets: never printed.
  package var headers: [(name: String, value: String)]
  package let body: [UInt8]
  /// Whether the other side recognises it if it comes twice.
  package var isRepeatable = true

  package init(
    method: String = "POST", url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.method == b.method && a.url == b.url && a.body == b.body && a.isRepeatable == b.isRepeatable
      && a.headers.elementsEqual(b.headers) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// How a call ended, as far as the wire can tell.
package enum CallResult: Sendable, Equatable {
  /// An answer came whole.
  case answered(HTTPResponse)
  /// Nothing left this host: refused connection, failed TLS, unresolved name. Safe to repeat.
  case notSent(reason: String)
  /// The request left, at least in part, and no whole answer came: it may have taken effect.
  case unanswered(reason: String)
}

/// Makes one call and waits for it.
package protocol HTTPClient {
  /// - Parameter timeout: Seconds for the whole call, more than 0.
  func perform(_ call: HTTPCall, timeout: Double) -> CallResult
}
