/// Where a queue entry stands: its lane, and its place in it.
package struct EntryKey: Hashable, Sendable {
  package let lane: Lane
  /// The message's row; grows in the order of commits, so it is the lane's order too.
  package let message: Int64
  /// From 0; 0 for entries without parts.
  package let part: Int

  package init(lane: Lane, message: Int64, part: Int) {
    self.lane = lane
    self.message = message
    self.part = part
  }
}

/// For how long, and from when, an entry is somebody's.
package struct LeaseTerms: Sendable {
  package let now: Int64
  package let until: Int64

  package init(now: Int64, until: Int64) {
    self.now = now
    self.until = until
  }
}

/// An entry that is ours to work on, until it expires. A result that comes later is refused, by
/// `token`.
package struct Lease: Sendable {
  package let key: EntryKey
  package let queue: Queue
  package let channel: ChannelName
  /// Grows with each lease of the entry: the fence against whoever held it before.
  package let token: Int64
  /// Calls begun, this one included: 1 at the first.
  package let attempt: Int
  /// Whether an earlier lease ran out without a result: its holder was killed, and its call may
  /// have been made.
  package let isTakenOver: Bool
  package let expiresAt: Int64
  package let enqueuedAt: Int64
  package let id: MessageID
  package let contact: ContactID
  package let work: Work

  package init(
    key: EntryKey, queue: Queue, channel: ChannelName, token: Int64, attempt: Int,
    isTakenOver: Bool, expiresAt: Int64, enqueuedAt: Int64, id: MessageID, contact: ContactID,
    work: Work
  ) {
    self.key = key
    self.queue = queue
    self.channel = channel
    self.token = token
    self.attempt = attempt
    self.isTakenOver = isTakenOver
    self.expiresAt = expiresAt
    self.enqueuedAt = enqueuedAt
    self.id = id
    self.contact = contact
    self.work = work
  }
}

/// What a leased entry asks for.
package enum Work: Equatable, Sendable {
  /// Send a part to the contact.
  case send(MessagePart)
  /// Post a message or echo to the platform. `content` is the platform's JSON.
  case post(content: JSON, isEcho: Bool, timestamp: Int64, profile: JSON?)
  /// Post the message's present status to the platform.
  case report(DeliveryStatus, reason: String?, timestamp: Int64)
}

/// One call and what came of it, kept for whoever asks later.
package struct AttemptRecord: Equatable, Sendable {
  package enum Outcome: Int, Sendable {
    case accepted = 0
    case deferred = 1
    case rejected = 2
    case unknown = 3
  }

  package let startedAt: Int64
  package let finishedAt: Int64
  package let outcome: Outcome
  /// `nil` where no answer came.
  package let httpStatus: Int?
  /// The reason, or the first KB of the answer.
  package let detail: String

  package init(
    startedAt: Int64, finishedAt: Int64, outcome: Outcome, httpStatus: Int?, detail: String
  ) {
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.outcome = outcome
    self.httpStatus = httpStatus
    self.detail = detail
  }
}

/// What becomes of a leased entry.
package struct Settlement: Sendable {
  package enum Fate: Equatable, Sendable {
    /// Done: the entry goes, the lane moves on.
    case acknowledge(externalID: String?)
    /// To be tried again at that time; the lane waits.
    case retry(at: Int64)
    /// Given back untouched: the call was not begun, and does not count.
    case release(at: Int64)
    /// Never: a dead letter. `reportFailure` queues the `failed` status of an outbound message.
    case reject(reason: String, reportFailure: Bool)
  }

  package let lease: Lease
  package let fate: Fate
  /// `nil` where no call was made.
  package let attempt: AttemptRecord?

  package init(lease: Lease, fate: Fate, attempt: AttemptRecord?) {
    self.lease = lease
    self.fate = fate
    self.attempt = attempt
  }
}

/// How many due entries of a channel's queue to lease.
package struct LeaseRequest: Sendable {
  package let channel: ChannelName
  package let queue: Queue
  /// 1 or more.
  package let count: Int
  /// Where only this lane's head is wanted.
  package let lane: Lane?

  package init(channel: ChannelName, queue: Queue, count: Int, lane: Lane? = nil) {
    self.channel = channel
    self.queue = queue
    self.count = count
    self.lane = lane
  }
}

/// What the carrier asks of the ledger in one transaction.
package struct Exchange: Sendable {
  package let settlements: [Settlement]
  package let requests: [LeaseRequest]
  package let terms: LeaseTerms

  package init(settlements: [Settlement], requests: [LeaseRequest], terms: LeaseTerms) {
    self.settlements = settlements
    self.requests = requests
    self.terms = terms
  }
}

package struct ExchangeResult: Sendable {
  /// In the order of the requests.
  package var leases: [Lease] = []
  /// Settlements that came after their lease had passed to somebody else.
  package var fenced: [Settlement] = []
  /// For each request, when that queue's next entry falls due; `nil` if it has none.
  package var nextDue: [Int64?] = []

  package init() {}
}

package struct DueChannels: Sendable {
  package let due: [(channel: ChannelName, queue: Queue)]
  /// When the first entry of all that are not due yet falls due.
  package let nextDue: Int64?

  package init(due: [(channel: ChannelName, queue: Queue)], nextDue: Int64?) {
    self.due = due
    self.nextDue = nextDue
  }
}
