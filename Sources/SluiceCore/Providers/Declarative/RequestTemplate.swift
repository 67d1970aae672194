import FoundationEssentials

/// A request to the provider, with variables in it: of a send, or of a token's fetch.
struct RequestTemplate: Sendable {
  typealias Field = (name: String, template: Template)

  enum Body: Sendable {
    case none
    case form([Field])
    case json(JSONTemplate)
    case text(Template, Escaping)
  }

  enum Authentication: Sendable {
    case none
    case basic(user: Template, password: Template)
    case bearer(Template)
    case header(Field)
    case query(Field)
  }

  /// A variable that is made of others: a signature over the request, most often.
  struct Computed: Sendable {
    let name: String
    let over: Template
    let rule: DigestRule
    let key: Template?

    /// The body is there once everything that stands in it is.
    var needsBody: Bool { over.variables.contains { $0.name == "body" } }
  }

  let method: String
  let url: Template
  let headers: [Field]
  let query: [Field]
  let body: Body
  /// `nil` where there is no body, or a header says it.
  let contentType: String?
  let authentication: Authentication
  /// Variables for texts that fit GSM 7-bit, and for all others.
  let gsm: [Field]
  let unicode: [Field]
  let computed: [Computed]

  /// - Parameter scope: What the call is about; the template's own variables are added to it.
  func call(_ scope: Scope) -> HTTPCall {
    var scope = scope
    for (name, template) in isGSM(scope["text"] ?? "") ? gsm : unicode {
      scope.set(name, template.render(scope, .none))
    }
    compute(&scope) { !$0.needsBody }
    let body = bytes(scope)
    scope.set("body", body)
    compute(&scope) { $0.needsBody }
    return HTTPCall(method: method, url: url(scope), headers: headers(scope), body: body)
  }

  private func isGSM(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { GSM7.septets(of: $0) != nil }
  }

  private func compute(_ scope: inout Scope, where isDue: (Computed) -> Bool) {
    for item in computed where isDue(item) {
      let digest = item.rule.text(
        of: item.over.render(scope, .none) ?? [], key: item.key?.render(scope, .none) ?? [])
      scope.set(item.name, Array(digest.utf8))
    }
  }

  private func bytes(_ scope: Scope) -> [UInt8] {
    switch body {
    case .none: []
    case .form(let fields): Self.encoded(fields, scope)
    case .json(let template): template.json(scope)?.bytes ?? Array("{}".utf8)
    case .text(let template, let escaping): template.render(scope, escaping) ?? []
    }
  }

  private func url(_ scope: Scope) -> String {
    // The account's base URL stands at the beginning as it is; everything else is a value.
    var url = ""
    for (index, piece) in self.url.pieces.enumerated() {
      switch piece {
      case .literal(let bytes): url += String(decoding: bytes, as: UTF8.self)
      case .variable(let variable):
        let escaping = index == 0 ? Escaping.none : .percent
        let value = scope.value(of: variable).map(escaping.escape) ?? []
        url += String(decoding: value, as: UTF8.self)
      }
    }
    var fields = query
    if case .query(let field) = authentication { fields.append(field) }
    let encoded = String(decoding: Self.encoded(fields, scope), as: UTF8.self)
    return encoded.isEmpty ? url : url + (url.contains("?") ? "&" : "?") + encoded
  }

  private func headers(_ scope: Scope) -> [(name: String, value: String)] {
    var all = authenticationHeaders(scope)
    func add(_ field: Field) {
      guard let value = field.template.text(scope, .header) else { return }
      all.append((field.name, value))
    }
    if let contentType { all.append(("content-type", contentType)) }
    headers.forEach(add)
    return all
  }

  /// Fields whose value is a variable that is not there are left out. What is written out in a value
  /// is escaped like the rest of it.
  private static func encoded(_ fields: [Field], _ scope: Scope) -> [UInt8] {
    let pairs = fields.compactMap { field in
      field.template.render(scope, .none).map {
        FormFields.percent(field.name) + "="
          + String(decoding: Escaping.percent.escape($0), as: UTF8.self)
      }
    }
    return Array(pairs.joined(separator: "&").utf8)
  }
}

extension RequestTemplate {
  /// What lets us in, alone: for media that only our account may fetch.
  func authenticationHeaders(_ scope: Scope) -> [(name: String, value: String)] {
    switch authentication {
    case .none, .query: return []
    case .basic(let user, let password):
      let credentials =
        (user.render(scope, .none) ?? []) + Array(":".utf8) + (password.render(scope, .none) ?? [])
      return [("authorization", "Basic " + Data(credentials).base64EncodedString())]
    case .bearer(let token):
      return [("authorization", "Bearer " + (token.text(scope, .header) ?? ""))]
    case .header(let field): return [(field.name, field.template.text(scope, .header) ?? "")]
    }
  }

  /// Whether some template names one of these variables.
  func uses(_ names: Set<String>) -> Bool {
    let fields = headers + query + gsm + unicode
    let all = [url] + fields.map(\.template) + body.templates + computed.map(\.over)
    return all.flatMap(\.variables).contains { names.contains($0.name) }
  }
}

extension RequestTemplate.Body {
  var templates: [Template] {
    switch self {
    case .none: []
    case .form(let fields): fields.map(\.template)
    case .json(let json): json.templates
    case .text(let template, _): [template]
    }
  }
}
