import SluiceCore

// How entries become a carrier's.

extension SQLiteLedger {
  package func dueChannels(now: Int64) throws(LedgerError) -> DueChannels {
    try read { connection throws(LedgerError) in
      var due: [(channel: ChannelName, queue: Queue)] = []
      var nextDue: Int64?
      let paused = try Self.pauses(on: connection)
      var (channel, queue, rank) = ("", 0, 0)
      // A skip scan: each step jumps to the next channel, queue and rank, however long the last is.
      while true {
        let head = try connection.prepared(Self.nextTrack)
          .bind(1, channel).bind(2, queue).bind(3, rank)
          .first { ($0.text(0), Int($0.integer(1)), Int($0.integer(2)), $0.integer(3)) }
        guard let head else { break }
        (channel, queue, rank) = (head.0, head.1, head.2)
        guard let name = ChannelName(channel), let queue = Queue(rawValue: queue),
          !paused.contains(Pause(channel: name, destination: queue.destination))
        else { continue }
        if head.3 > now {
          nextDue = min(nextDue ?? head.3, head.3)
        } else if due.last.map({ $0 != (name, queue) }) ?? true {
          due.append((name, queue))
        }
      }
      return DueChannels(
        due: due, nextDue: nextDue, hasUnfiled: try connection.prepared(Self.anyIntake).hasRow())
    }
  }

  static func dueKeys(
    _ request: LeaseRequest, now: Int64, on connection: Connection
  ) throws(LedgerError) -> [EntryKey] {
    if let lane = request.lane {
      let head = try connection.prepared(selectDueInLane)
        .bind(1, lane.contact.rawValue).bind(2, lane.queue.rawValue).bind(3, now)
        .first { EntryKey(lane: lane, id: $0.integer(0)) }
      return head.map { [$0] } ?? []
    }
    // Bulk its share, conversations the rest; what one side has not, the other gets.
    let bulk = try dueKeys(request, rank: 1, count: request.count, now: now, on: connection)
    let share = min(request.bulkShare, bulk.count)
    let talks = try dueKeys(
      request, rank: 0, count: request.count - share, now: now, on: connection)
    return talks + bulk.prefix(request.count - talks.count)
  }

  private static func dueKeys(
    _ request: LeaseRequest, rank: Int, count: Int, now: Int64, on connection: Connection
  ) throws(LedgerError) -> [EntryKey] {
    guard count > 0 else { return [] }
    let rows = try connection.prepared(request.enqueuedBy == nil ? selectDue : selectDueAndOld)
      .bind(1, request.channel.description).bind(2, request.queue.rawValue).bind(3, rank)
      .bind(4, now).bind(5, count).bind(6, request.enqueuedBy)
    var keys: [EntryKey] = []
    while try rows.step() {
      keys.append(
        EntryKey(
          lane: Lane(
            contact: ContactKey(rawValue: rows.integer(1)), queue: request.queue),
          id: rows.integer(0)))
    }
    return keys
  }

  /// Makes an entry ours. It is there, and due: the caller's transaction has just seen it.
  /// - Returns: `nil` if it turned out that there is nothing to do, or not yet.
  static func lease(
    _ key: EntryKey, terms: LeaseTerms, account: Account = .main, hasFallback: Bool = true,
    policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) -> Lease? {
    let row = try connection.prepared(selectWork).bind(1, key.id)
      .first { row throws(LedgerError) in try WorkRow(row) }
    if let row, row.isTakenBack, let channel = ChannelName(row.channel) {
      try discard(key.id, queue: .status, channel: channel, on: connection)
      try promote(key.lane, now: terms.now, policy: policy, on: connection)
      return nil
    }
    guard let row, let queue = Queue(rawValue: row.queue), queue == key.lane.queue,
      let channel = ChannelName(row.channel), var contact = try? ContactID(row.contact),
      let work = row.work(queue)
    else { throw .broken("queue entry \(key.id) cannot be read") }
    if queue.destination == .provider {
      contact = try resolved(contact, channel: channel, on: connection)
    }
    if row.isLeased, let remaining = terms.remaining(until: row.leaseBootEnd) {
      // Wall time was stepped forward, and its holder may be at work.
      try connection.prepared(postpone).bind(1, terms.now + remaining).bind(2, key.id).run()
      return nil
    }
    switch queue {
    case .outbound where row.partStatus != DeliveryStatus.queued.rawValue,
      .check where row.partStatus != DeliveryStatus.sent.rawValue:
      // A callback has told.
      try discard(key.id, queue: queue, channel: channel, on: connection)
      try promote(key.lane, now: terms.now, policy: policy, on: connection)
      return nil
    case .inbound where row.direction == 2:
      guard
        try mayPass(
          key, message: row.message, externalID: row.externalID, enqueuedAt: row.enqueuedAt,
          channel: channel, now: terms.now, policy: policy, on: connection)
      else { return nil }
    default: break
    }
    if row.isLeased {
      // Whoever was killed had taken others along, and this one goes alone.
      try connection.prepared(unleaseFollowers)
        .bind(1, key.lane.contact.rawValue).bind(2, queue.rawValue).bind(3, key.id).run()
    }
    let route = row.route.leased(
      for: account, mayBeTaken: row.isLeased || row.unknownSince != nil,
      hasFallback: hasFallback)
    try connection.prepared(markLeased)
      .bind(1, terms.until).bind(2, terms.storedBootEnd).bind(3, key.id).bind(4, route.rawValue)
      .run()
    return Lease(
      key: key, channel: channel, message: row.message, part: row.part, token: row.token + 1,
      attempt: row.attempts + (row.unknownSince == nil ? 1 : 0), isTakenOver: row.isLeased,
      unknownSince: row.unknownSince, expiresAt: terms.until, bootEnd: terms.bootEnd,
      enqueuedAt: row.enqueuedAt, id: row.id, contact: contact, work: work,
      route: route)
  }

