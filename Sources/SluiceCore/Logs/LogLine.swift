/// One event of the log. Nothing in it can forge a line, and no value floods one: in logfmt
/// everything outside printable ASCII is escaped, in JSON what JSON escapes, and both cut values.
struct LogLine {
  /// Unix milliseconds.
  let time: Int64
  let level: String
  let program: String
  let process: Int32
  let message: String
  let fields: [(key: String, value: String)]

  func text(_ format: Settings.Log.Format) -> String {
    switch format {
    case .logfmt: logfmt
    case .json: json
    }
  }

  /// `time=… level=… program=… pid=… msg="…" key=value`.
  private var logfmt: String {
    var line = "time=\(Timestamp.text(time)) level=\(level) program=\(program)"
    line += " pid=\(process) msg=\(Self.quoted(message))"
    for (key, value) in fields { line += " \(key)=\(Self.quoted(value))" }
    return line
  }

  /// An object with the same keys.
  private var json: String {
    let head: [JSON.Member] = [
      .init("time", .string(Timestamp.text(time))), .init("level", .string(level)),
      .init("program", .string(program)), .init("pid", .integer(Int64(process))),
      .init("msg", .string(Self.cut(message))),
    ]
    return JSON.object(head + fields.map { .init($0.key, .string(Self.cut($0.value))) }).text
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
    }
    if isPlain && !text.isEmpty && text.utf8.count <= 200 { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars.prefix(longest) {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      default: quoted += scalar.escaped(asASCII: true)
      }
    }
    return quoted + "\""
  }

  private static func cut(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest)))
  }

  /// Unicode scalars of a value.
  private static let longest = 1_000
}
