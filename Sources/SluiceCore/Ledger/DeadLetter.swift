/// An entry that was given up, with what is known of why.
package struct DeadLetter: Equatable, Sendable {
  package let id: MessageID
  package let channel: ChannelName
  package let queue: Queue
  package let contact: ContactID
  /// From 0.
  package let part: Int
  package let diedAt: Int64
  package let attempts: Int
  package let reason: String
  /// Of the last call; `nil` where none was answered.
  package let httpStatus: Int?
  /// The first KB of what was answered to the last call, or why nothing was.
  package let answer: String?

  package init(
    id: MessageID, channel: ChannelName, queue: Queue, contact: ContactID, part: Int,
    diedAt: Int64, attempts: Int, reason: String, httpStatus: Int?, answer: String?
  ) {
    self.id = id
    self.channel = channel
    self.queue = queue
    self.contact = contact
    self.part = part
    self.diedAt = diedAt
    self.attempts = attempts
    self.reason = reason
    self.httpStatus = httpStatus
    self.answer = answer
  }
}

/// Which dead letters are meant: those that match all that is given.
package struct DeadLetterFilter: Equatable, Sendable {
  package var id: MessageID?
  package var channel: ChannelName?
  package var queue: Queue?
  package var contact: ContactID?
  /// Unix milliseconds, this one included.
  package var diedFrom: Int64?
  /// Unix milliseconds, this one not included.
  package var diedBefore: Int64?

  package init(
    id: MessageID? = nil, channel: ChannelName? = nil, queue: Queue? = nil,
    contact: ContactID? = nil, diedFrom: Int64? = nil, diedBefore: Int64? = nil
  ) {
    self.id = id
    self.channel = channel
    self.queue = queue
    self.contact = contact
    self.diedFrom = diedFrom
    self.diedBefore = diedBefore
  }
}
