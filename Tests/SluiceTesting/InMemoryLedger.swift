import SluiceCore
import Synchronization

/// The ledger as plain values: what `SQLiteLedger` means, without a file. One lock; each call is one
/// transaction. Its whole state is a value, so a test can keep it and put it back.
///
/// It follows `SQLiteLedger` row by row, IDs and the order of equals included, so that a history
/// played against both gives the same calls.
package final class InMemoryLedger: Ledger {
  /// Decisions that a mutation may break.
  package struct Rules: Sendable {
    package var canBecome: @Sendable (_ status: DeliveryStatus, _ next: DeliveryStatus) -> Bool =
      { $0.canBecome($1) }

    package init() {}
  }

  private let tables: Mutex<Tables>

  package init(policy: LedgerPolicy = LedgerPolicy(), rules: Rules = Rules()) {
    tables = Mutex(Tables(policy: policy, rules: rules))
  }

  /// Everything it holds; setting it is what a crash does to a transaction that was not committed.
  package var state: Tables {
    get { tables.withLock { $0 } }
    set { tables.withLock { $0 = newValue } }
  }

  package func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    tables.withLock { tables in
      tables.file()
      let receipt = tables.accept(webhook)
      guard !receipt.isRefused else { return receipt }
      tables.unfiled.removeLast()
      return tables.record(webhook)
    }
  }

  package func record(
    _ webhook: WebhookRecord,
    then done: @escaping @Sendable (Result<WebhookReceipt, LedgerError>) -> Void
  ) { done(.success(tables.withLock { $0.accept(webhook) })) }

  package func enqueue(
    _ message: OutboundMessage, leasingFor lease: LeaseTerms?
  ) throws(LedgerError) -> Enqueued {
    tables.withLock { $0.accept(message, leasingFor: lease) }
  }

  package func enqueue(
    _ message: OutboundMessage,
    then done: @escaping @Sendable (Result<Enqueued, LedgerError>) -> Void
  ) { done(.success(tables.withLock { $0.accept(message, leasingFor: nil) })) }

  package func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    tables.withLock { $0.exchange(exchange) }
  }

  package func dueChannels(now: Int64) throws(LedgerError) -> DueChannels {
    tables.withLock { $0.dueChannels(now: now) }
  }

  package func hasten(_ delays: LongestDelays) throws(LedgerError) -> Int {
    tables.withLock { $0.hasten(delays) }
  }

  package func prune(
    _ terms: PruneTerms, from mark: PruneMark
  ) throws(LedgerError) -> Pruned {
    tables.withLock { $0.prune(terms, from: mark) }
  }

  package func maintain() {}

  package func deadLetters(
    _ filter: DeadLetterFilter, limit: Int
  ) throws(LedgerError) -> [DeadLetter] {
    tables.withLock { $0.deadLetters(filter).reversed().prefix(limit).map { $0.letter } }
  }

  package func replay(
    _ filter: DeadLetterFilter, limit: Int, now: Int64
  ) throws(LedgerError) -> Int {
    tables.withLock { $0.replay(filter, limit: limit, now: now) }
  }

  package func drop(_ filter: DeadLetterFilter, limit: Int) throws(LedgerError) -> Int {
    tables.withLock { $0.drop(filter, limit: limit) }
  }

  package func backlog() throws(LedgerError) -> [Backlog] {
    var filed = state
    filed.file()
    return filed.counted
  }

  package func pause(_ pause: Pause) throws(LedgerError) {
    tables.withLock { _ = $0.paused.insert(pause) }
  }

  package func resume(_ pause: Pause) throws(LedgerError) -> Bool {
    tables.withLock { $0.paused.remove(pause) != nil }
  }

  package func pauses() throws(LedgerError) -> [Pause] {
    state.paused.sorted {
      ($0.channel, $0.destination.rawValue) < ($1.channel, $1.destination.rawValue)
    }
  }
}

