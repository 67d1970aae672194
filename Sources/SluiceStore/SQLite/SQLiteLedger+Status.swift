import SluiceCore

// How statuses of parts become the status of their message, and reach the platform's queue.

extension SQLiteLedger {
  enum StatusEffect { case changed, unchanged, parked }

  /// Folds a callback into its part and message.
  static func apply(
    _ report: StatusReport, channel: ChannelName, now: Int64, on connection: Connection
  ) throws(LedgerError) -> StatusEffect {
    let part = try connection.prepared(partByExternalID)
      .bind(1, channel.description).bind(2, report.externalID)
      .first { row in
        (
          message: row.integer(0), number: Int(row.integer(1)),
          status: DeliveryStatus(rawValue: Int(row.integer(2))) ?? .queued
        )
      }
    guard let part else {
      try connection.prepared(insertParked)
        .bind(1, channel.description).bind(2, report.externalID).bind(3, report.status.rawValue)
        .bind(4, report.reason).bind(5, now).run()
      return connection.changes > 0 ? .parked : .unchanged
    }
    guard part.status.canBecome(report.status) else { return .unchanged }
    try set(
      report.status, reason: report.reason, ofPart: part.number, of: part.message, on: connection)
    try refold(part.message, now: now, mayReport: true, on: connection)
    return .changed
  }

  static func set(
    _ status: DeliveryStatus, reason: String?, externalID: String? = nil, ofPart number: Int,
    of message: Int64, on connection: Connection
  ) throws(LedgerError) {
    try connection.prepared(updatePart)
      .bind(1, status.rawValue).bind(2, reason).bind(3, externalID)
      .bind(4, message).bind(5, number).run()
  }

  /// Applies the statuses that came before the answer which told us the part's external ID.
  static func applyParked(
    externalID: String, channel: ChannelName, now: Int64, on connection: Connection
  ) throws(LedgerError) {
    let rows = try connection.prepared(parkedByExternalID)
      .bind(1, channel.description).bind(2, externalID)
    var reports: [StatusReport] = []
    while try rows.step() {
      guard let status = DeliveryStatus(rawValue: Int(rows.integer(0))) else { continue }
      reports.append(
        StatusReport(externalID: externalID, status: status, reason: rows.optionalText(1)))
    }
    guard !reports.isEmpty else { return }
    try connection.prepared(deleteParked)
      .bind(1, channel.description).bind(2, externalID).run()
    for report in reports {
      _ = try apply(report, channel: channel, now: now, on: connection)
    }
  }

  /// Derives the message's status from its parts, forward only, and queues it for the platform.
  /// - Parameter mayReport: Whether the platform is told; not where `/message` itself says it.
  static func refold(
    _ message: Int64, now: Int64, mayReport: Bool, on connection: Connection
  ) throws(LedgerError) {
    let parts = try connection.prepared(partStatuses).bind(1, message)
    var statuses: [DeliveryStatus] = []
    var reason: String?
    while try parts.step() {
      let status = DeliveryStatus(rawValue: Int(parts.integer(0))) ?? .queued
      statuses.append(status)
      if status == .failed { reason = reason ?? parts.optionalText(1) }
    }
    let row = try connection.prepared(messageStatus).bind(1, message).first { row in
      (
        status: DeliveryStatus(rawValue: Int(row.integer(0))) ?? .queued, since: row.integer(1),
        channel: ChannelName(row.text(2)), contact: try? ContactID(row.text(3))
      )
    }
    let after = DeliveryStatus.fold(statuses)
    guard let row, row.status.canBecome(after) else { return }
    try connection.prepared(updateStatus)
      .bind(1, after.rawValue).bind(2, now).bind(3, after == .failed ? reason : nil)
      .bind(4, message).run()
    guard mayReport, let channel = row.channel, let contact = row.contact else { return }
    // The platform must have our answer with the mId before it hears of its status.
    let dueAt = row.status.rawValue <= DeliveryStatus.sent.rawValue ? row.since + answerGrace : now
    try queueReport(
      of: message, status: after, channel: channel, contact: contact, now: now,
      dueAt: max(now, dueAt),
      on: connection)
  }

  /// Queues the message's status. One that waits already will take the newest along when it leaves,
  /// so there is never more than one waiting and one under way.
  private static func queueReport(
    of message: Int64, status: DeliveryStatus, channel: ChannelName, contact: ContactID,
    now: Int64, dueAt: Int64, on connection: Connection
  ) throws(LedgerError) {
    let lane = Lane(channel: channel, queue: .status, contact: contact)
    let isWaiting = try connection.prepared(reportIsWaiting).bind(1, lane.id).bind(2, message)
      .hasRow()
    guard !isWaiting else { return }
    try enqueue(
      EntryKey(lane: lane, message: message, part: status.rawValue), queue: .status,
      channel: channel, now: now, dueAt: dueAt, on: connection)
  }

  /// Milliseconds between a message's acceptance and its first status: longer than any answer of
  /// ours takes to leave once the acceptance is committed.
  private static let answerGrace: Int64 = 250

  private static let partByExternalID = Query(
    """
    SELECT message, number, status FROM part WHERE channel = ? AND external_id = ?
      ORDER BY message DESC LIMIT 1
    """)
  private static let updatePart = Query(
    """
    UPDATE part SET status = ?, reason = coalesce(?, reason),
      external_id = coalesce(?, external_id) WHERE message = ? AND number = ?
    """)
  private static let partStatuses = Query(
    "SELECT status, reason FROM part WHERE message = ? ORDER BY number")
  private static let messageStatus = Query(
    "SELECT status, status_ms, channel, contact FROM message WHERE id = ?")
  private static let updateStatus = Query(
    "UPDATE message SET status = ?, status_ms = ?, reason = ? WHERE id = ?")
  private static let reportIsWaiting = Query(
    "SELECT 1 FROM entry WHERE lane = ? AND message = ? AND leased = 0")
  private static let insertParked = Query(
    """
    INSERT OR IGNORE INTO parked (channel, external_id, status, reason, received_ms)
      VALUES (?,?,?,?,?)
    """)
  private static let parkedByExternalID = Query(
    "SELECT status, reason FROM parked WHERE channel = ? AND external_id = ? ORDER BY status")
  private static let deleteParked = Query(
    "DELETE FROM parked WHERE channel = ? AND external_id = ?")
}
