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

  package static func redact(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let word = bytes[index...].prefix(while: isWord)
      guard !word.isEmpty else {
        out.append(bytes[index])
        index += 1
        continue
      }
      out += word
      index = word.endIndex
      guard isSecret(word), let value = value(in: bytes, from: index) else { continue }
      out += bytes[index..<value.lowerBound] + Array("[redacted]".utf8)
      index = value.upperBound
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Where the value of a name that ends at `start` stands; `nil` if none follows.
  private static func value(in bytes: [UInt8], from start: Int) -> Range<Int>? {
    var index = start
    func skip(_ skipped: (UInt8) -> Bool) {
      while index < bytes.count, skipped(bytes[index]) { index += 1 }
    }
    skip(isQuote)
    skip { $0 == 0x20 }
    guard index < bytes.count, ":=>".utf8.contains(bytes[index]) else { return nil }
    index += 1
    skip { $0 == 0x20 }
    guard index < bytes.count else { return nil }
    guard isQuote(bytes[index]) else {
      let begin = index
      skip { !"&,;<>}]".utf8.contains($0) && $0 > 0x20 }
      return begin < index ? begin..<index : nil
    }
    let quote = bytes[index]
    index += 1
    let begin = index
    while index < bytes.count, bytes[index] != quote {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    let end = min(index, bytes.count)
    return begin < end ? begin..<end : nil
  }

  private static func isSecret(_ word: ArraySlice<UInt8>) -> Bool {
    let name = String(decoding: word.filter(isLetter).map { $0 | 0x20 }, as: UTF8.self)
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
