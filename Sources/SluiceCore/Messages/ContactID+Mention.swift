extension ContactID {
  /// Whether a webhook's body or query names this contact: the ID as it is, with or without a phone
  /// number's `+`, as the provider wrote it, percent-encoded, or with JSON's `\/`. What merely has it
  /// inside a longer word or number does not.
  package func isMentioned(in text: [UInt8]) -> Bool {
    spellings.contains { Self.finds(Array($0.utf8), in: text) }
  }

  private var spellings: Set<String> {
    var spellings: Set<String> = []
    for plain in [description, decoded ?? description] {
      let word = plain.hasPrefix("+") ? String(plain.dropFirst()) : plain
      spellings.insert(word)
      spellings.insert(FormFields.percent(word))
      spellings.insert(String(JSON.string(word).text.dropFirst().dropLast()))
      spellings.insert(
        word.split(separator: "/", omittingEmptySubsequences: false)
          .joined(separator: "\\/"))
    }
    return spellings.filter { !$0.isEmpty }
  }

  private static func finds(_ word: [UInt8], in text: [UInt8]) -> Bool {
    guard let first = word.first else { return false }
    var start = 0
    while start + word.count <= text.count, let found = text[start...].firstIndex(of: first) {
      let end = found + word.count
      if end <= text.count, text[found..<end].elementsEqual(word),
        found == 0 || !isWord(text[found - 1]) || isEscape(before: found, in: text),
        end == text.count || !isWord(text[end])
      {
        return true
      }
      start = found + 1
    }
    return false
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }

  /// `%2B` before a number is a `+` and no word.
  private static func isEscape(before index: Int, in text: [UInt8]) -> Bool {
    index >= 3 && text[index - 3] == UInt8(ascii: "%")
  }
}
