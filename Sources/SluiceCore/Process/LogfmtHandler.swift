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
    var line = "time=\(Timestamp.text(clocks.wall)) level=\(event.level) program=\(program)"
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
}
