/// How a token is fetched, and where it goes.
struct TokenRules: Sendable {
  let request: RequestTemplate
  let format: BodyFormat
  let value: [Place]
  /// Of its seconds.
  let lifetime: [Place]
  /// Where the answer does not say.
  let seconds: Double
  let header: String
  let prefix: String
}

/// The tokens of one account.
struct DeclaredTokens: TokenScheme {
  let rules: TokenRules
  let account: Scope

  func fetch(now: Int64) -> HTTPCall {
    var scope = account
    scope["now"] = "\(now)"
    return rules.request.call(scope)
  }

  func token(in response: HTTPResponse) -> AccessToken? {
    let answer = Received(response, rules.format)
    guard let token = answer.value(rules.value), (1...8_192).contains(token.utf8.count),
      token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    let seconds = answer.value(rules.lifetime).flatMap(TimeScanner.number).map(Double.init)
    return AccessToken(
      secret: Secret(token.utf8), seconds: seconds.flatMap { $0 > 0 ? $0 : nil } ?? rules.seconds)
  }

  func authorize(_ call: HTTPCall, with token: Secret) -> HTTPCall {
    var call = call
    call.headers.removeAll { $0.name == rules.header }
    call.headers.insert((rules.header, rules.prefix + token.exposed), at: 0)
    return call
  }
}

extension TokenRules {
  /// Reads `[token]`; mistakes are left in `reader`.
  init?(reading reader: inout SettingsReader, names: VariableNames) {
    let request = RequestTemplate(reading: &reader, names: names.adding(["now"]))
    var answer = reader.reader("answer")
    format = answer.choice("format", default: .json)
    value = answer.requiredPlaces("value", example: "/access_token")
    lifetime = answer.places("lifetime")
    seconds = answer.number("lifetime_seconds", default: 3_600, in: 1...86_400)
    reader.finish(answer)
    var use = reader.reader("use")
    header = (use.optionalString("header", example: "authorization") ?? "authorization")
      .lowercased()
    prefix = use.optionalString("prefix", example: "Bearer ") ?? "Bearer "
    reader.finish(use)
    guard let request else { return nil }
    self.request = request
  }
}
