/// Where a value stands in a webhook or an answer, and what it passes through: `/messages/0/id`,
/// `from|plus`, `?id`.
struct Place: Sendable {
  enum Source: Equatable, Sendable {
    /// Members and indices of JSON (RFC 6901), or elements of XML and an `@attribute`, from the item
    /// that is read: `/id`; `.` is the item itself.
    case path([String])
    /// The same from the document's root: `//id`.
    case rootPath([String])
    /// A form's field, or a member of the item: `id`.
    case field(String)
    /// A parameter of the URL: `?id`.
    case query(String)
    case header(String)
    /// The whole body, as text: `*`.
    case body
  }

  let source: Source
  /// Takes a piece out of the value.
  let pattern: Pattern?
  let functions: [TextFunction]

  /// - Parameter text: `SOURCE|function|function`.
  init(_ text: String, pattern: Pattern? = nil) throws(TemplateError) {
    let words = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    let source = words.first ?? ""
    guard !source.isEmpty else { throw .badName(text) }
    self.source = Self.source(source)
    self.pattern = pattern
    functions = try TextFunction.chain(words.dropFirst())
  }

  private static func source(_ text: String) -> Source {
    if text == "*" { return .body }
    if text == "." { return .path([]) }
    if text.hasPrefix("//") { return .rootPath(tokens(text.dropFirst(2))) }
    if text.hasPrefix("/") { return .path(tokens(text.dropFirst())) }
    if text.hasPrefix("?") { return .query(String(text.dropFirst())) }
    if text.hasPrefix("header:") { return .header(text.dropFirst(7).lowercased()) }
    return .field(text)
  }

  /// RFC 6901, 4: `~1` is a slash in a name, and `~0` a tilde.
  private static func tokens(_ path: Substring) -> [String] {
    path.split(separator: "/", omittingEmptySubsequences: false).map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }
}

/// A regular expression that finds a piece of a value: its first group, or all it matches.
///
/// The engine backtracks, so what it is given is cut: a description is the operator's, but the text is
/// not.
struct Pattern: Sendable {
  static let maximumCharacters = 1_024

  private let source: String

  /// - Returns: `nil` where `source` is no regular expression.
  init?(_ source: String) {
    guard (try? Regex(source)) != nil else { return nil }
    self.source = source
  }

  func firstPiece(of text: String) -> String? {
    // Made anew each time: a `Regex` is not `Sendable`, and this runs once for a webhook.
    guard let regex = try? Regex(source).matchingSemantics(.unicodeScalar),
      let match = try? regex.firstMatch(in: text.prefix(Self.maximumCharacters))
    else { return nil }
    let piece = match.output.count > 1 ? match.output[1].substring : match.output[0].substring
    return piece.map(String.init)
  }
}
