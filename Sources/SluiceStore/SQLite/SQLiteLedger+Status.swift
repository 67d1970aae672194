import SluiceCore

// How statuses of parts become the status of their message, and reach the platform's queue.

extension SQLiteLedger {
  enum StatusEffect { case changed, unchanged, parked }

  /// A part as a callback finds it.
  struct KnownPart {
    let message: Int64
    let number: Int
    let status: DeliveryStatus
    let externalID: String?
  }

  static func part(
    externalID: String, key: ExternalKey, on connection: Connection
  ) throws(LedgerError) -> KnownPart? {
    let rows = try connection.prepared(partByExternalID).bind(1, key.rawValue).bind(2, externalID)
    return try rows.first(Self.knownPart)
  }

  /// Where a status comes from.
  struct StatusOrigin {
    /// `nil` where the provider was asked.
    let webhook: Int64?
    let receivedAt: Int64
  }

  private static func part(
    _ reference: PartReference, channel: ChannelName, on connection: Connection
  ) throws(LedgerError) -> KnownPart? {
    try connection.prepared(partByReference)
      .bind(1, reference.message).bind(2, reference.part).bind(3, channel.description)
      .first(Self.knownPart)
  }

  private static func knownPart(_ row: Statement) throws(LedgerError) -> KnownPart {
    KnownPart(
      message: row.integer(0), number: Int(row.integer(1)),
      status: DeliveryStatus(rawValue: Int(row.integer(2))) ?? .queued,
      externalID: row.optionalText(3))
  }

  /// Folds a callback into its part and message. Where its external ID is not known, it may name
  /// the part by our reference: then it also tells that the send was taken.
  static func apply(
    _ report: StatusReport, key: ExternalKey, channel: ChannelName, from origin: StatusOrigin,
    now: Int64, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) -> StatusEffect {
    var known = try part(externalID: report.externalID, key: key, on: connection)
    var isNew = false
    if known == nil, let reference = report.reference {
      known = try part(reference, channel: channel, on: connection)
      // A part that the provider knows by another ID was sent twice, or is somebody else's.
      guard known?.externalID == nil else { return .unchanged }
      if let known, try isRefusalElsewhere(report, of: known, on: connection) { return .unchanged }
      isNew = known != nil
    }
    guard let known else {
      try connection.prepared(insertParked)
        .bind(1, channel.description).bind(2, report.externalID).bind(3, report.status.rawValue)
        .bind(4, report.reason).bind(5, now).bind(6, origin.webhook).run()
      return connection.changes > 0 ? .parked : .unchanged
    }
    guard isNew || known.status.canBecome(report.status) else { return .unchanged }
    try advance(
      part: known.number, of: known.message, to: report.status, reason: report.reason,
      externalID: isNew ? report.externalID : nil, key: isNew ? key : nil, on: connection)
    try connection.prepared(insertCallback)
      .bind(1, known.message).bind(2, known.number).bind(3, report.status.rawValue)
      .bind(4, origin.receivedAt).bind(5, report.reason).bind(6, origin.webhook).run()
    try refold(known.message, now: now, mayReport: true, policy: policy, on: connection)
    if known.status == .queued || report.status == .failed {
      try moveOn(known, channel: channel, now: now, policy: policy, on: connection)
    }
    if isNew {
      try applyParked(
        externalID: report.externalID, key: key, channel: channel, now: now, policy: policy,
        on: connection)
    }
    return .changed
  }

  /// Whether an account reports that it failed to send what is the other one's to send: it refused it,
  /// and says so once more. That it sent it would be the truth all the same.
  private static func isRefusalElsewhere(
    _ report: StatusReport, of part: KnownPart, on connection: Connection
  ) throws(LedgerError) -> Bool {
    guard report.status == .failed else { return false }
    let route = try connection.prepared(routeOfPart).bind(1, part.message).bind(2, part.number)
      .first { Route(rawValue: Int($0.integer(0))) ?? .main }
    return route.map { $0.account != Account.split(report.externalID).account } ?? false
  }

  /// Ends the wait of a part of which it was not known whether it was sent, and has its lane move on, also
  /// where the rest of the message has gone.
  private static func moveOn(
    _ part: KnownPart, channel: ChannelName, now: Int64, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) {
    let entry = try connection.prepared(unknownEntry).bind(1, part.message).bind(2, part.number)
      .first { $0.integer(0) }
    if let entry { try discard(entry, queue: .outbound, channel: channel, on: connection) }
    let contact = try connection.prepared(contactOfMessage).bind(1, part.message)
      .first { ContactKey(rawValue: $0.integer(0)) }
    guard let contact else { return }
    try promote(
      Lane(contact: contact, queue: .outbound), now: now, policy: policy, on: connection)
  }

