/// An element of an XML document. Namespaces are passed over: names are without their prefix.
struct XMLElement: Equatable, Sendable {
  let name: String
  var attributes: [String: String] = [:]
  var children: [XMLElement] = []
  /// All text directly in it.
  var text = ""
}

/// Reads the XML that gateways write: elements, attributes, text, CDATA, comments, the five entities
/// and numeric ones. Own code because the parser at hand comes with all of Foundation, and reads what
/// we must refuse: a document type, and with it entities that grow without end (XML 1.0, 2.8; CWE-776).
struct XMLReader: ~Copyable {
  static let maximumBytes = 262_144
  static let maximumDepth = 32
  static let maximumElements = 2_000

  private let bytes: [UInt8]
  private var at = 0
  private var elements = 0

  /// The root element of `bytes`, which are UTF-8.
  static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
    guard bytes.count <= maximumBytes else { throw .tooLarge }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .invalidUTF8 }
    var reader = XMLReader(bytes: bytes)
    return try reader.document()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func document() throws(XMLError) -> XMLElement {
    _ = take("\u{FEFF}")
    try skipMiscellany()
    guard take("<") else { throw .unexpected(offset: at) }
    let root = try element(depth: 1)
    try skipMiscellany()
    guard at == bytes.count else { throw .unexpected(offset: at) }
    return root
  }

  /// White space, comments, and processing instructions, the declaration among them.
  private mutating func skipMiscellany() throws(XMLError) {
    while true {
      skipSpace()
      if take("<?") {
        try skip(past: "?>")
      } else if take("<!--") {
        try skip(past: "-->")
      } else {
        return
      }
    }
  }

  /// From behind its `<`.
  private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
    elements += 1
    guard depth <= Self.maximumDepth, elements <= Self.maximumElements else { throw .tooLarge }
    let qualified = try name()
    var element = XMLElement(name: Self.local(qualified))
    while true {
      let hadSpace = skipSpace()
      if take("/>") { return element }
      if take(">") { break }
      guard hadSpace else { throw .unexpected(offset: at) }
      let attribute = try name()
      skipSpace()
      guard take("=") else { throw .unexpected(offset: at) }
      skipSpace()
      let value = try quoted()
      guard element.attributes.updateValue(value, forKey: Self.local(attribute)) == nil else {
        throw .unexpected(offset: at)
      }
    }
    var text: [UInt8] = []
    while !take("</") {
      if take("<!--") {
        try skip(past: "-->")
      } else if take("<![CDATA[") {
        text += try skip(past: "]]>")
      } else if take("<?") {
        try skip(past: "?>")
      } else if take("<") {
        element.children.append(try self.element(depth: depth + 1))
      } else {
        text += try character(endingAt: nil)
      }
    }
    guard try name() == qualified else { throw .unexpected(offset: at) }
    skipSpace()
    guard take(">") else { throw .unexpected(offset: at) }
    element.text = String(decoding: text, as: UTF8.self)
    return element
  }

  private mutating func quoted() throws(XMLError) -> String {
    guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw .unexpected(offset: at)
    }
    at += 1
    var value: [UInt8] = []
    while peek != quote { value += try character(endingAt: quote) }
    at += 1
    return String(decoding: value, as: UTF8.self)
  }

  /// One byte of text, or what an entity stands for.
  private mutating func character(endingAt quote: UInt8?) throws(XMLError) -> [UInt8] {
    guard let byte = peek else { throw .truncated }
    guard byte != UInt8(ascii: "<"), byte >= 0x20 || [0x09, 0x0A, 0x0D].contains(byte) else {
      throw .unexpected(offset: at)
    }
    at += 1
    guard byte == UInt8(ascii: "&") else { return [byte] }
    let start = at
    while let next = peek, next != UInt8(ascii: ";"), at - start < 10 { at += 1 }
    let name = String(decoding: bytes[start..<at], as: UTF8.self)
    guard take(";"), let scalar = Self.entity(name) else { throw .badEntity(offset: start) }
    return Array(String(scalar).utf8)
  }

  private static func entity(_ name: String) -> Unicode.Scalar? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      let isHex = name.hasPrefix("#x")
      let digits = name.utf8.dropFirst(isHex ? 2 : 1)
      guard name.hasPrefix("#"), !digits.isEmpty,
        digits.allSatisfy({ Hex.digit($0).map { isHex || $0 < 10 } ?? false }),
        let code = UInt32(String(Substring(digits)), radix: isHex ? 16 : 10),
        code >= 0x20
          || [0x09, 0x0A, 0x0D].contains(code)
      else { return nil }
      return Unicode.Scalar(code)
    }
  }

  private mutating func name() throws(XMLError) -> String {
    let start = at
    while let byte = peek, Self.isNameByte(byte) { at += 1 }
    guard at > start, at - start <= 200 else { throw .unexpected(offset: start) }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: ":"), 0x80...:
      true
    default: false
    }
  }

  private static func local(_ name: String) -> String {
    String(name.split(separator: ":").last ?? "")
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[at...].starts(with: wanted) else { return false }
    at += wanted.count
    return true
  }

  /// - Returns: What was skipped, without the end.
  @discardableResult
  private mutating func skip(past end: StaticString) throws(XMLError) -> ArraySlice<UInt8> {
    let start = at
    while at < bytes.count {
      let stop = at
      if take(end) { return bytes[start..<stop] }
      at += 1
    }
    throw .truncated
  }

  @discardableResult
  private mutating func skipSpace() -> Bool {
    let start = at
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    return at > start
  }
}

enum XMLError: Error, Equatable, CustomStringConvertible {
  case truncated
  case unexpected(offset: Int)
  case badEntity(offset: Int)
  case invalidUTF8
  case tooLarge

  var description: String {
    switch self {
    case .truncated: "The XML ends early. Send the whole document."
    case .unexpected(let offset): "The XML has something at byte \(offset) that is not read here."
    case .badEntity(let offset):
      "The XML has an entity at byte \(offset) that is not one of the five, and no number."
    case .invalidUTF8: "The XML is not UTF-8."
    case .tooLarge:
      "The XML is larger or deeper than \(XMLReader.maximumBytes) bytes,"
        + " \(XMLReader.maximumElements) elements and \(XMLReader.maximumDepth) levels."
    }
  }
}
