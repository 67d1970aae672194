// Arrays and tables with free keys, as descriptions of providers have them.

extension SettingsReader {
  /// The tables of `[[key]]`, to be given back to ``finish(_:)`` each; none if it is missing.
  package mutating func readers(_ key: String) -> [SettingsReader] {
    guard let value = take(key) else { return [] }
    guard let tables = value.array, tables.allSatisfy({ $0.members != nil }) else {
      problem(key, "This is \(value.kind); write tables: [[\(dotted(key))]].")
      return []
    }
    return tables.enumerated().map { index, table in
      var inner = SettingsReader(file, table: table, path: "\(dotted(key))[\(index + 1)]")
      inner.channelURL = channelURL
      inner.countryCode = countryCode
      return inner
    }
  }

  /// A string, or an array of at least one; `nil` if it is missing.
  package mutating func strings(_ key: String, example: String) -> [String]? {
    declare(key, .strings, example: example)
    guard let value = take(key) else { return nil }
    let texts = value.array ?? [value]
    let strings = texts.compactMap(\.string).filter { !$0.isEmpty }
    if !strings.isEmpty, strings.count == texts.count { return strings }
    problem(
      key, "This is \(found(value)); write a string or several: \(key) = [\"\(example)\"].")
    return nil
  }

  /// Strings by keys that the file chooses, in the file's order; none if it is missing.
  package mutating func dictionary(
    _ key: String, example: String
  ) -> [(key: String, value: String)] {
    guard has(key) else { return [] }
    var table = reader(key)
    let pairs = table.keys.compactMap { name in
      table.string(name, example: example).map { (key: name, value: $0) }
    }
    finish(table)
    return pairs
  }

  /// A value of whatever type; `nil` if it is missing.
  package mutating func value(_ key: String) -> JSON? { take(key) }
}
