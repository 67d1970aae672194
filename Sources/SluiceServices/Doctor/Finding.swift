import SluiceCore

/// What `sluice doctor` has found out about one thing, and what to do about it.
package struct Finding: Equatable, Sendable {
  package enum Grade: String, Sendable {
    case good = "ok"
    /// Works, and is probably not meant, or will not work for long.
    case warning
    case problem
  }

  package let grade: Grade
  /// What was looked at: `ledger`, `nginx`.
  package let subject: String
  /// A sentence, with the figures.
  package let message: String
  /// What to do; `nil` where all is well.
  package let remedy: String?

  private init(_ grade: Grade, _ subject: String, _ message: String, _ remedy: String?) {
    self.grade = grade
    self.subject = subject
    self.message = message
    self.remedy = remedy
  }

  package static func good(_ subject: String, _ message: String) -> Finding {
    Finding(.good, subject, message, nil)
  }

  package static func warning(_ subject: String, _ message: String, remedy: String) -> Finding {
    Finding(.warning, subject, message, remedy)
  }

  package static func problem(_ subject: String, _ message: String, remedy: String) -> Finding {
    Finding(.problem, subject, message, remedy)
  }

  package var json: JSON {
    .object(present: [
      ("grade", .string(grade.rawValue)), ("subject", .string(subject)),
      ("message", .string(message)), ("remedy", remedy.map(JSON.string)),
    ])
  }
}
