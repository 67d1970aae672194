import SluiceCore

/// What is new about a message that somebody follows, as lines.
package struct TrialProgress {
  private let secrets: [Secret]
  private var attempts = 0
  private var callbacks = 0

  /// - Parameter secrets: Never shown, should an answer repeat one.
  package init(secrets: [Secret]) { self.secrets = secrets }

  package mutating func news(of trace: MessageTrace) -> [String] {
    var lines: [String] = []
    for attempt in trace.attempts.dropFirst(attempts) {
      let record = attempt.record
      let status = record.httpStatus.map { "answered \($0)" } ?? "gave no answer"
      lines.append(
        "\(attempt.queue)   the call \(status) in \(record.finishedAt - record.startedAt) ms,"
          + " \(record.outcome): \(redacted(record.detail))")
    }
    for callback in trace.callbacks.dropFirst(callbacks) {
      lines.append(
        "status     \(callback.status)"
          + (callback.reason.map { ": \(redacted($0))" } ?? ""))
    }
    attempts = max(attempts, trace.attempts.count)
    callbacks = max(callbacks, trace.callbacks.count)
    return lines
  }

  /// Whether a message has arrived; `nil` while that is open.
  package static func end(of trace: MessageTrace) -> Bool? {
    if !trace.deadLetters.isEmpty { return false }
    guard trace.message.direction == .outbound else {
      return trace.attempts.contains { $0.record.outcome == .accepted } ? true : nil
    }
    switch trace.message.status {
    case .delivered, .read: return true
    case .failed: return false
    default: return nil
    }
  }

  private func redacted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return Redaction.redact(SecretFilter(secrets).text(bytes, atMost: bytes.count)).onOneLine
  }
}

extension String {
  /// Without what a terminal would obey.
  package var onOneLine: String {
    var line = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      line.append(isControl ? " " : scalar)
    }
    return String(line)
  }
}
