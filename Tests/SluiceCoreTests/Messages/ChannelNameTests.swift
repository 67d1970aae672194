import SluiceCore
import Testing

struct ChannelNameTests {
  static let rows: [(label: String, text: String, isName: Bool)] = [
    ("plain", "sms-uk", true), ("a digit first", "1_a", true), ("one letter", "a", true),
    ("40 bytes", String(repeating: "a", count: 40), true),
    ("41 bytes", String(repeating: "a", count: 41), false),
    ("empty", "", false), ("upper case", "SMS", false), ("a hyphen first", "-a", false),
    ("an underscore first", "_a", false), ("a dot", "a.toml", false), ("parent", "..", false),
    ("a slash", "a/b", false), ("NUL", "a\0", false), ("a newline", "a\n", false),
    ("a letter with an accent", "é", false), ("a Kelvin sign", "\u{212A}", false),
  ]
  @Test(arguments: rows)
  func parses(label: String, text: String, isName: Bool) {
    #expect(ChannelName(text)?.description == (isName ? text : nil))
  }
}
