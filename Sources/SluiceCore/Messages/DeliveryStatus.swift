/// What became of an outbound message, in the platform's words (PROTOCOL, "Sluice to
/// IS-Messenger"). Raw values are stored.
package enum DeliveryStatus: Int, Sendable, CaseIterable, Comparable, CustomStringConvertible {
  case queued = 0
  case sent = 1
  case delivered = 2
  case read = 3
  case failed = 4

  package init?(_ text: String) {
    guard let status = Self.allCases.first(where: { $0.description == text }) else { return nil }
    self = status
  }

  package var description: String {
    switch self {
    case .queued: "queued"
    case .sent: "sent"
    case .delivered: "delivered"
    case .read: "read"
    case .failed: "failed"
    }
  }

  package static func < (a: DeliveryStatus, b: DeliveryStatus) -> Bool { a.rawValue < b.rawValue }

  /// Whether a message in this status may become `next`. Forward only; a message that reached a
  /// phone cannot fail any more, and one that failed stays failed, except that a delivery reported
  /// after all is the truth.
  package func canBecome(_ next: DeliveryStatus) -> Bool {
    switch (self, next) {
    case (.failed, .delivered), (.failed, .read): true
    case (.failed, _), (.delivered, .failed), (.read, .failed): false
    default: next.rawValue > rawValue
    }
  }

  /// The status of a message from those of its parts: failed as soon as one is, otherwise as far
  /// as the part that is furthest behind. `parts` is not empty.
  package static func fold(_ parts: some Sequence<DeliveryStatus>) -> DeliveryStatus {
    let parts = Array(parts)
    return parts.contains(.failed) ? .failed : parts.min { $0.rawValue < $1.rawValue } ?? .queued
  }
}
