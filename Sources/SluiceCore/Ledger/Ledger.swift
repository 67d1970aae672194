/// The durable store: webhooks, messages, parts, queue entries, attempts. What a crash leaves in
/// each state is the table in `Documentation.docc/LedgerStates.md`.
///
/// Every call that changes something returns after its transaction is durable. Calls block, and
/// may come from several threads at once. Times are Unix milliseconds, given by the caller.
package protocol Ledger: Sendable {
  /// Keeps a webhook with what was understood of it, and queues what is to be passed on, all in
  /// one transaction. Events whose external ID the channel already has are dropped.
  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt

  /// The same for a thread that has more to do than to wait: `done` is called, once, by whoever
  /// commits. It does little, and calls nothing of the ledger that waits. What is kept may be looked
  /// at, and queued, later (``WebhookReceipt/unfiled``), but before anything that comes after it.
  func record(
    _ webhook: WebhookRecord,
    then done: @escaping @Sendable (Result<WebhookReceipt, LedgerError>) -> Void)

  /// Keeps an outbound message and queues its parts.
  /// - Parameter lease: How long to lease the first part, if the lane has nothing before it.
  func enqueue(
    _ message: OutboundMessage, leasingFor lease: LeaseTerms?
  ) throws(LedgerError) -> Enqueued

  /// The same, leasing nothing, for a thread that has more to do than to wait.
  func enqueue(
    _ message: OutboundMessage,
    then done: @escaping @Sendable (Result<Enqueued, LedgerError>) -> Void)

  /// The carrier's one transaction: files what was accepted, records what came of calls, then leases
  /// what is due.
  func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult

  /// The same, for a carrier that has calls under way. `done` is as for ``record(_:then:)``.
  func exchange(
    _ exchange: Exchange,
    then done: @escaping @Sendable (Result<ExchangeResult, LedgerError>) -> Void)

  /// The channels that have a due entry at `now`, and when the next one of all falls due.
  func dueChannels(now: Int64) throws(LedgerError) -> DueChannels

  /// Brings back what a step of the time of day has put out of reach: entries that are due later
  /// than they can have been put off, or that were queued in the future, are due now.
  /// - Returns: How many.
  func hasten(_ delays: LongestDelays) throws(LedgerError) -> Int

  /// Deletes webhooks, finished messages and parked statuses that are old enough, looking at a bounded
  /// number of each.
  /// - Parameter mark: Behind which to look: ``PruneMark/start``, then what the call before said.
  func prune(_ terms: PruneTerms, from mark: PruneMark) throws(LedgerError) -> Pruned

  /// Bounds the store's size on disk, where it needs help with that. Called when idle.
  func maintain() throws(LedgerError)

  /// The latest dead letters that match, newest first.
  func deadLetters(_ filter: DeadLetterFilter, limit: Int) throws(LedgerError) -> [DeadLetter]

  /// Queues dead letters anew, oldest first, at the end of their lanes.
  /// - Returns: How many; `limit` of them may leave some for another call.
  func replay(_ filter: DeadLetterFilter, limit: Int, now: Int64) throws(LedgerError) -> Int

  /// Forgets dead letters; their messages stay until retention takes them.
  func drop(_ filter: DeadLetterFilter, limit: Int) throws(LedgerError) -> Int

  /// How much waits in each queue of each channel that anything waits in.
  func backlog() throws(LedgerError) -> [Backlog]

  /// From now on nobody is given anything to call for there; calls under way end as they do.
  func pause(_ pause: Pause) throws(LedgerError)

  /// - Returns: `false` if there was no such pause.
  @discardableResult func resume(_ pause: Pause) throws(LedgerError) -> Bool

  /// By channel, the platform's before the provider's.
  func pauses() throws(LedgerError) -> [Pause]
}

extension Ledger {
  /// For stores whose times no clock can step away from.
  package func hasten(_ delays: LongestDelays) throws(LedgerError) -> Int { 0 }
}

/// How far ahead an entry can be due. Milliseconds.
package struct LongestDelays: Sendable {
  /// Unix time.
  package let now: Int64
  /// Of an entry that waits for another attempt.
  package let retry: Int64
  /// Of one whose outcome is not known.
  package let unknown: Int64
  package let lease: Int64

  package init(now: Int64, retry: Int64, unknown: Int64, lease: Int64) {
    self.now = now
    self.retry = retry
    self.unknown = unknown
    self.lease = lease
  }
}

