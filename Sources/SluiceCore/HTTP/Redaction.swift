/// What came over the wire, as operators may see it.
package enum Redaction {
  /// The text with the values of what is named like a secret taken out, whatever its syntax: JSON, a
  /// form, a query, XML, or any of these cut short. JSON that is whole is laid out in lines.
  package static func readable(_ bytes: [UInt8], atMost limit: Int = 16_384) -> String {
    let json = bytes.count <= limit ? try? JSONReader.read(bytes) : nil
    let text: String =
      if let json, json.members != nil || json.array != nil {
        layout(json)
      } else {
        String(decoding: bytes.prefix(limit), as: UTF8.self)
      }
    return redact(text) + (bytes.count > limit ? "\n… \(bytes.count) bytes in all" : "")
  }

  /// Takes time that grows as the text does, whatever is in it.
  package static func redact(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var index = 0
    var element = Element.none
    func skip(to value: Range<Int>) {
      out += bytes[index..<value.lowerBound] + Array("[redacted]".utf8)
      index = value.upperBound
    }
    while index < bytes.count {
      let word = bytes[index...].prefix(while: isWord)
      guard !word.isEmpty else {
        let isText = element.passes(bytes[index], after: index > 0 ? bytes[index - 1] : 0)
        out.append(bytes[index])
        index += 1
        if isText, let value = content(of: bytes, from: index) { skip(to: value) }
        continue
      }
      out += word
      index = word.endIndex
      guard isSecret(word) else { continue }
      if let value = value(in: bytes, from: index, of: word) {
        skip(to: value)
      } else {
        element.isNamed()
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Whether an XML element's start tag is being read whose content is a secret.
  private enum Element {
    case none
    /// In the name of a start tag, or before it; a prefix and its colon may have gone before.
    case name
    /// Behind the name of a secret, among attributes.
    case secret

    /// - Returns: Whether a secret's content begins behind that byte.
    mutating func passes(_ byte: UInt8, after last: UInt8) -> Bool {
      switch (byte, self) {
      case (UInt8(ascii: "<"), _): self = .name
      case (UInt8(ascii: ">"), .secret):
        self = .none
        return last != UInt8(ascii: "/")
      case (UInt8(ascii: ":"), .name), (_, .secret): break
      default: self = .none
      }
      return false
    }

    /// A name of a secret has gone by.
    mutating func isNamed() { if self == .name { self = .secret } }
  }

  /// An element's content, all of it: text, or a CDATA section. `nil` where there is none.
  private static func content(of bytes: [UInt8], from start: Int) -> Range<Int>? {
    let opening = Array("<![CDATA[".utf8)
    guard bytes[start...].starts(with: opening) else {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
      return start < end ? start..<end : nil
    }
    let begin = start + opening.count
    var end = begin
    while end < bytes.count, !bytes[end...].starts(with: "]]>".utf8) { end += 1 }
    return begin..<end
  }

  /// Where the value of a name that ends at `start` stands; `nil` if none follows.
  private static func value(
    in bytes: [UInt8], from start: Int, of name: ArraySlice<UInt8>
  ) -> Range<Int>? {
    var index = start
    func skip(_ skipped: (UInt8) -> Bool) {
      while index < bytes.count, skipped(bytes[index]) { index += 1 }
    }
    // `"name"`, `\"name\"` in JSON that is a string of other JSON, `account[name]` in a form.
    skip { isQuote($0) || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "]") }
    skip { $0 == 0x20 }
    guard index < bytes.count, ":=".utf8.contains(bytes[index]) else { return nil }
    index += 1
    if index < bytes.count, bytes[index] == UInt8(ascii: ">") { index += 1 }  // `=>`
    skip { $0 == 0x20 }
    let escapes = bytes[index...].prefix { $0 == UInt8(ascii: "\\") }.count
    if index + escapes < bytes.count, isQuote(bytes[index + escapes]) {
      return quoted(in: bytes, from: index + escapes, escapes: escapes)
    }
    let begin = index
    skip(isUnquoted)
    // "Bearer abc": the scheme is no secret, what follows it is.
    let first = bytes[begin..<index]
    if text(of: name).contains("auth") || ["bearer", "basic"].contains(text(of: first)) {
      let end = index
      skip { $0 == 0x20 }
      if index > end { skip(isUnquoted) }
    }
    return begin < index ? begin..<index : nil
  }

  /// What stands in quotes, up to their end or the text's. Within `escapes` backslashes before the
  /// first quote, as many are before the last; more are part of the value.
  private static func quoted(in bytes: [UInt8], from opening: Int, escapes: Int) -> Range<Int>? {
    let begin = opening + 1
    var (index, run) = (begin, 0)
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\") {
        run += 1
      } else {
        if bytes[index] == bytes[opening], run < escapes || run % (2 * (escapes + 1)) == escapes {
          index -= min(run, escapes)
          break
        }
        run = 0
      }
      index += 1
    }
    return begin < index ? begin..<index : nil
  }

  private static func isUnquoted(_ byte: UInt8) -> Bool {
    byte > 0x20 && !"&,;<>}]".utf8.contains(byte)
  }

  /// Its letters, in lower case.
  private static func text(of word: ArraySlice<UInt8>) -> String {
    String(decoding: word.filter(isLetter).map { $0 | 0x20 }, as: UTF8.self)
  }

  private static func isSecret(_ word: ArraySlice<UInt8>) -> Bool {
    let name = text(of: word)
    return ["key", "sig", "auth", "pass", "hash"].contains(name)
      || [
        "token", "secret", "password", "passwd", "apikey", "accesskey", "signature",
        "authorization",
        "credential",
      ].contains { name.contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
  }

  /// JSON with a line for each member.
  private static func layout(_ json: JSON, indent: String = "") -> String {
    let inner = indent + "  "
    switch json {
    case .object(let members) where !members.isEmpty:
      let lines = members.map {
        "\(inner)\(JSON.string($0.name).text): \(layout($0.value, indent: inner))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    case .array(let values) where !values.isEmpty:
      let lines = values.map { inner + layout($0, indent: inner) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    default: return json.text
    }
  }
}
