/// What is counted per channel and queue. Raw values are places in the shared segment.
package enum CountedEvent: Int, Sendable, CaseIterable, CustomStringConvertible {
  /// Taken in, and acknowledged. A repeat is found out later, and is then one of the `duplicates` too.
  case accepted = 0
  /// The other side took it.
  case delivered = 1
  /// Not this time; it is tried again.
  case deferred = 2
  /// Given up: a dead letter.
  case rejected = 3
  /// A call without an answer, of which nobody knows what came.
  case unknown = 4
  /// What the channel had already: repeated messages, statuses that changed nothing.
  case duplicates = 5
  /// The other side asked for a pause.
  case throttled = 6
  /// What the channel's settings leave out, like a group's messages.
  case ignored = 7

  package var description: String {
    switch self {
    case .accepted: "accepted"
    case .delivered: "delivered"
    case .deferred: "deferred"
    case .rejected: "rejected"
    case .unknown: "unknown"
    case .duplicates: "duplicates"
    case .throttled: "throttled"
    case .ignored: "ignored"
    }
  }
}
