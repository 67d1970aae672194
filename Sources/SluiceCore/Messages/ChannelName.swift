/// Our name for a channel, as it stands in URLs, settings and logs: 1...40 of `a-z 0-9 - _`,
/// beginning with a letter or digit. It becomes part of a file name (`channels/NAME.toml`), so
/// neither dots nor slashes are allowed.
package struct ChannelName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let description: String

  package init?(_ text: String) {
    guard (1...40).contains(text.utf8.count) else { return nil }
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): continue
      case UInt8(ascii: "-"), UInt8(ascii: "_"): guard index > 0 else { return nil }
      default: return nil
      }
    }
    description = text
  }

  /// The rule, for an error sentence.
  package static let rule =
    "1 to 40 of a-z, 0-9, - and _, beginning with a letter or digit, like sms-uk"

  package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}
