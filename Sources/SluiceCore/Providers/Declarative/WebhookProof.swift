import FoundationEssentials

/// How the provider proves that a webhook is its own.
struct WebhookProof: Sendable {
  enum Kind: Sendable {
    /// The secret is a parameter of the webhook's URL.
    case query(name: String)
    case header(name: String, prefix: String)
    case basic(user: String)
    /// A digest over parts of the request, in a header or a parameter.
    case signature(at: [Place], over: Template, rule: DigestRule)
  }

  let kind: Kind
  /// When it was signed, and for how many seconds that is believed.
  let replay: Replay?

  struct Replay: Sendable {
    let time: TimeField
    let seconds: Int64
  }

  /// Whether what is signed holds the webhook's public URL.
  var signsURL: Bool {
    guard case .signature(_, let over, _) = kind else { return false }
    return over.variables.contains { $0.name == "url" }
  }

  /// Whether one of `secrets` made the request. Only its raw bytes are looked at.
  /// - Parameters:
  ///   - secrets: The one in use, and one that is being changed.
  ///   - scope: The account's settings.
  ///   - channelURL: Of the endpoints, where that is signed.
  func isProven(
    _ request: HTTPRequest, secrets: [Secret], scope: Scope, channelURL: String?, now: Int64
  ) -> Bool {
    // Tries every secret, so that the time taken does not tell which one failed.
    let proven = secrets.map { secret in
      switch kind {
      case .query(let name):
        return Proof(of: secret).isProven(by: FormFields.first(name, in: request.query.utf8))
      case .header(let name, let prefix):
        let value = request.headers[name].flatMap { $0.removingPrefix(prefix) }
        return Proof(of: secret).isProven(by: value)
      case .basic(let user):
        let credentials = Array("\(user):".utf8) + secret.bytes
        let token = request.headers["authorization"].flatMap { $0.removingPrefix("Basic ") }
        return Proof(of: Secret(Data(credentials).base64EncodedData())).isProven(by: token)
      case .signature(let places, let over, let rule):
        guard let received = try? Received(request, .text, .utf8) else { return false }
        let scope = signed(request, secret, scope, channelURL)
        return rule.isMatched(
          by: received.value(places), of: over.render(scope, .none) ?? [], key: secret.bytes)
      }
    }
    return proven.contains(true) && isFresh(request, now: now)
  }

  private func signed(
    _ request: HTTPRequest, _ secret: Secret, _ account: Scope, _ channelURL: String?
  ) -> Scope {
    var scope = account
    scope.set("secret", secret.bytes)
    scope.set("body", request.body)
    scope["query"] = request.query
    for (name, value) in request.headers { scope["header.\(name)"] = value }
    let endpoint = request.path.split(separator: "/").last.map { "/\($0)" } ?? ""
    let query = request.query.isEmpty ? "" : "?\(request.query)"
    scope["url"] = channelURL.map { $0 + endpoint + query }
    return scope
  }

  private func isFresh(_ request: HTTPRequest, now: Int64) -> Bool {
    guard let replay else { return true }
    guard let received = try? Received(request, .text, .utf8),
      let text = received.value(replay.time.at),
      let time = replay.time.formats.lazy.compactMap({ $0.read(text, zone: replay.time.zone) })
        .first
    else { return false }
    return abs(now - time) <= replay.seconds * 1_000
  }
}

extension String {
  /// The rest behind `prefix`, in whatever case that is written (RFC 9110, 11.1, of schemes).
  fileprivate func removingPrefix(_ prefix: String) -> String? {
    lowercased().hasPrefix(prefix.lowercased()) ? String(dropFirst(prefix.count)) : nil
  }
}

extension WebhookProof {
  private enum Name: String, CaseIterable { case query, header, basic, signature }

  /// Reads `[webhooks.proof]`; mistakes are left in `reader`.
  init(reading reader: inout SettingsReader, names: VariableNames) {
    var table = reader.reader("proof")
    let signed = names.adding(["secret", "body", "query", "url", "header.*"])
    switch table.choice("type", default: Name.query) {
    case .query: kind = .query(name: table.optionalString("name", example: "secret") ?? "secret")
    case .header:
      kind = .header(
        name: (table.string("name", example: "authorization") ?? "").lowercased(),
        prefix: table.optionalString("prefix", example: "Bearer ") ?? "")
    case .basic: kind = .basic(user: table.string("user", example: "gateway") ?? "")
    case .signature:
      let places = table.requiredPlaces("at", example: "header:x-signature")
      let over = table.template("over", example: "{body}", names: signed)
      let algorithm = table.choice("hash", default: DigestRule.Algorithm.hmacSHA256)
      let encoding = table.choice("encoding", default: DigestRule.Encoding.hex)
      if let over, !algorithm.isKeyed, !over.variables.contains(where: { $0.name == "secret" }) {
        table.problem("over", "A hash without a key proves nothing. Put {secret} into it.")
      }
      if let over {
        kind = .signature(
          at: places, over: over, rule: DigestRule(algorithm: algorithm, encoding: encoding))
      } else {
        kind = .query(name: "secret")
      }
    }
    replay = Replay(reading: &table)
    reader.finish(table)
  }
}

extension WebhookProof.Replay {
  fileprivate init?(reading reader: inout SettingsReader) {
    guard let time = TimeField(reading: &reader) else { return nil }
    self.time = time
    seconds = Int64(reader.integer("tolerance_seconds", default: 300, in: 1...86_400))
  }
}

extension WebhookProof {
  /// The request as the provider makes it, where the secret itself stands in it.
  func proving(_ request: HTTPRequest, secret: Secret?) -> HTTPRequest {
    guard let secret else { return request }
    var (query, headers) = (request.query, request.headers)
    switch kind {
    case .query(let name):
      query = "\(name)=\(FormFields.percent(secret.exposed))" + (query.isEmpty ? "" : "&\(query)")
    case .header(let name, let prefix): headers[name] = prefix + secret.exposed
    case .basic(let user):
      let credentials = Data(Array("\(user):".utf8) + secret.bytes).base64EncodedString()
      headers["authorization"] = "Basic \(credentials)"
    case .signature: return request
    }
    return HTTPRequest(
      method: request.method, path: request.path, query: query, headers: headers,
      body: request.body)
  }
}