/// What a ledger refuses, and what it treats alike. Part of every call that takes something in.
package struct IntakeTerms: Equatable, Sendable {
  /// Entries that may wait in one queue of the channel; what would go beyond is refused.
  package let maximumQueued: Int
  /// Milliseconds within which the same body for the same contact is the same message; 0 is never.
  package let repeatWindow: Int64
  /// Milliseconds for which a text waits for the rest of its pieces; 0 joins none.
  package let joinWindow: Int64

  package static let unbounded = IntakeTerms(maximumQueued: .max, repeatWindow: 0)

  package init(maximumQueued: Int, repeatWindow: Int64, joinWindow: Int64 = 0) {
    self.joinWindow = joinWindow
    self.maximumQueued = maximumQueued
    self.repeatWindow = repeatWindow
  }
}

/// What became of an outbound message that was to be queued.
package enum Enqueued: Sendable {
  /// It is kept; with the lease of its first part, where that was wanted and can be had.
  case queued(Lease?)
  /// It is there already, under that ID: a repeat within the window. Nothing was kept.
  case repeated(MessageID)
  /// The channel's queue is full. Nothing was kept.
  case full
}

/// What may go. Unix milliseconds.
package struct PruneTerms: Sendable {
  package let now: Int64
  /// What messages and webhooks have to be older than.
  package let before: Int64
  /// The same for statuses of parts that nobody knows.
  package let parkedBefore: Int64
  /// Rows of each kind to look at in one call.
  package let limit: Int

  package init(now: Int64, before: Int64, parkedBefore: Int64, limit: Int) {
    self.now = now
    self.before = before
    self.parkedBefore = parkedBefore
    self.limit = limit
  }

  /// Whether a row made at that time is neither old nor, by a clock that was ahead, of the future: nothing
  /// behind it is old.
  package func isYoung(_ time: Int64) -> Bool { time >= before && time <= now }
}

/// How far a run of pruning has come: behind these rows.
package struct PruneMark: Equatable, Sendable {
  package let message: Int64
  package let webhook: Int64

  package static let start = PruneMark(message: 0, webhook: 0)

  /// - Returns: `nil` where neither has anything left to look at.
  package init?(message: Int64?, webhook: Int64?) {
    guard message != nil || webhook != nil else { return nil }
    self.init(message: message ?? .max, webhook: webhook ?? .max)
  }

  private init(message: Int64, webhook: Int64) {
    self.message = message
    self.webhook = webhook
  }
}

package struct Pruned: Equatable, Sendable {
  /// Rows that went.
  package var deleted = 0
  /// Where to go on; `nil` where nothing that is left is old.
  package var next: PruneMark?
  /// Statuses that nobody asked for: the part they name was never sent, or by someone else.
  package var expired: [ParkedStatus] = []

  package init() {}
}

/// A status of a part that is not known (yet).
package struct ParkedStatus: Equatable, Sendable {
  package let channel: ChannelName
  package let externalID: String
  package let status: DeliveryStatus

  package init(channel: ChannelName, externalID: String, status: DeliveryStatus) {
    self.channel = channel
    self.externalID = externalID
    self.status = status
  }
}

package struct Backlog: Equatable, Sendable {
  package let channel: ChannelName
  package let queue: Queue
  package let queued: Int
  /// How many of them may have been sent: their outcome is not known yet.
  package let unknown: Int

  package init(channel: ChannelName, queue: Queue, queued: Int, unknown: Int) {
    self.unknown = unknown
    self.channel = channel
    self.queue = queue
    self.queued = queued
  }
}

extension Ledger {
  package func exchange(
    _ exchange: Exchange,
    then done: @escaping @Sendable (Result<ExchangeResult, LedgerError>) -> Void
  ) {
    done(Result { () throws(LedgerError) in try self.exchange(exchange) })
  }

  package func record(
    _ webhook: WebhookRecord,
    then done: @escaping @Sendable (Result<WebhookReceipt, LedgerError>) -> Void
  ) {
    done(Result { () throws(LedgerError) in try record(webhook) })
  }

