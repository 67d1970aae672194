extension ContactProfile {
  /// - Parameter name: In one piece, as most providers give it: its first word is taken for the first
  ///   name, and what follows for the last.
  package init(name: String?, phone: String? = nil, language: String? = nil) {
    let words = (name ?? "").split(maxSplits: 1, whereSeparator: \.isWhitespace)
    self.init(
      firstName: words.first.map { String($0) },
      lastName: words.dropFirst().first.map { String($0) },
      phone: phone, language: language)
  }
}
