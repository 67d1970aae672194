/// Where a queue entry stands: its lane, and its place in it.
package struct EntryKey: Hashable, Sendable {
  package let lane: Lane
  /// The entry's row; grows in the order of commits, so it is the lane's order too.
  package let id: Int64

  package init(lane: Lane, id: Int64) {
    self.lane = lane
    self.id = id
  }
}

/// For how long, and from when, an entry is somebody's. Unix milliseconds.
package struct LeaseTerms: Sendable {
  package let now: Int64
  package let until: Int64
  /// `now` by the clock that nobody steps: milliseconds of boot time. A lease has run out when both
  /// clocks say so, so that no step forward takes it from a holder whose call is under way.
  package let boot: Int64
  /// Some bits of which boot that is.
  private let bootTag: Int64

  /// - Parameters:
  ///   - boot: `nil` where wall time is never stepped.
  ///   - bootID: ``Clocks/bootID``.
  package init(now: Int64, until: Int64, boot: Int64? = nil, bootID: UInt64 = 0) {
    self.now = now
    self.until = until
    self.boot = boot ?? now
    bootTag = Int64(bootID >> (Self.timeBits + 1))
  }

  /// When it runs out by boot time.
  package var bootEnd: Int64 { boot + until - now }

  /// The same with the boot that it counts from, as ledgers keep it.
  package var storedBootEnd: Int64 { bootTag << Self.timeBits | bootEnd }

  /// Milliseconds for which somebody may still be at work under a lease that wall time calls expired.
  /// - Parameter stored: The lease's ``storedBootEnd``. One of an earlier boot has run out: its processes
  ///   are gone. So has one that is further away than any lease's can be.
  package func remaining(until stored: Int64) -> Int64? {
    let left = stored & (1 << Self.timeBits - 1) - boot
    guard stored >> Self.timeBits == bootTag, (1...Self.longest).contains(left) else { return nil }
    return left
  }

  /// Milliseconds: the most that `relay.lease_seconds` can be.
  private static let longest: Int64 = 3_600_000
  /// Enough for milliseconds of a hundred years.
  private static let timeBits = 42
}

/// An entry that is ours to work on, until it expires. A result that comes later is refused, by
/// `token`.
package struct Lease: Sendable {
  package let key: EntryKey
  package let channel: ChannelName
  /// The message's row.
  package let message: Int64
  /// From 0; 0 for entries without parts.
  package let part: Int
  /// Grows with each lease of the entry: the fence against whoever held it before.
  package let token: Int64
  /// Calls begun that count, this one included: 1 at the first.
  package let attempt: Int
  /// Whether an earlier lease ran out without a result: its holder was killed, and its call may
  /// have been made.
  package let isTakenOver: Bool
  /// Since when it has not been known whether the provider took the part.
  package let unknownSince: Int64?
  package let expiresAt: Int64
  /// The same as milliseconds of boot time.
  package let bootEnd: Int64
  package let enqueuedAt: Int64
  package let id: MessageID
  package let contact: ContactID
  package let work: Work
  private let route: Route
  /// What is behind it in its lane and goes in the same call.
  package let followers: [Follower]

  package var queue: Queue { key.lane.queue }

  package var destination: Destination { queue.destination(through: account) }

  /// Which account sends it, or is asked about it.
  package var account: Account { work.askedAccount ?? route.account }

  /// Whether no other account may send it.
  package var isBound: Bool { route.isBound }

  /// Once that account may have taken it.
  package var boundRoute: Route { route.bound }

  /// An entry that leaves together with the head of its lane.
  package struct Follower: Sendable {
    package let entry: Int64
    package let id: MessageID
    package let work: Work

    package init(entry: Int64, id: MessageID, work: Work) {
      self.entry = entry
      self.id = id
      self.work = work
    }
  }

  package init(
    key: EntryKey, channel: ChannelName, message: Int64, part: Int, token: Int64, attempt: Int,
    isTakenOver: Bool, unknownSince: Int64?, expiresAt: Int64, bootEnd: Int64, enqueuedAt: Int64,
    id: MessageID, contact: ContactID, work: Work, route: Route = .main,
    followers: [Follower] = []
  ) {
    self.key = key
    self.channel = channel
    self.message = message
    self.part = part
    self.token = token
    self.attempt = attempt
    self.isTakenOver = isTakenOver
    self.unknownSince = unknownSince
    self.expiresAt = expiresAt
    self.bootEnd = bootEnd
    self.enqueuedAt = enqueuedAt
    self.id = id
    self.contact = contact
    self.work = work
    self.route = route
    self.followers = followers
  }

  /// The same, with what goes along.
  package func with(_ followers: [Follower]) -> Lease {
    Lease(
      key: key, channel: channel, message: message, part: part, token: token, attempt: attempt,
      isTakenOver: isTakenOver, unknownSince: unknownSince, expiresAt: expiresAt,
      bootEnd: bootEnd, enqueuedAt: enqueuedAt, id: id, contact: contact, work: work,
      route: route, followers: followers)
  }
}

