import Testing

@testable import SluiceCore

struct LogLineTests {
  private func line(_ message: String, _ fields: [(key: String, value: String)] = []) -> LogLine {
    LogLine(
      time: 1_760_000_000_123, level: "notice", program: "sluice-relay", process: 7,
      message: message, fields: fields)
  }

  static let values: [(label: String, value: String, logfmt: String, json: String)] = [
    ("plain", "sms-uk", "sms-uk", #""sms-uk""#),
    ("empty", "", "\"\"", "\"\""),
    ("a space", "a b", #""a b""#, #""a b""#),
    ("a forged line", "x\nlevel=error", #""x\nlevel=error""#, #""x\nlevel=error""#),
    ("quotes", #"say "no" \ yes"#, #""say \"no\" \\ yes""#, #""say \"no\" \\ yes""#),
    ("an escape sequence", "\u{1B}[31m", #""\u{1B}[31m""#, #""\u001b[31m""#),
    ("another script", "ж", #""\u{0436}""#, #""ж""#),
  ]

  @Test(arguments: values)
  func writes(label: String, value: String, logfmt: String, json: String) throws {
    let line = line("call not accepted", [("detail", value)])
    #expect(
      line.text(.logfmt)
        == "time=2025-10-09T08:53:20.123Z level=notice program=sluice-relay pid=7"
        + " msg=\"call not accepted\" detail=\(logfmt)")
    let text = line.text(.json)
    #expect(text.hasSuffix("\"msg\":\"call not accepted\",\"detail\":\(json)}"), "\(text)")
    let read = try JSONReader.read(Array(text.utf8))
    #expect(read["detail"]?.string == value && read["pid"]?.integer == 7)
    #expect(read["time"]?.string == "2025-10-09T08:53:20.123Z")
  }

  @Test(arguments: Settings.Log.Format.allCases)
  func cutsWhatFloods(format: Settings.Log.Format) {
    let line = line(
      String(repeating: "a", count: 100_000), [("key", String(repeating: "ä", count: 100_000))])
    #expect(line.text(format).utf8.count < 12_000)
  }
}
