import Crypto
import FoundationEssentials

/// What a value passes through on its way: `{to|digits}`, `{text|utf16be|hex|upper}`. Works on
/// bytes, since a charset or a digest gives nothing that is text.
struct TextFunction: Sendable {
  typealias Body = @Sendable ([UInt8]) -> [UInt8]?

  let name: String
  private let body: Body

  /// - Returns: `nil` for a value that the function is not made for.
  func apply(_ bytes: [UInt8]) -> [UInt8]? { body(bytes) }

  static func chain(_ words: some Sequence<String>) throws(TemplateError) -> [TextFunction] {
    var functions: [TextFunction] = []
    for word in words { functions.append(try TextFunction(word)) }
    return functions
  }

  /// - Parameter text: `name`, or `name:argument`.
  init(_ text: String) throws(TemplateError) {
    let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    name = words[0]
    if words.count == 1, let body = Self.plain[name] {
      self.body = body
    } else if let make = Self.withArgument[name] {
      guard words.count == 2, !words[1].isEmpty, let body = make(words[1]) else {
        throw .badArgument(text)
      }
      self.body = body
    } else {
      throw .unknownFunction(text)
    }
  }

  static let names = (plain.keys.map { $0 } + withArgument.keys.map { "\($0):…" }).sorted()

  /// Functions that only say how a JSON value is written; to bytes they do nothing.
  static let typeNames: Set<String> = ["number", "flag"]

  private static let plain: [String: Body] = [
    "number": { $0 }, "flag": { $0 },
    "digits": { $0.filter(isDigit) },
    "plus": { $0.first == UInt8(ascii: "+") ? $0 : Array("+".utf8) + $0 },
    "trim": { Array($0.drop(while: isSpace).reversed().drop(while: isSpace).reversed()) },
    "lower": { $0.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } },
    "upper": { $0.map { (0x61...0x7A).contains($0) ? $0 & ~0x20 : $0 } },
    "hex": { Array(Hex.text($0).utf8) },
    "unhex": { Hex.bytes(String(decoding: $0, as: UTF8.self)) },
    "base64": { Array(Data($0).base64EncodedData()) },
    "base64url": { base64URL($0) },
    "unbase64": { Data(base64Encoded: Data($0)).map { Array($0) } },
    "latin1": { latin1($0) },
    "from_latin1": { Array(String(String.UnicodeScalarView($0.map(Unicode.Scalar.init))).utf8) },
    "utf16be": { utf16($0) },
    "from_utf16be": { fromUTF16($0) },
    "percent": { Escaping.percent.escape($0) },
    "unpercent": { FormFields.unescape($0[...]) },
    "md5": { Array(Insecure.MD5.hash(data: $0)) },
    "sha1": { Array(Insecure.SHA1.hash(data: $0)) },
    "sha256": { Array(SHA256.hash(data: $0)) },
    "sha512": { Array(SHA512.hash(data: $0)) },
    "seconds": { milliseconds($0).map { Array(String($0 / 1_000).utf8) } },
  ]

  private static let withArgument: [String: @Sendable (String) -> Body?] = [
    // A prefix that some senders leave away, and others write in their own case.
    "strip": { prefix in
      let wanted = Array(prefix.lowercased().utf8)
      return { value in
        String(decoding: value.prefix(wanted.count), as: UTF8.self).lowercased().utf8
          .elementsEqual(wanted) ? Array(value.dropFirst(wanted.count)) : value
      }
    },
    "before": { end in
      let end = Array(end.utf8)
      return { value in
        let start = value.indices.first { value[$0...].starts(with: end) }
        return Array(value[..<(start ?? value.endIndex)])
      }
    },
    "prefix": { prefix in { Array(prefix.utf8) + $0 } },
    "time": { text in
      let pattern = TimePattern(text)
      return { value in milliseconds(value).map { Array(pattern.text($0).utf8) } }
    },
  ]

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  private static func milliseconds(_ bytes: [UInt8]) -> Int64? {
    TimeScanner.number(String(decoding: bytes, as: UTF8.self))
  }

  /// RFC 4648, 5, without padding.
  private static func base64URL(_ bytes: [UInt8]) -> [UInt8] {
    Data(bytes).base64EncodedData().compactMap { byte in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: byte
      }
    }
  }

  /// ISO 8859-1; what it has not becomes a question mark.
  private static func latin1(_ bytes: [UInt8]) -> [UInt8] {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.map {
      UInt8(exactly: $0.value) ?? UInt8(ascii: "?")
    }
  }

  private static func utf16(_ bytes: [UInt8]) -> [UInt8] {
    String(decoding: bytes, as: UTF8.self).utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
  }

  private static func fromUTF16(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count.isMultiple(of: 2) else { return nil }
    let units = stride(from: 0, to: bytes.count, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}

extension [TextFunction] {
  /// One after the other; `nil` as soon as one has nothing to give.
  func apply(_ bytes: [UInt8]) -> [UInt8]? {
    var value = bytes
    for function in self {
      guard let next = function.apply(value) else { return nil }
      value = next
    }
    return value
  }
}
