/// Reads JSON strictly. Own code because no library on hand refuses what we must: duplicate keys,
/// trailing commas, UTF-16 and excessive depth all pass Foundation's decoder, and a signature or a
/// deduplication key must not depend on which reader saw the bytes.
///
/// Refused, beyond what RFC 8259 forbids: nesting over ``maximumDepth``, more than ``maximumKeys``
/// object members in all, equal keys in one object (compared as bytes), lone surrogates, numbers
/// outside what a `Double` holds, a byte order mark.
package struct JSONReader: ~Copyable {
  package static let maximumDepth = 32
  package static let maximumKeys = 2_000

  private let bytes: UnsafeBufferPointer<UInt8>
  private let maximumKeys: Int
  private var at = 0
  private var keys = 0

  /// The value that `bytes` hold, all of them.
  /// - Parameter maximumKeys: More only for what comes from a friend, and is long by nature.
  package static func read(
    _ bytes: some Sequence<UInt8>, maximumKeys: Int = maximumKeys
  ) throws(JSONError) -> JSON {
    let copy = ContiguousArray(bytes)
    let result = copy.withUnsafeBufferPointer { buffer in
      Result { () throws(JSONError) in
        var reader = JSONReader(bytes: buffer, maximumKeys: maximumKeys)
        return try reader.document()
      }
    }
    return try result.get()
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, maximumKeys: Int) {
    self.bytes = bytes
    self.maximumKeys = maximumKeys
  }

  private mutating func document() throws(JSONError) -> JSON {
    skipSpace()
    let value = try value(depth: 1)
    skipSpace()
    guard at == bytes.count else { throw .trailingBytes(offset: at) }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth <= Self.maximumDepth else { throw .tooDeep(offset: at) }
    guard let byte = peek else { throw .truncated(offset: at) }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw .unexpected(byte: byte, offset: at)
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    at += 1
    var members: [JSON.Member] = []
    var names: Set<[UInt8]> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      guard let byte = peek else { throw .truncated(offset: at) }
      guard byte == UInt8(ascii: "\"") else { throw .unexpected(byte: byte, offset: at) }
      let start = at
      let name = try string()
      keys += 1
      guard keys <= maximumKeys else { throw .tooManyKeys }
      guard isNew(name, in: members, &names) else { throw .duplicateKey(name, offset: start) }
      skipSpace()
      try expect(UInt8(ascii: ":"))
      skipSpace()
      members.append(JSON.Member(name, try value(depth: depth + 1)))
      skipSpace()
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
    return .object(members)
  }

  /// Whether none of `members` has that name.
  /// - Parameter names: Theirs, once they are many; until then comparing with each is faster, and takes no
  ///   memory. As bytes, since strings that differ in those may be equal.
  private func isNew(
    _ name: String, in members: [JSON.Member], _ names: inout Set<[UInt8]>
  ) -> Bool {
    guard members.count >= Self.fewMembers else {
      return !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
    }
    if names.isEmpty { names = Set(members.map { Array($0.name.utf8) }) }
    return names.insert(Array(name.utf8)).inserted
  }

  /// Of an object as providers and the platform write them.
  private static let fewMembers = 32

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    at += 1
    var values: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    repeat {
      skipSpace()
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return .array(values)
  }

  private mutating func string() throws(JSONError) -> String {
    at += 1
    let start = at
    // Most strings have no escape: find the end, then validate the slice as a whole.
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      guard byte >= 0x20 else { throw .unexpected(byte: byte, offset: at) }
      at += 1
    }
    guard let end = peek else { throw .truncated(offset: at) }
    if end == UInt8(ascii: "\"") {
      at += 1
      return try text(bytes[start..<(at - 1)], offset: start)
    }
    var unescaped = ContiguousArray(bytes[start..<at])
    while let byte = peek {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        return try unescaped.withUnsafeBufferPointer { buffer throws(JSONError) in
          try text(buffer[...], offset: start)
        }
      case UInt8(ascii: "\\"):
        try escape(into: &unescaped)
      case 0..<0x20:
        throw .unexpected(byte: byte, offset: at - 1)
      default:
        unescaped.append(byte)
      }
    }
    throw .truncated(offset: at)
  }

  private func text(
    _ slice: Slice<UnsafeBufferPointer<UInt8>>, offset: Int
  ) throws(JSONError) -> String {
    guard let text = String(strictly: UnsafeBufferPointer(rebasing: slice)) else {
      throw .invalidUTF8(offset: offset)
    }
    return text
  }

  private mutating func escape(into text: inout ContiguousArray<UInt8>) throws(JSONError) {
    guard let byte = peek else { throw .truncated(offset: at) }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let start = at - 2
      let scalar = try unicodeEscape(start: start)
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw .unexpected(byte: byte, offset: at - 1)
    }
  }

  private mutating func unicodeEscape(start: Int) throws(JSONError) -> Unicode.Scalar {
    let high = try fourHexDigits()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw .loneSurrogate(offset: start)
    }
    let low = try fourHexDigits()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw .loneSurrogate(offset: start) }
    return scalar
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek else { throw .truncated(offset: at) }
      guard let digit = Hex.digit(byte) else {
        throw .unexpected(byte: byte, offset: at)
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = at
    var isInteger = true
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isInteger, let number = Int64(text) { return .integer(number) }
    guard let number = Double(text), number.isFinite else { throw .numberOutOfRange(offset: start) }
    return .double(number)
  }

  private mutating func digits() throws(JSONError) {
    let start = at
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
    guard at == start else { return }
    guard let byte = peek else { throw .truncated(offset: at) }
    throw .unexpected(byte: byte, offset: at)
  }

  private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    for offset in 0..<text.utf8CodeUnitCount {
      try expect(text.utf8Start[offset])
    }
    return value
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard let found = peek else { throw .truncated(offset: at) }
    guard found == byte else { throw .unexpected(byte: found, offset: at) }
    at += 1
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }
}

