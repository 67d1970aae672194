import Logging
import Synchronization

/// What was logged, down to `debug`, for tests of what is said and what is not.
package final class RecordedLog: Sendable {
  private let recorded = Mutex<[String]>([])

  package init() {}

  /// The message of each, and its metadata by name.
  package var lines: [String] { recorded.withLock { $0 } }

  package var text: String { lines.joined(separator: "\n") }

  package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }
      let line = "\(event.message)" + fields.map { " \($0.key)=\($0.value)" }.joined()
      log.recorded.withLock { $0.append(line) }
    }
  }
}