/// What a leased entry asks for.
package enum Work: Equatable, Sendable {
  /// Send a part to the contact; where it is not known whether that has been done, find out.
  case send(MessagePart)
  /// Post a message or echo to the platform. `content` is the platform's JSON.
  case post(content: JSON, isEcho: Bool, timestamp: Int64, profile: JSON?)
  /// Post the message's present status to the platform.
  case report(DeliveryStatus, reason: String?, timestamp: Int64)
  /// Ask the provider what became of the part that it calls `externalID`.
  case check(externalID: String)
}

extension Work {
  /// Whom a question goes to: the part was that account's. `nil` for other work.
  fileprivate var askedAccount: Account? {
    if case .check(let externalID) = self { Account.split(externalID).account } else { nil }
  }
}

/// One call and what came of it, kept for whoever asks later.
package struct AttemptRecord: Equatable, Sendable {
  package enum Outcome: Int, Sendable, CustomStringConvertible {
    case accepted = 0
    case deferred = 1
    case rejected = 2
    case unknown = 3

    package var description: String {
      switch self {
      case .accepted: "accepted"
      case .deferred: "deferred"
      case .rejected: "rejected"
      case .unknown: "unknown"
      }
    }
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
    case acknowledge(Receipt)
    /// To be tried again at that time; the lane waits.
    case retry(at: Int64)
    /// The same, by the same account, which may have it already and would know it again.
    case `repeat`(at: Int64)
    /// Refused by the main account, for a reason of its own: the fallback sends it, now.
    case failOver(at: Int64)
    /// Given back untouched: the call was not begun, or counts for nothing.
    case release(at: Int64)
    /// It may have been sent. The lane waits until that time for a callback that tells; then it is
    /// looked at again.
    case await(at: Int64)
    /// Never: a dead letter. `reportFailure` queues the `failed` status of an outbound message.
    case reject(reason: String, reportFailure: Bool)
  }

  /// What the other side said when it took something.
  package struct Receipt: Equatable, Sendable {
    /// The provider's ID of the part.
    package var externalID: String?
    /// Of a part: at least `sent`; more where a lookup says so.
    package var status: DeliveryStatus
    /// Why, for `failed`.
    package var reason: String?
    /// When to ask the provider, if no callback has come by then.
    package var checkAt: Int64?
    /// Whether the platform is told of `sent` too.
    package var reportsSent: Bool

    package init(
      externalID: String? = nil, status: DeliveryStatus = .sent, reason: String? = nil,
      checkAt: Int64? = nil, reportsSent: Bool = false
    ) {
      self.reportsSent = reportsSent
      self.externalID = externalID
      self.status = status
      self.reason = reason
      self.checkAt = checkAt
    }
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
  /// How many of them bulk may have before conversations get the rest; what one side has not, the
  /// other gets.
  package let bulkShare: Int
  /// How many entries of one lane may go in one call: 1 or more.
  package let perCall: Int
  /// Which account sends what no account may have sent yet.
  package let account: Account
  /// Whether the channel has a second account.
  package let hasFallback: Bool
  /// Where only this lane's head is wanted.
  package let lane: Lane?
  /// Where only what was queued at that time or before is wanted.
  package let enqueuedBy: Int64?

  package init(
    channel: ChannelName, queue: Queue, count: Int, bulkShare: Int = 0, perCall: Int = 1,
    account: Account = .main, hasFallback: Bool = true, lane: Lane? = nil,
    enqueuedBy: Int64? = nil
  ) {
    self.hasFallback = hasFallback
    self.channel = channel
    self.queue = queue
    self.count = count
    self.bulkShare = bulkShare
    self.perCall = perCall
    self.account = account
    self.lane = lane
    self.enqueuedBy = enqueuedBy
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
  /// Channels of which something was filed that had been accepted before.
  package var filed: Set<ChannelName> = []
  /// Whether more has been accepted than could be filed at once.
  package var hasUnfiled = false

  package init() {}
}

package struct DueChannels: Sendable {
  package let due: [(channel: ChannelName, queue: Queue)]
  /// When the first entry of all that are not due yet falls due.
  package let nextDue: Int64?
  /// Whether something has been accepted that no queue shows yet: the next exchange files it.
  package let hasUnfiled: Bool

  package init(
    due: [(channel: ChannelName, queue: Queue)], nextDue: Int64?, hasUnfiled: Bool = false
  ) {
    self.due = due
    self.nextDue = nextDue
    self.hasUnfiled = hasUnfiled
  }
}
