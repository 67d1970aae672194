/// Text with variables in braces, each with functions it passes through:
/// `https://api.example.com/{setting.account}/send?to={to|digits}`. A brace that is meant is doubled.
struct Template: Sendable {
  struct Variable: Sendable {
    let name: String
    let functions: [TextFunction]
  }

  enum Piece: Sendable {
    case literal([UInt8])
    case variable(Variable)
  }

  let pieces: [Piece]

  init(_ text: String) throws(TemplateError) {
    var pieces: [Piece] = []
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let isBrace = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
      guard isBrace else {
        literal.append(byte)
        continue
      }
      if rest.first == byte {
        rest.removeFirst()
        literal.append(byte)
        continue
      }
      guard byte == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
        throw .loneBrace
      }
      if !literal.isEmpty { pieces.append(.literal(literal)) }
      literal = []
      pieces.append(.variable(try Self.variable(String(decoding: rest[..<end], as: UTF8.self))))
      rest = rest[(end + 1)...]
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    self.pieces = pieces
  }

  static let empty = Template(pieces: [])

  private init(pieces: [Piece]) { self.pieces = pieces }

  private static func variable(_ text: String) throws(TemplateError) -> Variable {
    let words = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard let name = words.first, !name.isEmpty, !name.contains(" ") else {
      throw .badName(text)
    }
    return Variable(name: name, functions: try TextFunction.chain(words.dropFirst()))
  }

  var variables: [Variable] {
    pieces.compactMap { if case .variable(let variable) = $0 { variable } else { nil } }
  }

  /// What the text begins with, before any variable.
  var literalPrefix: String {
    guard case .literal(let bytes) = pieces.first else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The one variable that is all of it.
  var onlyVariable: Variable? {
    guard pieces.count == 1, case .variable(let variable) = pieces[0] else { return nil }
    return variable
  }

  /// The text with each variable's value, escaped for where it goes.
  /// - Returns: `nil` for a variable alone that has no value, so that its field can be left out.
  func render(_ scope: Scope, _ escaping: Escaping) -> [UInt8]? {
    if let onlyVariable { return scope.value(of: onlyVariable).map(escaping.escape) }
    return pieces.reduce(into: []) { out, piece in
      switch piece {
      case .literal(let bytes): out += bytes
      case .variable(let variable): out += scope.value(of: variable).map(escaping.escape) ?? []
      }
    }
  }

  func text(_ scope: Scope, _ escaping: Escaping = .none) -> String? {
    render(scope, escaping).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// The variables' values for one call or one webhook. Holds secrets in the clear, so it lives as long
/// as the rendering, and is not printed.
struct Scope {
  private var values: [String: [UInt8]] = [:]

  subscript(name: String) -> String? {
    get { values[name].map { String(decoding: $0, as: UTF8.self) } }
    set { values[name] = newValue.map { Array($0.utf8) } }
  }

  mutating func set(_ name: String, _ bytes: [UInt8]?) { values[name] = bytes }

  func value(of variable: Template.Variable) -> [UInt8]? {
    values[variable.name].flatMap(variable.functions.apply)
  }
}

enum TemplateError: Error, Equatable, CustomStringConvertible {
  case loneBrace
  case badName(String)
  case unknownFunction(String)
  case badArgument(String)

  var description: String {
    switch self {
    case .loneBrace:
      "A brace is open or closed alone. Write {name}, and {{ or }} for a brace that is meant."
    case .badName(let name): "{\(name.escaped)} names no variable. Write {name} or {name|function}."
    case .unknownFunction(let name):
      "\"\(name.escaped)\" is no function; known are \(TextFunction.names.joined(separator: ", "))."
    case .badArgument(let text):
      "\"\(text.escaped)\" misses its argument, or has one that cannot be used."
    }
  }
}