package enum JSONError: Error, Equatable, CustomStringConvertible {
  case truncated(offset: Int)
  case trailingBytes(offset: Int)
  case unexpected(byte: UInt8, offset: Int)
  case tooDeep(offset: Int)
  case tooManyKeys
  case duplicateKey(String, offset: Int)
  case invalidUTF8(offset: Int)
  case loneSurrogate(offset: Int)
  case numberOutOfRange(offset: Int)

  package var description: String {
    switch self {
    case .truncated(let offset):
      "The JSON ends early, at byte \(offset). Send the whole document."
    case .trailingBytes(let offset):
      "The JSON ends at byte \(offset), and more follows. Send one document, and nothing after it."
    case .unexpected(let byte, let offset):
      "The JSON has \(Unicode.Scalar(byte).escaped(asASCII: true)) at byte \(offset), which RFC 8259 does not allow there."
    case .tooDeep(let offset):
      "The JSON nests deeper than \(JSONReader.maximumDepth) levels, at byte \(offset). Send a flatter document."
    case .tooManyKeys:
      "The JSON has more than \(JSONReader.maximumKeys) members. Send a smaller document."
    case .duplicateKey(let key, let offset):
      "The JSON has the key \"\(key.escaped)\" twice in one object, at byte \(offset). Send each key once."
    case .invalidUTF8(let offset):
      "The JSON string at byte \(offset) is not valid UTF-8. Send UTF-8."
    case .loneSurrogate(let offset):
      "The JSON escape at byte \(offset) is half of a surrogate pair. Send both halves, or UTF-8."
    case .numberOutOfRange(let offset):
      "The JSON number at byte \(offset) is too large."
    }
  }
}

extension String {
  /// The text that `bytes` are; `nil` if they are not UTF-8. Most are ASCII, and need no more than a
  /// look at each.
  package init?(strictly bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.allSatisfy({ $0 < 0x80 }) {
      self.init(decoding: bytes, as: UTF8.self)
    } else {
      self.init(validating: bytes, as: UTF8.self)
    }
  }

  /// The text in printable ASCII, at most 64 scalars of it: fit for a log line or an error body.
  package var escaped: String {
    let head = unicodeScalars.prefix(64).map { $0.escaped(asASCII: true) }.joined()
    return unicodeScalars.count > 64 ? head + "..." : head
  }
}
