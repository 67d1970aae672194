// What others wrote, without what a terminal would obey: escape sequences move the cursor, set its title
// or answer for the operator, and an override of the writing direction makes one text look like another.

extension String {
  /// In one line.
  /// - Parameter limit: Characters.
  package func oneLine(atMost limit: Int = .max) -> String {
    replacingObeyed(in: unicodeScalars.prefix(limit), keepingLines: false)
  }

  /// In as many lines as it has.
  package var manyLines: String { replacingObeyed(in: unicodeScalars[...], keepingLines: true) }

  private func replacingObeyed(
    in scalars: Substring.UnicodeScalarView, keepingLines: Bool
  ) -> String {
    var text = UnicodeScalarView()
    for scalar in scalars {
      let isKept = !scalar.isObeyed || keepingLines && scalar == "\n"
      text.append(isKept ? scalar : " ")
    }
    return String(text)
  }
}

extension Unicode.Scalar {
  fileprivate var isObeyed: Bool {
    switch value {
    // C0, DEL and C1: ESC is U+001B, and U+009B does the same as ESC [.
    case ..<0x20, 0x7F...0x9F: true
    // Line and paragraph separators; embeddings, overrides and isolates of the direction.
    case 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
