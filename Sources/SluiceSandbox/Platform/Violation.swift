import SluiceCore

/// A rule of the protocol that a request broke: a word for tests, a sentence for people.
struct Violation: Equatable, Sendable {
  enum Rule: String, Sendable, CaseIterable {
    case method, token
    case contentType = "content-type"
    case json
    case unknownMember = "unknown-member"
    case missingMember = "missing-member"
    case null
    case channelID = "channelId"
    case contactID = "contactId"
    case events
    case eventType = "event-type"
    case mID = "mId"
    case timestamp, message, attachment, location
    case quickReply = "quick-reply"
    case contact, status
    case unknownStatus = "status-unknown-mId"
    case earlyStatus = "status-before-answer"
    case backwardStatus = "status-backwards"
  }

  let rule: Rule
  let sentence: String

  init(_ rule: Rule, _ sentence: String) {
    self.rule = rule
    self.sentence = sentence
  }
}

/// A violation, and where it happened.
struct RecordedViolation: Sendable {
  /// Unix milliseconds.
  let wall: Int64
  /// Nanoseconds of `CLOCK_BOOTTIME`.
  let boot: UInt64
  let channel: String
  let violation: Violation

  func json(number: Int) -> JSON {
    [
      "n": .integer(Int64(number)), "timestamp": .integer(wall), "boot": .integer(Int64(boot)),
      "channel": .string(channel), "rule": .string(violation.rule.rawValue),
      "message": .string(violation.sentence),
    ]
  }
}