extension InMemoryLedger {
  /// The rows, and what is done to them.
  package struct Tables: Sendable {
    let policy: LedgerPolicy
    let rules: Rules
    /// Accepted, and in no other table yet.
    var unfiled: [Unfiled] = []
    var messages = Rows<Message>()
    var entries = Rows<Entry>()
    var webhooks = Rows<Webhook>()
    var parts: [PartKey: Part] = [:]
    var joins: [Int64: Join] = [:]
    var aliases: [Alias: String] = [:]
    var dead: [DeadKey: Dead] = [:]
    var parked: [Parked] = []
    var paused: Set<Pause> = []
    /// The last attempt of each entry that there was.
    var attempts: [DeadKey: (token: Int64, record: AttemptRecord)] = [:]
    /// Counted as entries come and go, as `SQLiteLedger` counts.
    var backlog: [QueueKey: Int] = [:]

    /// Of inbound messages and echoes.
    var messageByExternal: [ExternalName: Int64] = [:]
    /// Of outbound messages.
    var messageByID: [MessageID: Int64] = [:]
    var partByExternal: [ExternalName: [PartKey]] = [:]

    init(policy: LedgerPolicy, rules: Rules) {
      self.policy = policy
      self.rules = rules
    }

    struct Message {
      let id: MessageID
      let channel: ChannelName
      let direction: Direction
      let contact: ContactID
      let contactKey: ContactKey
      let externalID: String?
      let createdAt: Int64
      let timestamp: Int64
      /// The platform's JSON.
      var content: [UInt8]
      let profile: [UInt8]?
      var status = DeliveryStatus.queued
      var statusSince: Int64
      var reason: String?
      /// The last status that the platform has taken.
      var reported = DeliveryStatus.queued
    }

    enum Direction { case outbound, inbound, echo }

    struct Entry {
      let lane: Lane
      let message: Int64
      let part: Int
      let channel: ChannelName
      var enqueuedAt: Int64
      var rank: Int
      var dueAt: Int64?
      /// Before which it is not due, should its turn come sooner.
      var earliest: Int64
      var isLeased = false
      /// When the lease runs out by boot time; 0 if it has already.
      var leaseBootEnd: Int64 = 0
      var token: Int64
      var attempts = 0
      var unknownSince: Int64?
      var route = Route.main
    }

    struct Webhook {
      let receivedAt: Int64
    }

    struct PartKey: Hashable {
      let message: Int64
      let number: Int
    }

    struct Part {
      let channel: ChannelName
      let payload: MessagePart
      var status = DeliveryStatus.queued
      var externalID: String?
      var reason: String?
    }

    /// A contact whose ID at the provider is another.
    struct Alias: Hashable {
      let channel: ChannelName
      let contact: ContactID
    }

    /// The pieces of a message, by their numbers.
    struct Join {
      let key: JoinKey
      let total: Int
      var pieces: [Int: (text: String, name: ExternalName)] = [:]
    }

    struct DeadKey: Hashable {
      let message: Int64
      let queue: Queue
      let part: Int
    }

    struct Dead {
      let channel: ChannelName
      let diedAt: Int64
      let attempts: Int
      let reason: String
    }

    struct Parked {
      let name: ExternalName
      let status: DeliveryStatus
      let reason: String?
      let receivedAt: Int64
    }

    struct ExternalName: Hashable {
      let channel: ChannelName
      let externalID: String
    }

    struct QueueKey: Hashable {
      let channel: ChannelName
      let queue: Queue
    }
  }

  /// A table with SQLite's row IDs: a new row's is one more than the highest there is.
  struct Rows<Row: Sendable>: Sendable {
    private(set) var ids: [Int64] = []
    private var rows: [Row] = []

    var count: Int { ids.count }

    /// In the order of their IDs.
    var all: Zip2Sequence<[Int64], [Row]> { zip(ids, rows) }

    mutating func insert(_ row: Row) -> Int64 {
      let id = (ids.last ?? 0) + 1
      ids.append(id)
      rows.append(row)
      return id
    }

    subscript(id: Int64) -> Row? {
      get { index(of: id).map { rows[$0] } }
      set {
        guard let index = index(of: id) else { return }
        if let newValue {
          rows[index] = newValue
        } else {
          ids.remove(at: index)
          rows.remove(at: index)
        }
      }
    }

    mutating func update(_ id: Int64, _ change: (inout Row) -> Void) {
      if let index = index(of: id) { change(&rows[index]) }
    }

    private func index(of id: Int64) -> Int? {
      var (low, high) = (0, ids.count)
      while low < high {
        let middle = (low + high) / 2
        if ids[middle] < id { low = middle + 1 } else { high = middle }
      }
      return low < ids.count && ids[low] == id ? low : nil
    }
  }
}
