extension RequestTemplate {
  /// Reads `[send]` or `[token]`; mistakes are left in `reader`.
  /// - Parameter names: The variables there are, apart from the request's own.
  init?(reading reader: inout SettingsReader, names: VariableNames) {
    let own = Self.ownNames(&reader)
    let plain = names.adding(own.alphabet)
    let inBody = plain.adding(own.computed)
    let outside = inBody.adding(["body"])
    let method = reader.choice("method", default: Method.post).rawValue
    let url = Self.url(&reader, names: outside)
    headers = reader.fields("headers", names: outside).map { ($0.name.lowercased(), $0.template) }
    query = reader.fields("query", names: outside)
    gsm = reader.fields("gsm", names: names)
    unicode = reader.fields("unicode", names: names)
    computed = Self.computed(&reader, names: plain.adding(["body"]))
    (body, contentType) = Self.body(
      &reader, names: inBody, ownType: headers.contains { $0.name == "content-type" })
    authentication = Self.authentication(&reader, names: outside)
    self.method = method
    self.url = url ?? .empty
    checkBody(&reader)
    if url == nil { return nil }
  }

  private enum Method: String, CaseIterable {
    case post = "POST"
    case get = "GET"
    case put = "PUT"
  }

  /// What the request's own tables add: read first, since all templates may use it.
  private static func ownNames(
    _ reader: inout SettingsReader
  ) -> (alphabet: [String], computed: [String]) {
    func keys(_ key: String) -> [String] {
      reader.value(key)?.members?.map(\.name) ?? []
    }
    return (keys("gsm") + keys("unicode"), keys("computed"))
  }

  /// What cannot be computed before the body cannot stand in it.
  private func checkBody(_ reader: inout SettingsReader) {
    let late = Set(computed.filter(\.needsBody).map(\.name))
    for name in body.templates.flatMap(\.variables).map(\.name) where late.contains(name) {
      reader.problem(
        "computed.\(name)", "It is made of the body, and stands in it. Put it into a header.")
    }
    if method == "GET", !body.templates.isEmpty {
      reader.problem("method", "GET has no body. Move the fields to [query], or write POST.")
    }
  }

  /// The host is never a value of a message: it is written out, or the account's `url` setting.
  private static func url(_ reader: inout SettingsReader, names: VariableNames) -> Template? {
    guard let url = reader.template("url", example: "https://api.example.com/send", names: names)
    else { return nil }
    let prefix = url.literalPrefix
    let isWritten = ["https://", "http://"].contains { scheme in
      prefix.hasPrefix(scheme) && prefix.dropFirst(scheme.count).contains("/")
    }
    let isSetting =
      if case .variable(let first) = url.pieces.first {
        names.urlSettings.contains(first.name) && first.functions.isEmpty
      } else {
        false
      }
    if !isWritten && !isSetting {
      reader.problem(
        "url", "It must begin with https://HOST/, or with {setting.KEY} of the type \"url\".")
    }
    return url
  }

  private static func body(
    _ reader: inout SettingsReader, names: VariableNames, ownType: Bool
  ) -> (Body, contentType: String?) {
    let given = ["form", "json", "body"].filter { reader.has($0) }
    let type = reader.optionalString("content_type", example: "application/xml")
    guard let kind = given.first else { return (.none, type) }
    if given.count > 1 {
      reader.problem(given[1], "One body is enough. Keep one of \(given.joined(separator: ", ")).")
    }
    switch kind {
    case "form":
      let fields = reader.fields("form", names: names)
      return (.form(fields), ownType ? nil : type ?? "application/x-www-form-urlencoded")
    case "json":
      let body = reader.jsonTemplate("json", names: names).map(Body.json) ?? .none
      return (body, ownType ? nil : type ?? "application/json")
    default:
      guard let text = reader.template("body", example: "<sms>{text}</sms>", names: names),
        let type
      else {
        if type == nil {
          reader.problem(
            "content_type", "It says how values are escaped. Write content_type = \"text/xml\".")
        }
        return (.none, nil)
      }
      return (.text(text, escaping(of: type)), ownType ? nil : type)
    }
  }

  private static func escaping(of contentType: String) -> Escaping {
    if contentType.contains("xml") { return .xml }
    if contentType.contains("json") { return .json }
    return contentType.contains("urlencoded") ? .percent : .none
  }

  private static func computed(
    _ reader: inout SettingsReader, names: VariableNames
  ) -> [Computed] {
    var table = reader.reader("computed")
    var all: [Computed] = []
    for name in table.keys {
      var item = table.reader(name)
      let over = item.template("over", example: "{to}{text}", names: names)
      let algorithm = item.choice("hash", default: DigestRule.Algorithm.sha256)
      let encoding = item.choice("encoding", default: DigestRule.Encoding.hex)
      let key =
        algorithm.isKeyed
        ? item.template("key", example: "{setting.api_key}", names: names) : nil
      if let over {
        let rule = DigestRule(algorithm: algorithm, encoding: encoding)
        all.append(Computed(name: name, over: over, rule: rule, key: key))
      }
      table.finish(item)
    }
    reader.finish(table)
    return all
  }

  private enum AuthenticationKind: String, CaseIterable { case none, basic, bearer, header, query }

  private static func authentication(
    _ reader: inout SettingsReader, names: VariableNames
  ) -> Authentication {
    guard reader.has("auth") else { return .none }
    var table = reader.reader("auth")
    defer { reader.finish(table) }
    func template(_ key: String) -> Template? {
      table.template(key, example: "{setting.\(key)}", names: names)
    }
    func field() -> Field? {
      guard let name = table.string("name", example: "x-api-key"), let value = template("value")
      else { return nil }
      return (name, value)
    }
    switch table.choice("type", default: AuthenticationKind.none) {
    case .none: return .none
    case .basic:
      guard let user = template("user"), let password = template("password") else { return .none }
      return .basic(user: user, password: password)
    case .bearer: return template("token").map(Authentication.bearer) ?? .none
    case .header: return field().map { .header(($0.name.lowercased(), $0.template)) } ?? .none
    case .query: return field().map(Authentication.query) ?? .none
    }
  }
}
