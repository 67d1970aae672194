import SluiceCore

// A carrier's one transaction: what came of its calls, and what it may work on next.

extension SQLiteLedger {
  package func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    try waiting { settle(exchanging(exchange), then: $0) }
  }

  package func exchange(
    _ exchange: Exchange,
    then done: @escaping @Sendable (Result<ExchangeResult, LedgerError>) -> Void
  ) {
    settle(exchanging(exchange), then: done)
  }

  private func exchanging(
    _ exchange: Exchange
  ) -> (Connection) throws(LedgerError) -> ExchangeResult {
    let policy = policy
    return { connection throws(LedgerError) in
      let now = exchange.terms.now
      var result = ExchangeResult()
      let filed = try Self.file(
        atMost: Self.filedAtOnce, policy: policy, on: connection)
      result.filed = filed.channels
      result.hasUnfiled = !filed.isAll
      for settlement in exchange.settlements {
        if try !Self.settle(settlement, now: now, policy: policy, on: connection) {
          result.fenced.append(settlement)
        }
      }
      for request in exchange.requests {
        if try Self.isPaused(request.queue, of: request.channel, on: connection) {
          result.nextDue.append(nil)
          continue
        }
        for key in try Self.dueKeys(request, now: now, on: connection) {
          let lease = try Self.lease(
            key, terms: exchange.terms, account: request.account,
            hasFallback: request.hasFallback, policy: policy, on: connection)
          guard let lease else { continue }
          result.leases.append(
            request.perCall > 1 && lease.attempt == 1
              ? try Self.packed(lease, atMost: request.perCall, now: now, on: connection) : lease)
        }
        result.nextDue.append(
          try connection.prepared(Self.nextDue)
            .bind(1, request.channel.description).bind(2, request.queue.rawValue)
            .first { $0.optionalInteger(0) } ?? nil)
      }
      return result
    }
  }

  // MARK: What came of a call

  /// - Returns: `false` if the lease is not the settler's any more: nothing is changed then.
  private static func settle(
    _ settlement: Settlement, now: Int64, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) -> Bool {
    let lease = settlement.lease
    switch settlement.fate {
    case .acknowledge(let receipt):
      guard try remove(lease, on: connection) else { return false }
      try acknowledge(lease, receipt, now: now, policy: policy, on: connection)
      try promote(lease.key.lane, now: now, policy: policy, on: connection)
    case .reject(let reason, let reportFailure):
      guard try remove(lease, on: connection) else { return false }
      if try !isTaken(lease, on: connection) {
        try reject(
          lease, reason: reason, report: reportFailure, now: now, policy: policy, on: connection)
      }
      try giveBackFollowers(of: lease, on: connection)
      try promote(lease.key.lane, now: now, policy: policy, on: connection)
    case .retry, .repeat, .failOver, .release, .await:
      // A callback may have told meanwhile what the call did not: then it is not made again.
      if try isPointless(lease, on: connection) {
        guard try remove(lease, on: connection) else { return false }
        try promote(lease.key.lane, now: now, policy: policy, on: connection)
      } else {
        guard try giveBack(lease, settlement.fate, now: now, on: connection) else { return false }
      }
    }
    if let attempt = settlement.attempt {
      try record(attempt, of: lease, message: lease.message, on: connection)
    }
    return true
  }

  private static func record(
    _ attempt: AttemptRecord, of lease: Lease, message: Int64, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(insertAttempt)
      .bind(1, message).bind(2, lease.queue.rawValue).bind(3, lease.part)
      .bind(4, lease.token).bind(5, attempt.startedAt).bind(6, attempt.finishedAt)
      .bind(7, attempt.outcome.rawValue).bind(8, attempt.httpStatus.map(Int64.init))
      .bind(9, attempt.detail)
      .bind(10, (lease.destination == .fallback ? Account.fallback : .main).rawValue).run()
  }

  /// Whether the provider has the part already, by what a callback said.
  private static func isTaken(_ lease: Lease, on connection: Connection) throws(LedgerError) -> Bool
  {
    guard lease.queue == .outbound else { return false }
    let status = try connection.prepared(partStatus).bind(1, lease.message).bind(2, lease.part)
      .first { $0.integer(0) }
    return status.map { $0 != DeliveryStatus.queued.rawValue } ?? false
  }

  /// Whether that is so, or a part before it has failed.
  private static func isPointless(
    _ lease: Lease, on connection: Connection
  ) throws(LedgerError) -> Bool {
    if try isTaken(lease, on: connection) { return true }
    guard lease.queue == .outbound, lease.part > 0 else { return false }
    return try connection.prepared(failedBefore).bind(1, lease.message).bind(2, lease.part).hasRow()
  }

  private static func remove(_ lease: Lease, on connection: Connection) throws(LedgerError) -> Bool
  {
    try connection.prepared(deleteLeased)
      .bind(1, lease.key.id).bind(2, lease.token).bind(3, lease.message).run()
    guard connection.changes > 0 else { return false }
    try connection.backlog.add(
      -1, to: BacklogCounter.Key(channel: lease.channel, queue: lease.queue), on: connection)
    return true
  }

  /// Deletes an entry that no carrier holds.
  static func discard(
    _ entry: Int64, queue: Queue, channel: ChannelName, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(deleteEntry).bind(1, entry).run()
    try connection.backlog.add(
      -connection.changes, to: BacklogCounter.Key(channel: channel, queue: queue), on: connection)
  }

  private static func giveBack(
    _ lease: Lease, _ fate: Settlement.Fate, now: Int64, on connection: Connection
  ) throws(LedgerError) -> Bool {
    let statement: Statement
    switch fate {
    case .retry(let at): statement = try connection.prepared(retryEntry).bind(1, at)
    case .repeat(let at):
      statement = try connection.prepared(routeEntry).bind(1, at)
        .bind(5, lease.boundRoute.rawValue)
    case .failOver(let at):
      statement = try connection.prepared(routeEntry).bind(1, at)
        .bind(5, Route.handedOver.rawValue)
    case .release(let at):
      statement = try connection.prepared(releaseEntry).bind(1, at)
        .bind(5, lease.isTakenOver ? 1 : 0)
    case .await(let at): statement = try connection.prepared(awaitEntry).bind(1, at).bind(5, now)
    case .acknowledge, .reject: preconditionFailure("the entry is done, and not given back")
    }
    try statement.bind(2, lease.key.id).bind(3, lease.token).bind(4, lease.message).run()
    guard connection.changes > 0 else { return false }
    try giveBackFollowers(of: lease, on: connection)
    return true
  }

  private static func giveBackFollowers(
    of lease: Lease, on connection: Connection
  ) throws(LedgerError) {
    for follower in lease.followers {
      try connection.prepared(unlease).bind(1, follower.entry).run()
    }
  }

  private static func acknowledge(
    _ lease: Lease, _ receipt: Settlement.Receipt, now: Int64, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) {
    switch lease.work {
    case .send:
      try acknowledgeSend(lease, receipt, now: now, policy: policy, on: connection)
    case .check(let externalID):
      _ = try apply(
        StatusReport(externalID: externalID, status: receipt.status, reason: receipt.reason),
        key: ExternalKey(channel: lease.channel, externalID: externalID), channel: lease.channel,
        from: StatusOrigin(webhook: nil, receivedAt: now), now: now, policy: policy,
        on: connection)
    case .post, .report:
      try markTaken(lease.message, work: lease.work, now: now, on: connection)
      for follower in lease.followers {
        guard
          let message = try connection.prepared(messageOfEntry).bind(1, follower.entry)
            .first({ $0.integer(0) })
        else { continue }
        try discard(
          follower.entry, queue: lease.queue, channel: lease.channel, on: connection)
        try markTaken(message, work: follower.work, now: now, on: connection)
      }
    }
  }

  private static func markTaken(
    _ message: Int64, work: Work, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    if case .report(let status, _, _) = work {
      try connection.prepared(markReported).bind(1, status.rawValue).bind(2, message).run()
    } else {
      try connection.prepared(markPosted).bind(1, now).bind(2, message).run()
    }
  }

  private static func acknowledgeSend(
    _ lease: Lease, _ receipt: Settlement.Receipt, now: Int64, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) {
    let key = receipt.externalID.map { ExternalKey(channel: lease.channel, externalID: $0) }
    try advance(
      part: lease.part, of: lease.message, to: receipt.status, reason: receipt.reason,
      externalID: receipt.externalID, key: key, on: connection)
    try refold(
      lease.message, now: now, mayReport: receipt.status != .sent || receipt.reportsSent,
      policy: policy, on: connection)
    if let externalID = receipt.externalID, let key {
      try applyParked(
        externalID: externalID, key: key, channel: lease.channel, now: now, policy: policy,
        on: connection)
      if let checkAt = receipt.checkAt {
        try enqueue(
          Lane(contact: lease.key.lane.contact, queue: .check), message: lease.message,
          part: lease.part, channel: lease.channel, rank: 1, now: now, dueAt: checkAt,
          on: connection)
      }
    }
    try letEchoPass(lease.key.lane.contact, now: now, on: connection)
  }

  /// A send is over: an echo that waited for it can be told apart from the business's own messages.
  private static func letEchoPass(
    _ contact: ContactKey, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(hurryEcho).bind(1, now).bind(2, contact.rawValue).run()
  }

  private static func reject(
    _ lease: Lease, reason: String, report: Bool, now: Int64, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) {
    if case .check = lease.work { return }  // Nothing is lost with a question.
    try connection.prepared(insertDeadLetter)
      .bind(1, lease.message).bind(2, lease.queue.rawValue).bind(3, lease.part)
      .bind(4, lease.channel.description).bind(5, now).bind(6, lease.attempt).bind(7, reason)
      .run()
    switch lease.work {
    case .send:
      try advance(
        part: lease.part, of: lease.message, to: .failed, reason: reason, on: connection)
      try refold(lease.message, now: now, mayReport: report, policy: policy, on: connection)
      try letEchoPass(lease.key.lane.contact, now: now, on: connection)
    case .post:
      try connection.prepared(markRefused).bind(1, now).bind(2, reason)
        .bind(3, lease.message).run()
    case .report, .check: break
    }
  }

  /// Makes the lane's first entry due, now that what was before it is gone.
  static func promote(
    _ lane: Lane, now: Int64, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) {
    let head = try connection.prepared(selectHead)
      .bind(1, lane.contact.rawValue).bind(2, lane.queue.rawValue)
      .first { (id: $0.integer(0), isDue: !$0.isNull(1)) }
    guard let head, !head.isDue else { return }
    try connection.prepared(markDue)
      .bind(1, now).bind(2, try rank(of: lane, now: now, policy: policy, on: connection))
      .bind(3, head.id).run()
  }

  private static let partStatus = Query("SELECT status FROM part WHERE message = ? AND number = ?")
  private static let failedBefore = Query(
    "SELECT 1 FROM part WHERE message = ? AND number < ? AND status = 4 LIMIT 1")
  private static let deleteLeased = Query(
    "DELETE FROM entry WHERE id = ? AND token = ? AND message = ? AND leased = 1")
  private static let deleteEntry = Query("DELETE FROM entry WHERE id = ?")
  private static let retryEntry = Query(
    """
    UPDATE entry SET due_ms = ?1, leased = 0, unknown_ms = NULL
      WHERE id = ?2 AND token = ?3 AND message = ?4 AND leased = 1
    """)
  private static let routeEntry = Query(
    """
    UPDATE entry SET due_ms = ?1, leased = 0, unknown_ms = NULL, account = ?5
      WHERE id = ?2 AND token = ?3 AND message = ?4 AND leased = 1
    """)
  /// A question about an unknown outcome was not counted, see `markLeased`. A send that was taken
  /// over stays one: it looks like a lease that runs out at that time.
  private static let releaseEntry = Query(
    """
    UPDATE entry SET due_ms = ?1, attempts = attempts - (unknown_ms IS NULL),
      leased = (?5 AND queue = 0 AND unknown_ms IS NULL), lease_boot_ms = 0
      WHERE id = ?2 AND token = ?3 AND message = ?4 AND leased = 1
    """)
  private static let awaitEntry = Query(
    """
    UPDATE entry SET due_ms = ?1, leased = 0, unknown_ms = coalesce(unknown_ms, ?5)
      WHERE id = ?2 AND token = ?3 AND message = ?4 AND leased = 1
    """)
  private static let unlease = Query("UPDATE entry SET leased = 0 WHERE id = ?")
  private static let messageOfEntry = Query("SELECT message FROM entry WHERE id = ?")
  private static let hurryEcho = Query(
    """
    UPDATE entry SET due_ms = ?1
      WHERE contact_key = ?2 AND queue = 1 AND due_ms > ?1 AND leased = 0 AND attempts = 0
        AND earliest_ms <= ?1
    """)
  private static let selectHead = Query(
    "SELECT id, due_ms FROM entry WHERE contact_key = ? AND queue = ? ORDER BY id LIMIT 1")
  private static let markDue = Query(
    "UPDATE entry SET due_ms = max(?, earliest_ms), rank = ? WHERE id = ?")
  private static let markPosted = Query(
    "UPDATE message SET status = 2, status_ms = ? WHERE id = ?")
  private static let markRefused = Query(
    "UPDATE message SET status = 4, status_ms = ?, reason = ? WHERE id = ?")
  private static let markReported = Query("UPDATE message SET reported = ? WHERE id = ?")
  private static let insertAttempt = Query(
    """
    INSERT OR REPLACE INTO attempt (message, queue, part, token, started_ms, finished_ms, outcome,
      http_status, detail, account) VALUES (?,?,?,?,?,?,?,?,?,?)
    """)
  private static let insertDeadLetter = Query(
    """
    INSERT INTO dead_letter (message, queue, part, channel, died_ms, attempts, reason)
      VALUES (?,?,?,?,?,?,?)
      ON CONFLICT DO UPDATE SET died_ms = excluded.died_ms, attempts = excluded.attempts,
        reason = excluded.reason
    """)
}