  /// Takes a part's status forward, never back. Of a part that was given up with nothing known of it, the
  /// first receipt tells whether it was sent. With a part that fails goes the rest of its message.
  static func advance(
    part number: Int, of message: Int64, to status: DeliveryStatus, reason: String?,
    externalID: String? = nil, key: ExternalKey? = nil, on connection: Connection
  ) throws(LedgerError) {
    let part = try connection.prepared(statusOfPart).bind(1, message).bind(2, number).first {
      (status: DeliveryStatus(rawValue: Int($0.integer(0))) ?? .queued, isUnheardOf: $0.isNull(1))
    }
    guard let part else { return }
    let isFirstReceipt = part.isUnheardOf && externalID != nil
    let moves =
      part.status.canBecome(status)
      || isFirstReceipt && part.status == .failed && status == .sent
    try connection.prepared(updatePart)
      .bind(1, (moves ? status : part.status).rawValue).bind(2, moves ? reason : nil)
      .bind(3, externalID).bind(4, key?.rawValue).bind(5, message).bind(6, number).run()
    if moves && status == .failed { try dropRest(of: message, after: number, on: connection) }
  }

  /// The rest of a message whose middle is missing would only confuse: it is not sent. What is under way
  /// ends as it does.
  private static func dropRest(
    of message: Int64, after number: Int, on connection: Connection
  ) throws(LedgerError) {
    let lane = try connection.prepared(contactOfMessage).bind(1, message)
      .first { (contact: $0.integer(0), channel: ChannelName($0.text(1))) }
    guard let lane, let channel = lane.channel else { return }
    try connection.prepared(deleteRest)
      .bind(1, lane.contact).bind(2, message).bind(3, number).run()
    try connection.backlog.add(
      -connection.changes, to: BacklogCounter.Key(channel: channel, queue: .outbound),
      on: connection)
  }

  /// Applies the statuses that came before whatever told us the part's external ID.
  static func applyParked(
    externalID: String, key: ExternalKey, channel: ChannelName, now: Int64, policy: LedgerPolicy,
    on connection: Connection
  ) throws(LedgerError) {
    let rows = try connection.prepared(parkedByExternalID)
      .bind(1, channel.description).bind(2, externalID)
    var reports: [(StatusReport, StatusOrigin)] = []
    while try rows.step() {
      guard let status = DeliveryStatus(rawValue: Int(rows.integer(0))) else { continue }
      reports.append(
        (
          StatusReport(externalID: externalID, status: status, reason: rows.optionalText(1)),
          StatusOrigin(webhook: rows.optionalInteger(2), receivedAt: rows.integer(3))
        ))
    }
    guard !reports.isEmpty else { return }
    try connection.prepared(deleteParked)
      .bind(1, channel.description).bind(2, externalID).run()
    for (report, origin) in reports {
      _ = try apply(
        report, key: key, channel: channel, from: origin, now: now, policy: policy, on: connection)
    }
  }

  /// Derives the message's status from its parts, forward only, and queues it for the platform.
  /// - Parameter mayReport: Whether the platform is told; not where `/message` itself says it.
  static func refold(
    _ message: Int64, now: Int64, mayReport: Bool, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) {
    let parts = try connection.prepared(partStatuses).bind(1, message)
    var statuses: [DeliveryStatus] = []
    var reason: (part: Int, text: String)?
    while try parts.step() {
      let status = DeliveryStatus(rawValue: Int(parts.integer(0))) ?? .queued
      if status == .failed, reason == nil, let text = parts.optionalText(1) {
        reason = (statuses.count, text)
      }
      statuses.append(status)
    }
    let row = try connection.prepared(messageStatus).bind(1, message).first { row in
      (
        status: DeliveryStatus(rawValue: Int(row.integer(0))) ?? .queued, since: row.integer(1),
        channel: ChannelName(row.text(2)), contact: ContactKey(rawValue: row.integer(3)),
        createdAt: row.integer(4), reported: DeliveryStatus(rawValue: Int(row.integer(5)))
      )
    }
    let after = DeliveryStatus.fold(statuses)
    guard let row, row.status.canBecome(after) else { return }
    let text = reason.map { PartReason.text($0.text, part: $0.part, of: statuses.count) }
    try connection.prepared(updateStatus)
      .bind(1, after.rawValue).bind(2, now).bind(3, after == .failed ? text : nil)
      .bind(4, message).run()
    // The platform takes no step from failed to sent: it hears of a delivery.
    guard mayReport, !(after == .sent && row.reported == .failed), let channel = row.channel
    else { return }
    // The platform must have our answer with the mId before it hears of its status. While parts are
    // to be sent it may be `/message` itself that sends them, and has not answered.
    var answeredAt = row.createdAt + policy.firstAttempt
    if try !connection.prepared(sendIsOpen)
      .bind(1, row.contact.rawValue).bind(2, message).hasRow()
    {
      answeredAt = min(answeredAt, row.status == .queued ? now : row.since)
    }
    try queueReport(
      of: message, status: after, channel: channel,
      lane: Lane(contact: row.contact, queue: .status), now: now,
      dueAt: max(now, answeredAt + answerGrace), policy: policy, on: connection)
  }

