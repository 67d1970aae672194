/// How a provider gives out tokens that let calls in for a while: OAuth 2's client credentials
/// (RFC 6749, 4.4), or a sign-in of its own. Who calls keeps the token (``TokenCell``).
package protocol TokenScheme: Sendable {
  /// The call that fetches a token.
  func fetch(now: Int64) -> HTTPCall

  /// The token in the answer to that call; `nil` where there is none.
  func token(in response: HTTPResponse) -> AccessToken?

  /// `call` with the token in it.
  func authorize(_ call: HTTPCall, with token: Secret) -> HTTPCall

  /// Whether the answer to such a call says that the token is no longer good: nothing was done then.
  func isRefused(by response: HTTPResponse) -> Bool
}

extension TokenScheme {
  package func isRefused(by response: HTTPResponse) -> Bool { response.status == 401 }
}

package struct AccessToken: Sendable {
  package let secret: Secret
  /// For which it is good.
  package let seconds: Double

  package init(secret: Secret, seconds: Double) {
    self.secret = secret
    self.seconds = seconds
  }
}
