/// What a channel's history keeps: messages of both directions.
package enum HistoryEvent: Int, Sendable, CaseIterable {
  case accepted = 0
  case delivered = 1
  case failed = 2

  init?(_ event: CountedEvent) {
    switch event {
    case .accepted: self = .accepted
    case .delivered: self = .delivered
    case .rejected: self = .failed
    case .deferred, .unknown, .duplicates, .throttled, .ignored: return nil
    }
  }
}

/// How far a history goes back, and in what steps.
package enum HistorySpan: Sendable, CaseIterable {
  /// By minute.
  case hour
  /// By quarter of an hour.
  case day

  /// Steps, the present one included.
  package var steps: Int { self == .hour ? 60 : 96 }
  /// Milliseconds.
  package var step: UInt64 { self == .hour ? 60_000 : 900_000 }
}

/// One step of a channel's history.
package struct HistoryPoint: Equatable, Sendable {
  /// Unix milliseconds at which the step begins.
  package let start: Int64
  package var accepted: UInt64 = 0
  package var delivered: UInt64 = 0
  package var failed: UInt64 = 0

  package init(start: Int64, accepted: UInt64 = 0, delivered: UInt64 = 0, failed: UInt64 = 0) {
    self.start = start
    self.accepted = accepted
    self.delivered = delivered
    self.failed = failed
  }
}

/// The word that counts one event of one step. It says itself which step it counts, so that nobody has
/// to clear a ring: from its low end 36 bits for the count, 28 for the step's number.
struct HistorySlot: Equatable {
  let span: HistorySpan
  let event: HistoryEvent
  /// Since boot.
  let number: UInt64

  /// - Parameter boot: Boot time, milliseconds.
  init(_ span: HistorySpan, _ event: HistoryEvent, boot: UInt64) {
    self.init(span, event, number: boot / span.step)
  }

  init(_ span: HistorySpan, _ event: HistoryEvent, number: UInt64) {
    self.span = span
    self.event = event
    self.number = number
  }

  /// Among the words of a channel's history.
  var index: Int {
    let hours = HistorySpan.hour.steps * HistoryEvent.allCases.count
    let first = span == .hour ? 0 : hours
    return first + Int(number % UInt64(span.steps)) * HistoryEvent.allCases.count + event.rawValue
  }

  func count(in word: UInt64) -> UInt64 {
    word >> 36 == number & Self.numberMask ? word & Self.countMask : 0
  }

  /// The word after so many more. What it counted in an earlier round of the ring is forgotten.
  func adding(_ times: UInt64, to word: UInt64) -> UInt64 {
    min(count(in: word) + times, Self.countMask) | (number & Self.numberMask) << 36
  }

  private static let countMask: UInt64 = 1 << 36 - 1
  private static let numberMask: UInt64 = 1 << 28 - 1
}
