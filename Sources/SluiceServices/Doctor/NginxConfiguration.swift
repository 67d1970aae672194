import SluiceCore

/// nginx's configuration as a tree, with what `include` names in its place.
package struct NginxConfiguration: Sendable {
  package struct Directive: Equatable, Sendable {
    package let name: String
    package let arguments: [String]
    /// What stands in its braces; empty where it has none.
    package var block: [Directive] = []
  }

  package private(set) var directives: [Directive] = []

  /// - Parameters:
  ///   - text: A configuration file, or what `nginx -T` prints.
  ///   - include: The text of the files that a pattern names; for a text that has them not itself.
  package init(_ text: String, include: (String) -> [String]) {
    let files = Self.files(in: text)
    guard let main = files.first else { return }
    let find = { (pattern: String) -> [String] in
      let found = files.filter { Self.matches($0.path, pattern) }.map(\.text)
      return found.isEmpty ? include(pattern) : found
    }
    withoutActuallyEscaping(find) { find in
      var reader = Reader(Self.tokens(main.text), include: find)
      directives = reader.block(depth: 0)
    }
  }

  /// `nginx -T` prints all files, each behind a comment that names it.
  private static func files(in text: String) -> [(path: String, text: String)] {
    let mark = "# configuration file "
    var files: [(path: String, text: String)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(mark), line.hasSuffix(":") {
        files.append((String(line.dropFirst(mark.utf8.count).dropLast()), ""))
      } else if files.isEmpty {
        files.append(("", "\(line)\n"))
      } else {
        files[files.count - 1].text += "\(line)\n"
      }
    }
    // nginx -T says first, on the same output, that all is well.
    if files.count > 1, files[0].path.isEmpty { files.removeFirst() }
    return files
  }

  /// Whether a path is one that a pattern with at most one `*` means; relative ones by their end.
  private static func matches(_ path: String, _ pattern: String) -> Bool {
    let ends = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = ends.first, let last = ends.last else { return false }
    if ends.count == 1 { return path == pattern || path.hasSuffix("/\(pattern)") }
    return path.hasSuffix(last) && (path.hasPrefix(first) || !pattern.hasPrefix("/"))
      && path.firstRange(of: first) != nil
  }

  private enum Token: Equatable {
    case word(String)
    case open, close, end
  }

  private static func tokens(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var word: String?
    var quote: Character?
    var isComment = false
    var isEscaped = false
    func finish() {
      if let word { tokens.append(.word(word)) }
      word = nil
    }
    for character in text {
      if isComment {
        isComment = character != "\n"
      } else if isEscaped {
        // nginx takes the backslash away before a quote, and leaves it for the regular expression else.
        word = (word ?? "") + ("\"'\\".contains(character) ? "" : "\\") + String(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else {
        switch character {
        case "\"", "'":
          quote = character
          word = word ?? ""
        case "#" where word == nil: isComment = true
        case ";":
          finish()
          tokens.append(.end)
        case "{" where word?.hasSuffix("$") != true:
          finish()
          tokens.append(.open)
        case "}" where word?.firstRange(of: "${") == nil:
          finish()
          tokens.append(.close)
        case _ where character.isWhitespace: finish()
        default: word = (word ?? "") + String(character)
        }
      }
    }
    finish()
    return tokens
  }

  private struct Reader {
    private var tokens: ArraySlice<Token>
    private let include: (String) -> [String]

    init(_ tokens: [Token], include: @escaping (String) -> [String]) {
      self.tokens = tokens[...]
      self.include = include
    }

    /// Up to the closing brace, or the end.
    mutating func block(depth: Int) -> [Directive] {
      var directives: [Directive] = []
      var words: [String] = []
      while let token = tokens.popFirst() {
        switch token {
        case .word(let word): words.append(word)
        case .close: return directives
        case .end:
          directives += finished(words, depth: depth)
          words = []
        case .open:
          let inner = depth < Self.deepest ? block(depth: depth + 1) : []
          if let name = words.first {
            directives.append(
              Directive(name: name, arguments: Array(words.dropFirst()), block: inner))
          }
          words = []
        }
      }
      return directives
    }

    private func finished(_ words: [String], depth: Int) -> [Directive] {
      guard let name = words.first else { return [] }
      guard name == "include", words.count == 2, depth < Self.deepest else {
        return [Directive(name: name, arguments: Array(words.dropFirst()))]
      }
      return include(words[1]).flatMap { text in
        var reader = Reader(NginxConfiguration.tokens(text), include: include)
        return reader.block(depth: depth + 1)
      }
    }

    /// Files that include themselves end somewhere.
    private static let deepest = 16
  }
}
