extension JSON {
  /// The value as compact UTF-8, members in their order.
  package var bytes: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(256)
    write(to: &out)
    return out
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let number): out.append(contentsOf: String(number).utf8)
    case .double(let number):
      precondition(number.isFinite, "JSON has no \(number)")
      out.append(contentsOf: String(number).utf8)
    case .string(let text): Self.write(text, to: &out)
    case .array(let values):
      out.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        value.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .encoded(let bytes): out.append(contentsOf: bytes)
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.write(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    defer { out.append(UInt8(ascii: "\"")) }
    guard text.utf8.contains(where: mustBeEscaped) else {
      out.append(contentsOf: text.utf8)
      return
    }
    var isLead = false
    for byte in text.utf8 {
      switch byte {
      case 0x80...0x9F where isLead:
        out.removeLast()
        escape(byte, to: &out)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case 0x0A: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case 0x0D: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      case 0..<0x20, 0x7F: escape(byte, to: &out)
      default: out.append(byte)
      }
      isLead = byte == leadOfControls
    }
  }

  private static func escape(_ byte: UInt8, to out: inout [UInt8]) {
    out.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
    out.append(contentsOf: String(byte, radix: 16).utf8)
  }

  /// Of the controls U+0080 to U+009F, which terminals obey, in UTF-8; and of some letters.
  private static let leadOfControls: UInt8 = 0xC2

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
      || byte == leadOfControls
  }
}
