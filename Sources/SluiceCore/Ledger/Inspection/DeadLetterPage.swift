package struct DeadLetterPage: Sendable {
  /// Newest first.
  package let letters: [DeadLetter]
  /// Where to go on; `nil` at the end.
  package let next: DeadLetterMark?

  package init(letters: [DeadLetter], next: DeadLetterMark?) {
    self.letters = letters
    self.next = next
  }
}

/// A dead letter's place in their order; as text, four numbers with dots between them.
package struct DeadLetterMark: Equatable, Sendable, LosslessStringConvertible {
  /// Unix milliseconds.
  package let diedAt: Int64
  /// The message's row.
  package let message: Int64
  package let queue: Int64
  package let part: Int64

  package init(diedAt: Int64, message: Int64, queue: Int64, part: Int64) {
    self.diedAt = diedAt
    self.message = message
    self.queue = queue
    self.part = part
  }

  package init?(_ text: String) {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
    guard numbers.count == 4, let diedAt = numbers[0], let message = numbers[1],
      let queue = numbers[2], let part = numbers[3]
    else { return nil }
    self.init(diedAt: diedAt, message: message, queue: queue, part: part)
  }

  package var description: String { "\(diedAt).\(message).\(queue).\(part)" }
}
