import SluiceCore
import Testing

/// What others wrote, on an operator's terminal.
struct TerminalTextTests {
  static let rows: [(label: String, input: String, line: String, lines: String)] = [
    ("plain text of any script", "Grüße 你好 🙂", "Grüße 你好 🙂", "Grüße 你好 🙂"),
    ("lines", "a\nb\r\nc", "a b  c", "a\nb \nc"),
    ("ESC", "\u{1B}[2Jgone", " [2Jgone", " [2Jgone"),
    ("ESC [ in one", "\u{9B}31mred", " 31mred", " 31mred"),
    ("a title", "\u{1B}]0;x\u{7}", " ]0;x ", " ]0;x "),
    ("DEL and backspace", "ab\u{7F}\u{8}", "ab  ", "ab  "),
    ("turned around", "gpj\u{202E}exe", "gpj exe", "gpj exe"),
    ("isolates", "\u{2066}a\u{2069}", " a ", " a "),
    ("line separator", "a\u{2028}b", "a b", "a b"),
  ]
  @Test(arguments: rows)
  func isHarmless(label: String, input: String, line: String, lines: String) {
    #expect(input.oneLine() == line)
    #expect(Array(input.manyLines.unicodeScalars) == Array(lines.unicodeScalars))
  }

  @Test func isCutShort() { #expect("abcdef".oneLine(atMost: 3) == "abc") }
}