  package func enqueue(
    _ message: OutboundMessage,
    then done: @escaping @Sendable (Result<Enqueued, LedgerError>) -> Void
  ) {
    done(Result { () throws(LedgerError) in try enqueue(message, leasingFor: nil) })
  }
}

/// A webhook as it arrived, and what was understood of it.
package struct WebhookRecord: Sendable {
  package let channel: ChannelName
  /// Whose webhook it is.
  package let account: Account
  package let receivedAt: Int64
  package let contentType: String?
  /// The URL's, which is all that a webhook by GET consists of.
  package let query: String
  package let body: [UInt8]
  /// With the ID that each gets if it is new.
  package let events: [(event: WebhookEvent, id: MessageID)]
  /// Why the body, or some of it, was not understood: it is then in quarantine.
  package let problem: String?
  package let terms: IntakeTerms

  package init(
    channel: ChannelName, account: Account = .main, receivedAt: Int64, contentType: String?,
    query: String = "", body: [UInt8], events: [(event: WebhookEvent, id: MessageID)],
    problem: String? = nil, terms: IntakeTerms = .unbounded
  ) {
    self.account = account
    self.query = query
    self.terms = terms
    self.channel = channel
    self.receivedAt = receivedAt
    self.contentType = contentType
    self.body = body
    self.events =
      terms.joinWindow > 0 ? events : events.map { ($0.event.unjoined, $0.id) }
    self.problem = problem
  }
}

package struct WebhookReceipt: Equatable, Sendable {
  /// Events that were new.
  package var accepted = 0
  /// Events that the channel had already, and statuses that changed nothing.
  package var duplicates = 0
  /// Statuses of parts that nobody has sent yet.
  package var parked = 0
  /// Events that are kept, and of which it shows later whether they are new.
  package var unfiled = 0
  /// The channel's queue is full: nothing was kept, and the provider is to try again later.
  package var isRefused = false

  package init(accepted: Int = 0, duplicates: Int = 0, parked: Int = 0, unfiled: Int = 0) {
    self.unfiled = unfiled
    self.accepted = accepted
    self.duplicates = duplicates
    self.parked = parked
  }
}

/// A message on its way to a contact, split into what the provider takes.
package struct OutboundMessage: Sendable {
  package let id: MessageID
  package let channel: ChannelName
  package let contact: ContactID
  package let content: MessageContent
  /// Not empty.
  package let parts: [MessagePart]
  package let createdAt: Int64
  package let terms: IntakeTerms

  package init(
    id: MessageID, channel: ChannelName, contact: ContactID, content: MessageContent,
    parts: [MessagePart], createdAt: Int64, terms: IntakeTerms = .unbounded
  ) {
    self.terms = terms
    self.id = id
    self.channel = channel
    self.contact = contact
    self.content = content
    self.parts = parts
    self.createdAt = createdAt
  }
}

package enum LedgerError: Error, Equatable, CustomStringConvertible {
  /// No room: nothing was kept.
  case full(String)
  /// Another program held the ledger for too long: nothing was kept.
  case busy(String)
  /// It cannot be written: permissions, a read-only file system.
  case notWritable(String)
  /// The store is damaged or its disk fails; the process should end and be started again.
  case broken(String)

  package var description: String {
    switch self {
    case .full(let detail): "The ledger's disk is full (\(detail)). Free space on it."
    case .busy(let detail):
      "The ledger is locked by another program (\(detail)). End whatever holds it open."
    case .notWritable(let detail):
      "The ledger cannot be written (\(detail)). Check owner and permissions of state_dir."
    case .broken(let detail):
      "The ledger is damaged, or its disk fails (\(detail)). Check the disk; if PRAGMA integrity_check complains, restore a backup."
    }
  }

  /// Whether it may be over in a moment, with nothing done about the program.
  package var isPassing: Bool {
    switch self {
    case .full, .busy: true
    case .notWritable, .broken: false
    }
  }

  /// What it says in an answer to a caller, who need not know our paths.
  package var publicDescription: String {
    switch self {
    case .full: "The bridge's storage is full; the message was not taken."
    case .busy, .notWritable, .broken:
      "The bridge cannot store the message right now; it was not taken."
    }
  }
}
