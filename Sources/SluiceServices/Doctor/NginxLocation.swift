/// A location with all that surrounds it.
struct NginxLocation {
  let pattern: String
  /// The blocks that it stands in, its own last.
  private let blocks: [[NginxConfiguration.Directive]]

  static func all(in block: [NginxConfiguration.Directive]) -> [NginxLocation] {
    all(in: block, under: [])
  }

  private static func all(
    in block: [NginxConfiguration.Directive], under outer: [[NginxConfiguration.Directive]]
  ) -> [NginxLocation] {
    let blocks = outer + [block]
    return block.flatMap { directive -> [NginxLocation] in
      guard directive.name == "server" || directive.name == "location" else { return [] }
      let own = NginxLocation(
        pattern: directive.arguments.last ?? "", blocks: blocks + [directive.block])
      return (directive.name == "location" ? [own] : []) + all(in: directive.block, under: blocks)
    }
  }

  /// What holds for it: the innermost block's, otherwise the next one's.
  func value(_ name: String) -> String? {
    // Who answers is not inherited.
    let isOwn = ["fastcgi_pass", "alias", "internal"].contains(name)
    for block in (isOwn ? blocks.suffix(1) : blocks[...]).reversed() {
      if let directive = block.last(where: { $0.name == name }) {
        return directive.arguments.first ?? ""
      }
    }
    return nil
  }

  /// The names of what the program is told: a block with one such line has none of the outer ones'.
  var parameters: [String] {
    innermost { $0.name == "fastcgi_param" }.compactMap(\.arguments.first)
  }

  /// Whether it is not for everybody: what is not allowed is denied, or a name is asked for.
  var isGuarded: Bool {
    let rules = innermost { $0.name == "allow" || $0.name == "deny" }
    // The first one that fits holds.
    let last = rules.first { $0.arguments == ["all"] }
    return value("internal") != nil || last?.name == "deny"
      || (value("auth_basic") ?? "off") != "off" || (value("auth_request") ?? "off") != "off"
  }

  private func innermost(
    _ isWanted: (NginxConfiguration.Directive) -> Bool
  ) -> [NginxConfiguration.Directive] {
    for block in blocks.reversed() {
      let wanted = block.filter(isWanted)
      if !wanted.isEmpty { return wanted }
    }
    return []
  }
}

/// What the configuration makes of variables of its own.
struct NginxVariables {
  private var values: [String: String] = [:]

  /// - Parameter block: That of `http`.
  init(_ block: [NginxConfiguration.Directive]) {
    for map in block where map.name == "map" && map.arguments.count == 2 {
      values[map.arguments[1]] = map.block.last { $0.name == "default" }?.arguments.first
    }
    // `set` stands in a server or a location; wherever it does, the name means the same.
    func add(_ block: [NginxConfiguration.Directive]) {
      for directive in block {
        if directive.name == "set", directive.arguments.count == 2 {
          values[directive.arguments[0]] = directive.arguments[1]
        }
        add(directive.block)
      }
    }
    add(block)
  }

  /// - Returns: `nil` where a variable in it is nginx's own, or nobody's.
  func expand(_ text: String) -> String? {
    var expanded = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      expanded += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let isBraced = rest.first == "{"
      if isBraced { rest.removeFirst() }
      let name = rest.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
      rest = rest[name.endIndex...]
      if isBraced, rest.popFirst() != "}" { return nil }
      guard let value = values["$\(name)"] else { return nil }
      expanded += value
    }
    return expanded + rest
  }
}
