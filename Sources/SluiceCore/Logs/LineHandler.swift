import Glibc
import Logging

/// Writes each event as one line, as the settings ask for.
package struct LineHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  private let program: String
  private let settings: Settings.Log
  private let sink: LogSink
  private let clocks: any Clocks

  package init(program: String, settings: Settings.Log, sink: LogSink, clocks: any Clocks) {
    self.program = program
    self.settings = settings
    self.sink = sink
    self.clocks = clocks
    logLevel = Logger.Level(rawValue: settings.level.rawValue) ?? .info
  }

  package subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let merged = metadata.merging(event.metadata ?? [:]) { $1 }
    let line = LogLine(
      time: clocks.wall, level: "\(event.level)", program: program, process: getpid(),
      message: event.message.description,
      fields: merged.sorted { $0.key < $1.key }.map { ($0.key, text(of: $0.value)) })
    sink.write(line.text(settings.format) + "\n")
  }

  private func text(of value: Logger.MetadataValue) -> String {
    guard settings.contacts == .shown, case .stringConvertible(let value) = value,
      let masked = value as? Masked
    else { return value.description }
    return masked.plain
  }
}
