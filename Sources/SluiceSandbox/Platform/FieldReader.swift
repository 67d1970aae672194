import SluiceCore

/// Reads one object of a platform request and collects every rule it breaks: unknown members, `null`
/// anywhere, wrong types.
struct FieldReader {
  private let json: JSON
  private let path: String
  private(set) var violations: [Violation] = []

  /// - Parameters:
  ///   - path: Where the object stands, for the sentences.
  ///   - names: Every member it may have.
  init(_ json: JSON, at path: String, allowing names: [String]) {
    self.json = json
    self.path = path
    guard let members = json.members else {
      fail(.json, "\(path) is \(json.kind); send an object.")
      return
    }
    for member in members {
      if member.value == .null {
        fail(.null, "\(path).\(member.name.escaped) is null; leave out what is unknown.")
      }
      if !names.contains(member.name) {
        fail(
          .unknownMember,
          "\(path).\(member.name.escaped) is not part of the protocol here; known are"
            + " \(names.joined(separator: ", ")).")
      }
    }
  }

  mutating func fail(_ rule: Violation.Rule, _ sentence: String) {
    violations.append(Violation(rule, sentence))
  }

  mutating func absorb(_ more: [Violation]) { violations += more }

  /// Runs a reader of something inside, with its violations among these.
  mutating func absorb<Value>(_ read: (inout [Violation]) -> Value) -> Value {
    read(&violations)
  }

  /// A member that may be missing. `null` has been complained about already.
  func optional(_ name: String) -> JSON? {
    let value = json[name]
    return value == .null ? nil : value
  }

  mutating func required(_ name: String, _ rule: Violation.Rule) -> JSON? {
    if let value = json[name] { return value == .null ? nil : value }
    if json.members != nil { fail(.missingMember, "\(path).\(name) is missing; send it.") }
    return nil
  }

  mutating func string(_ name: String, _ rule: Violation.Rule) -> String? {
    guard let value = required(name, rule) else { return nil }
    return string(value, name, rule)
  }

  mutating func optionalString(_ name: String, _ rule: Violation.Rule) -> String? {
    optional(name).flatMap { string($0, name, rule) }
  }

  private mutating func string(_ value: JSON, _ name: String, _ rule: Violation.Rule) -> String? {
    guard let text = value.string, !text.isEmpty else {
      fail(rule, "\(path).\(name) is \(value == "" ? "empty" : value.kind); send a string.")
      return nil
    }
    return text
  }

  mutating func array(_ name: String, _ rule: Violation.Rule) -> [JSON]? {
    guard let value = required(name, rule) else { return nil }
    guard let array = value.array else {
      fail(rule, "\(path).\(name) is \(value.kind); send an array.")
      return nil
    }
    return array
  }

  /// A number from `-limit` to `limit`.
  mutating func coordinate(_ name: String, limit: Double) -> Double? {
    guard let value = required(name, .location) else { return nil }
    guard let number = value.number, (-limit...limit).contains(number) else {
      fail(
        .location,
        "\(path).\(name) is \(describe(value)); send a number from -\(limit) to \(limit).")
      return nil
    }
    return number
  }
}