  /// An echo may turn out to be of a message of ours as soon as the provider has answered our send,
  /// so it waits while a send to its contact is under way.
  /// - Returns: Whether it is the business's own, as far as one can know.
  private static func mayPass(
    _ key: EntryKey, message: Int64, externalID: String, enqueuedAt: Int64, channel: ChannelName,
    now: Int64, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) -> Bool {
    let external = ExternalKey(channel: channel, externalID: externalID)
    if try part(externalID: externalID, key: external, on: connection) != nil {
      try discard(key.id, queue: .inbound, channel: channel, on: connection)
      try connection.prepared(deleteMessage).bind(1, message).run()
      try promote(key.lane, now: now, policy: policy, on: connection)
      return false
    }
    let send = try connection.prepared(sendUnderWay).bind(1, key.lane.contact.rawValue)
      .first { $0.integer(0) }
    guard let send, now < enqueuedAt + longestEchoWait else { return true }
    let until = min(max(send, now + 100), enqueuedAt + longestEchoWait)
    try connection.prepared(postpone).bind(1, until).bind(2, key.id).run()
    return false
  }

  /// Adds what is behind `lease` in its lane and may go in the same call.
  static func packed(
    _ lease: Lease, atMost count: Int, now: Int64, on connection: Connection
  ) throws(LedgerError) -> Lease {
    guard lease.queue.destination == .platform else { return lease }
    let rows = try connection.prepared(selectFollowers)
      .bind(1, lease.key.lane.contact.rawValue).bind(2, lease.queue.rawValue)
      .bind(3, lease.key.id).bind(4, count - 1)
    var followers: [Lease.Follower] = []
    while try rows.step() {
      let row = try WorkRow(rows)
      // An echo has to be looked at when its turn comes; what failed before goes alone.
      guard row.direction != 2, row.attempts == 0, row.earliest <= now, !row.isTakenBack,
        let work = row.work(lease.queue)
      else { break }
      followers.append(Lease.Follower(entry: row.entry, id: row.id, work: work))
    }
    rows.reset()
    for follower in followers {
      try connection.prepared(markFollower).bind(1, follower.entry).run()
    }
    return lease.with(followers)
  }

  /// Two columns of one row would be compared with the channel's whole queue; three ranges, each
  /// ended by its first row, are three seeks.
  private static let nextTrack = Query(
    """
    SELECT * FROM (SELECT channel, queue, rank, due_ms FROM entry
        WHERE due_ms IS NOT NULL AND channel = ?1 AND queue = ?2 AND rank > ?3
        ORDER BY rank, due_ms LIMIT 1)
      UNION ALL
      SELECT * FROM (SELECT channel, queue, rank, due_ms FROM entry
        WHERE due_ms IS NOT NULL AND channel = ?1 AND queue > ?2
        ORDER BY queue, rank, due_ms LIMIT 1)
      UNION ALL
      SELECT * FROM (SELECT channel, queue, rank, due_ms FROM entry
        WHERE due_ms IS NOT NULL AND channel > ?1 ORDER BY channel, queue, rank, due_ms LIMIT 1)
      ORDER BY 1, 2, 3 LIMIT 1
    """)
  private static let selectDue = Query(
    """
    SELECT id, contact_key FROM entry
      WHERE channel = ? AND queue = ? AND rank = ? AND due_ms <= ? ORDER BY due_ms LIMIT ?
    """)
  private static let selectDueAndOld = Query(
    """
    SELECT id, contact_key FROM entry
      WHERE channel = ?1 AND queue = ?2 AND rank = ?3 AND due_ms <= ?4 AND enqueued_ms <= ?6
      ORDER BY due_ms LIMIT ?5
    """)
  private static let selectDueInLane = Query(
    "SELECT id FROM entry WHERE contact_key = ? AND queue = ? AND due_ms <= ? ORDER BY id LIMIT 1")
  static let nextDue = Query(
    """
    SELECT min(due_ms) FROM (
      SELECT * FROM (SELECT due_ms FROM entry WHERE channel = ?1 AND queue = ?2 AND rank = 0
        AND due_ms IS NOT NULL ORDER BY due_ms LIMIT 1)
      UNION ALL
      SELECT * FROM (SELECT due_ms FROM entry WHERE channel = ?1 AND queue = ?2 AND rank = 1
        AND due_ms IS NOT NULL ORDER BY due_ms LIMIT 1))
    """)
  private static let selectWork = Query(WorkRow.select + " WHERE e.id = ?")
  private static let selectFollowers = Query(
    WorkRow.select + " WHERE e.contact_key = ? AND e.queue = ? AND e.id > ? ORDER BY e.id LIMIT ?")
  private static let markLeased = Query(
    """
    UPDATE entry SET due_ms = ?1, leased = 1, lease_boot_ms = ?2, token = token + 1,
      attempts = attempts + (unknown_ms IS NULL), account = ?4, earliest_ms = 0 WHERE id = ?3
    """)
  private static let unleaseFollowers = Query(
    "UPDATE entry SET leased = 0 WHERE contact_key = ? AND queue = ? AND id > ? AND leased = 1")
  private static let markFollower = Query(
    "UPDATE entry SET leased = 1, earliest_ms = 0 WHERE id = ?")
  private static let sendUnderWay = Query(
    """
    SELECT due_ms FROM entry WHERE contact_key = ? AND queue = 0
      AND (leased = 1 OR unknown_ms IS NOT NULL) AND due_ms IS NOT NULL LIMIT 1
    """)
  private static let postpone = Query("UPDATE entry SET due_ms = ? WHERE id = ?")
  private static let deleteMessage = Query("DELETE FROM message WHERE id = ?")
  /// Milliseconds after which an echo passes even though a send to its contact is under way.
  private static let longestEchoWait: Int64 = 120_000
}

