/// How webhooks' bodies and queries name a contact: the ID as it is, with or without a phone number's
/// `+`, as the provider wrote it, percent-encoded, or with JSON's `\/`.
package struct ContactMention: Sendable {
  private let spellings: [[UInt8]]

  package init(_ contact: ContactID) {
    var spellings: Set<String> = []
    for plain in [contact.description, contact.decoded ?? contact.description] {
      let word = plain.hasPrefix("+") ? String(plain.dropFirst()) : plain
      spellings.insert(word)
      spellings.insert(FormFields.percent(word))
      spellings.insert(String(JSON.string(word).text.dropFirst().dropLast()))
      spellings.insert(
        word.split(separator: "/", omittingEmptySubsequences: false)
          .joined(separator: "\\/"))
    }
    self.spellings = spellings.filter { !$0.isEmpty }.map { Array($0.utf8) }
  }

  /// Whether a text names the contact. What merely has its ID inside a longer word or number does not.
  package func isIn(_ text: [UInt8]) -> Bool { spellings.contains { Self.finds($0, in: text) } }

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
