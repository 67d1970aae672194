/// A JSON body whose strings are templates.
indirect enum JSONTemplate: Sendable {
  case text(Template)
  case constant(JSON)
  case array([JSONTemplate])
  case object([(name: String, value: JSONTemplate)])

  init(_ json: JSON) throws(TemplateError) {
    switch json {
    case .string(let text): self = .text(try Template(text))
    case .array(let values):
      var items: [JSONTemplate] = []
      for value in values { items.append(try JSONTemplate(value)) }
      self = .array(items)
    case .object(let members):
      var items: [(name: String, value: JSONTemplate)] = []
      for member in members { items.append((member.name, try JSONTemplate(member.value))) }
      self = .object(items)
    default: self = .constant(json)
    }
  }

  /// - Returns: `nil` where nothing is left: a variable alone without a value, or an array or object
  ///   of nothing else.
  func json(_ scope: Scope) -> JSON? {
    switch self {
    case .constant(let json): return json
    case .text(let template):
      guard let text = template.text(scope) else { return nil }
      return Self.typed(text, as: template.onlyVariable?.functions.last?.name)
    case .array(let items):
      let values = items.compactMap { $0.json(scope) }
      return values.isEmpty && !items.isEmpty ? nil : .array(values)
    case .object(let items):
      let members = items.compactMap { item in
        item.value.json(scope).map { JSON.Member(item.name, $0) }
      }
      return members.isEmpty && !items.isEmpty ? nil : .object(members)
    }
  }

  /// The text itself, unless the last function says that it is a number, or true or false.
  private static func typed(_ text: String, as type: String?) -> JSON {
    guard let type, TextFunction.typeNames.contains(type),
      let value = try? JSONReader.read(text.utf8), value.number != nil || value.bool != nil
    else { return .string(text) }
    return value
  }

  var templates: [Template] {
    switch self {
    case .text(let template): [template]
    case .constant: []
    case .array(let items): items.flatMap(\.templates)
    case .object(let items): items.flatMap { $0.value.templates }
    }
  }
}
