/// The character set of what we receive.
enum Charset: String, Sendable, CaseIterable {
  case utf8 = "utf-8"
  case latin1 = "iso-8859-1"

  /// As UTF-8.
  func decode(_ bytes: [UInt8]) -> [UInt8] {
    guard self == .latin1 else { return bytes }
    return Array(String(String.UnicodeScalarView(bytes.map(Unicode.Scalar.init))).utf8)
  }
}