  /// Queues the message's status. One that waits already will take the newest along when it leaves,
  /// so there is never more than one waiting and one under way.
  private static func queueReport(
    of message: Int64, status: DeliveryStatus, channel: ChannelName, lane: Lane, now: Int64,
    dueAt: Int64, policy: LedgerPolicy, on connection: Connection
  ) throws(LedgerError) {
    let isWaiting = try connection.prepared(reportIsWaiting)
      .bind(1, lane.contact.rawValue).bind(2, message).hasRow()
    guard !isWaiting else { return }
    try enqueue(
      lane, message: message, part: status.rawValue, channel: channel,
      rank: try rank(of: lane, now: now, policy: policy, on: connection), now: now, dueAt: dueAt,
      on: connection)
  }

  /// Milliseconds between a message's acceptance and its first status: longer than any answer of
  /// ours takes to leave once the acceptance is committed.
  private static let answerGrace: Int64 = 250

  private static let partByExternalID = Query(
    """
    SELECT message, number, status, external_id FROM part
      WHERE external_key = ? AND external_id = ? ORDER BY message DESC LIMIT 1
    """)
  private static let partByReference = Query(
    """
    SELECT message, number, status, external_id FROM part
      WHERE message = (SELECT id FROM message WHERE mid = ? AND direction = 0) AND number = ?
        AND channel = ?
    """)
  private static let routeOfPart = Query(
    """
    SELECT account FROM entry
      WHERE contact_key = (SELECT contact_key FROM message WHERE id = ?1) AND queue = 0
        AND message = ?1 AND part = ?2
    """)
  private static let contactOfMessage = Query(
    "SELECT contact_key, channel FROM message WHERE id = ?")
  private static let deleteRest = Query(
    """
    DELETE FROM entry
      WHERE contact_key = ? AND queue = 0 AND message = ? AND part > ? AND leased = 0
    """)
  private static let unknownEntry = Query(
    """
    SELECT id FROM entry
      WHERE contact_key = (SELECT contact_key FROM message WHERE id = ?1) AND queue = 0
        AND message = ?1 AND part = ?2 AND unknown_ms IS NOT NULL AND leased = 0
    """)
  private static let statusOfPart = Query(
    "SELECT status, external_id FROM part WHERE message = ? AND number = ?")
  private static let updatePart = Query(
    """
    UPDATE part SET status = ?, reason = coalesce(?, reason),
      external_id = coalesce(?, external_id), external_key = coalesce(?, external_key)
      WHERE message = ? AND number = ?
    """)
  private static let partStatuses = Query(
    "SELECT status, reason FROM part WHERE message = ? ORDER BY number")
  private static let messageStatus = Query(
    """
    SELECT status, status_ms, channel, contact_key, created_ms, reported FROM message WHERE id = ?
    """)
  private static let sendIsOpen = Query(
    "SELECT 1 FROM entry WHERE contact_key = ? AND queue = 0 AND message = ? LIMIT 1")
  private static let updateStatus = Query(
    "UPDATE message SET status = ?, status_ms = ?, reason = ? WHERE id = ?")
  private static let reportIsWaiting = Query(
    "SELECT 1 FROM entry WHERE contact_key = ? AND queue = 2 AND message = ? AND leased = 0")
  private static let insertParked = Query(
    """
    INSERT OR IGNORE INTO parked (channel, external_id, status, reason, received_ms, webhook)
      VALUES (?,?,?,?,?,?)
    """)
  /// A status that comes once more, after one that was further, is the first one still.
  private static let insertCallback = Query(
    """
    INSERT OR IGNORE INTO callback (message, part, status, received_ms, reason, webhook)
      VALUES (?,?,?,?,?,?)
    """)
  private static let parkedByExternalID = Query(
    """
    SELECT status, reason, webhook, received_ms FROM parked
      WHERE channel = ? AND external_id = ? ORDER BY status
    """)
  private static let deleteParked = Query(
    "DELETE FROM parked WHERE channel = ? AND external_id = ?")
}
