/// The variables that templates may name.
struct VariableNames: Sendable {
  private(set) var names: Set<String>
  /// Those of them that are an account's URL.
  let urlSettings: Set<String>

  init(_ names: some Sequence<String>, settings: [AccountSetting]) {
    self.names = Set(names).union(settings.map { "setting.\($0.key)" })
    urlSettings = Set(settings.filter { $0.kind == .url }.map { "setting.\($0.key)" })
  }

  func adding(_ more: some Sequence<String>) -> VariableNames {
    var all = self
    all.names.formUnion(more)
    return all
  }

  func contains(_ name: String) -> Bool {
    names.contains(name) || names.contains("header.*") && name.hasPrefix("header.")
  }
}

// What descriptions are made of.

extension SettingsReader {
  /// A text with variables, all of them known; `nil` if it is missing or wrong.
  mutating func template(_ key: String, example: String, names: VariableNames) -> Template? {
    string(key, example: example).flatMap { template($0, at: key, names: names) }
  }

  mutating func optionalTemplate(
    _ key: String, example: String, names: VariableNames
  ) -> Template? {
    has(key) ? template(key, example: example, names: names) : nil
  }

  private mutating func template(
    _ text: String, at key: String, names: VariableNames
  ) -> Template? {
    do throws(TemplateError) {
      let template = try Template(text)
      check([template], at: key, names: names)
      return template
    } catch {
      problem(key, error.description)
      return nil
    }
  }

  private mutating func check(_ templates: [Template], at key: String, names: VariableNames) {
    for variable in templates.flatMap(\.variables) where !names.contains(variable.name) {
      problem(
        key,
        "{\(variable.name.escaped)} is no variable here; known are"
          + " \(names.names.sorted().joined(separator: ", ")).")
    }
  }

  /// A table of names and texts with variables.
  mutating func fields(_ key: String, names: VariableNames) -> [RequestTemplate.Field] {
    dictionary(key, example: "{text}").compactMap { name, text in
      template(text, at: "\(key).\(name)", names: names).map { (name, $0) }
    }
  }

  mutating func jsonTemplate(_ key: String, names: VariableNames) -> JSONTemplate? {
    guard let value = value(key) else { return nil }
    do throws(TemplateError) {
      let template = try JSONTemplate(value)
      check(template.templates, at: key, names: names)
      return template
    } catch {
      problem(key, error.description)
      return nil
    }
  }

  /// Where a value is: a place, several of which the first that has one counts, or a table with a
  /// regular expression. None if it is missing.
  mutating func places(_ key: String) -> [Place] {
    guard let value = value(key) else { return [] }
    guard value.members != nil else {
      return (strings(key, example: "/id") ?? []).compactMap { place($0, nil, at: key) }
    }
    var table = reader(key)
    defer { finish(table) }
    let at = table.strings("at", example: "/id") ?? ["*"]
    var pattern: Pattern?
    if let source = table.optionalString("match", example: "^OK: (\\\\d+)") {
      pattern = Pattern(source)
      if pattern == nil { table.problem("match", "This is no regular expression.") }
    }
    return at.compactMap { table.place($0, pattern, at: "at") }
  }

  mutating func requiredPlaces(_ key: String, example: String) -> [Place] {
    if !has(key) { problem(key, "This is missing. Write \(key) = \"\(example)\".") }
    return places(key)
  }

  private mutating func place(_ text: String, _ pattern: Pattern?, at key: String) -> Place? {
    do throws(TemplateError) {
      return try Place(text, pattern: pattern)
    } catch {
      problem(key, error.description)
      return nil
    }
  }

  /// A place in the document that is a list of items; `nil` if it is missing.
  mutating func path(_ key: String) -> [String]? {
    guard let place = places(key).first else { return nil }
    guard case .path(let path) = place.source else {
      problem(key, "A list is found by its path. Write \(key) = \"/messages\".")
      return nil
    }
    return path
  }

  /// What values mean, each by one of an enumeration's words.
  mutating func valueTable<Meaning>(
    _ key: String, _: Meaning.Type
  ) -> ValueTable<Meaning>
  where
    Meaning: RawRepresentable & CaseIterable & Sendable,
    Meaning.RawValue == String
  {
    var table = ValueTable<Meaning>()
    let known = Meaning.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    for (value, word) in dictionary(key, example: Meaning.allCases.first?.rawValue ?? "") {
      if let meaning = Meaning(rawValue: word) {
        table.set(value, meaning)
      } else {
        problem(
          "\(key).\(value)", "\"\(word.escaped)\" has no meaning here; write one of \(known).")
      }
    }
    return table
  }
}