/// An entry with what it asks for.
private struct WorkRow {
  static let select = """
    SELECT e.id, e.queue, e.channel, e.message, e.part, e.token, e.attempts, e.leased,
      e.unknown_ms, e.enqueued_ms, m.mid, m.contact, m.direction, m.content, m.timestamp_ms,
      m.profile, m.status, m.reason, m.status_ms, m.external_id, p.payload, p.status, p.external_id,
      e.earliest_ms, e.lease_boot_ms, e.account
      FROM entry e JOIN message m ON m.id = e.message
      LEFT JOIN part p ON e.queue IN (0, 3) AND p.message = e.message AND p.number = e.part
    """

  let entry: Int64
  let queue: Int
  let channel: String
  let message: Int64
  let part: Int
  let token: Int64
  let attempts: Int
  let isLeased: Bool
  let leaseBootEnd: Int64
  let unknownSince: Int64?
  let route: Route
  let enqueuedAt: Int64
  let earliest: Int64
  let id: MessageID
  let contact: String
  let direction: Int
  let externalID: String
  let partStatus: Int
  private let content: Content

  /// Whether it is a report of a message that has been queued again since.
  var isTakenBack: Bool {
    if case .status(DeliveryStatus.queued.rawValue, _, _) = content { true } else { false }
  }

  private enum Content {
    case part(payload: [UInt8], externalID: String)
    case message(content: [UInt8], timestamp: Int64, profile: [UInt8]?)
    case status(Int, reason: String?, since: Int64)
    case none
  }

  init(_ row: Statement) throws(LedgerError) {
    entry = row.integer(0)
    queue = Int(row.integer(1))
    channel = row.text(2)
    message = row.integer(3)
    part = Int(row.integer(4))
    token = row.integer(5)
    attempts = Int(row.integer(6))
    isLeased = row.integer(7) == 1
    unknownSince = row.optionalInteger(8)
    enqueuedAt = row.integer(9)
    earliest = row.integer(23)
    leaseBootEnd = row.integer(24)
    route = Route(rawValue: Int(row.integer(25))) ?? .main
    id = row.messageID(10)
    contact = row.text(11)
    direction = Int(row.integer(12))
    externalID = direction == 0 ? "" : row.text(19)
    partStatus = Int(row.integer(21))
    content =
      switch Queue(rawValue: queue) {
      case .outbound, .check:
        row.isNull(20)
          ? .none : .part(payload: Array(row.bytes(20)), externalID: row.optionalText(22) ?? "")
      case .inbound:
        .message(
          content: Array(row.bytes(13)), timestamp: row.integer(14),
          profile: row.isNull(15) ? nil : Array(row.bytes(15)))
      case .status:
        .status(Int(row.integer(16)), reason: row.optionalText(17), since: row.integer(18))
      case nil: .none
      }
  }

  /// What the entry asks for; `nil` if the row makes no sense.
  func work(_ queue: Queue) -> Work? {
    switch (queue, content) {
    case (.outbound, .part(let payload, _)):
      (try? JSONReader.read(payload)).flatMap(MessagePart.init(json:)).map(Work.send)
    case (.check, .part(_, let externalID)): .check(externalID: externalID)
    case (.inbound, .message(let content, let timestamp, let profile)):
      // Written by us, and posted as it was written.
      .post(
        content: .encoded(content), isEcho: direction == 2, timestamp: timestamp,
        profile: profile.map(JSON.encoded))
    case (.status, .status(let status, let reason, let since)):
      DeliveryStatus(rawValue: status).map { .report($0, reason: reason, timestamp: since) }
    default: nil
    }
  }
}
