import Glibc
import Logging

/// One line per event on standard error, logfmt: `time=… level=… msg="…" key=value`. Everything
/// outside printable ASCII is escaped, so that nothing logged can forge a line, and a value is cut
/// at a length that no line can be flooded with.
package struct LogfmtHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  private let program: String
  private let clocks: any Clocks

  package init(program: String, level: Logger.Level, clocks: any Clocks) {
    self.program = program
    logLevel = level
    self.clocks = clocks
  }

  package subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var line = "time=\(Self.timestamp(clocks.wall)) level=\(event.level) program=\(program)"
    line += " pid=\(getpid()) msg=\(Self.quoted(event.message.description))"
    let merged = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
      line += " \(key)=\(Self.quoted(value.description))"
    }
    line += "\n"
    var bytes = Array(line.utf8)
    write(2, &bytes, bytes.count)  // One call: lines of several processes do not mix.
  }

  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
    }
    if isPlain && !text.isEmpty && text.utf8.count <= 200 { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars.prefix(1_000) {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      default: quoted += scalar.escaped(asASCII: true)
      }
    }
    return quoted + "\""
  }

  /// RFC 3339, UTC, milliseconds. From the Unix time by the civil calendar's arithmetic.
  static func timestamp(_ milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: Int32, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(parts.tm_year + 1_900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))T"
      + "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
      + ".\(padded(Int32(milliseconds % 1_000), 3))Z"
  }
}
