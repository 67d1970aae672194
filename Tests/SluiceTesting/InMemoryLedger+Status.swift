import SluiceCore

// How statuses of parts become the status of their message, and reach the platform's queue.

extension InMemoryLedger.Tables {
  enum StatusEffect { case changed, unchanged, parked }

  func knownPart(_ name: ExternalName) -> PartKey? {
    partByExternal[name]?.max { $0.message < $1.message }
  }

  private func part(_ reference: PartReference, channel: ChannelName) -> PartKey? {
    guard let message = messageByID[reference.message] else { return nil }
    let key = PartKey(message: message, number: reference.part)
    return parts[key]?.channel == channel ? key : nil
  }

  mutating func apply(_ report: StatusReport, channel: ChannelName, now: Int64) -> StatusEffect {
    let name = ExternalName(channel: channel, externalID: report.externalID)
    var known = knownPart(name)
    var isNew = false
    if known == nil, let reference = report.reference {
      known = part(reference, channel: channel)
      if let known, parts[known]?.externalID != nil { return .unchanged }
      if let known, isRefusalElsewhere(report, of: known) { return .unchanged }
      isNew = known != nil
    }
    guard let known, let part = parts[known] else {
      guard !parked.contains(where: { $0.name == name && $0.status == report.status }) else {
        return .unchanged
      }
      parked.append(
        Parked(name: name, status: report.status, reason: report.reason, receivedAt: now))
      return .parked
    }
    guard isNew || rules.canBecome(part.status, report.status) else { return .unchanged }
    advance(
      known, to: report.status, reason: report.reason,
      externalID: isNew ? report.externalID : nil)
    refold(known.message, now: now, mayReport: true)
    if part.status == .queued || report.status == .failed { moveOn(known, now: now) }
    if isNew { applyParked(name, now: now) }
    return .changed
  }

  /// Whether an account reports that it failed to send what is the other one's to send.
  private func isRefusalElsewhere(_ report: StatusReport, of part: PartKey) -> Bool {
    let entry = entries.all.first { _, entry in
      entry.lane.queue == .outbound && entry.message == part.message && entry.part == part.number
    }
    return report.status == .failed
      && entry.map { $0.1.route.account != Account.split(report.externalID).account } ?? false
  }

  /// Ends the wait of a part of which it was not known whether it was sent, and has its lane move on.
  private mutating func moveOn(_ part: PartKey, now: Int64) {
    guard let contact = messages[part.message]?.contactKey else { return }
    let lane = Lane(contact: contact, queue: .outbound)
    let entry = entries.all.first { _, entry in
      entry.lane == lane && entry.message == part.message && entry.part == part.number
        && entry.unknownSince != nil && !entry.isLeased
    }
    if let entry { discard(entry.0) }
    promote(lane, now: now)
  }

  mutating func advance(
    _ key: PartKey, to status: DeliveryStatus, reason: String?, externalID: String? = nil
  ) {
    guard var part = parts[key] else { return }
    let isFirstReceipt = part.externalID == nil && externalID != nil
    let moves =
      rules.canBecome(part.status, status)
      || isFirstReceipt && part.status == .failed && status == .sent
    if moves {
      part.status = status
      part.reason = reason ?? part.reason
    }
    if moves, status == .failed {
      for (id, entry) in entries.all
      where entry.lane.queue == .outbound && entry.message == key.message
        && entry.part > key.number && !entry.isLeased
      { discard(id) }
    }
    if let externalID {
      if let old = part.externalID {
        partByExternal[ExternalName(channel: part.channel, externalID: old)]?
          .removeAll { $0 == key }
      }
      part.externalID = externalID
      partByExternal[ExternalName(channel: part.channel, externalID: externalID), default: []]
        .append(key)
    }
    parts[key] = part
  }

  mutating func applyParked(_ name: ExternalName, now: Int64) {
    let found = parked.filter { $0.name == name }.sorted { $0.status < $1.status }
    guard !found.isEmpty else { return }
    parked.removeAll { $0.name == name }
    for status in found {
      _ = apply(
        StatusReport(externalID: name.externalID, status: status.status, reason: status.reason),
        channel: name.channel, now: now)
    }
  }

  mutating func refold(_ row: Int64, now: Int64, mayReport: Bool) {
    guard let message = messages[row] else { return }
    var statuses: [DeliveryStatus] = []
    var reason: String?
    var failed: Int?
    while let part = parts[PartKey(message: row, number: statuses.count)] {
      if part.status == .failed, failed == nil, let text = part.reason {
        failed = statuses.count
        reason = text
      }
      statuses.append(part.status)
    }
    let after = DeliveryStatus.fold(statuses)
    guard rules.canBecome(message.status, after) else { return }
    messages.update(row) { message in
      message.status = after
      message.statusSince = now
      message.reason =
        after == .failed
        ? reason.map { PartReason.text($0, part: failed ?? 0, of: statuses.count) } : nil
    }
    guard mayReport, !(after == .sent && message.reported == .failed) else { return }
    // The platform must have our answer with the mId before it hears of its status. While parts are
    // to be sent it may be `/message` itself that sends them, and has not answered.
    var answeredAt = message.createdAt + policy.firstAttempt
    let isOpen = entries.all.contains { $0.1.lane.queue == .outbound && $0.1.message == row }
    if !isOpen {
      answeredAt = min(answeredAt, message.status == .queued ? now : message.statusSince)
    }
    let lane = Lane(contact: message.contactKey, queue: .status)
    let isWaiting = entries.all.contains { _, entry in
      entry.lane == lane && entry.message == row && !entry.isLeased
    }
    guard !isWaiting else { return }
    append(
      to: lane, message: row, part: after.rawValue, channel: message.channel,
      rank: rank(of: lane, now: now), now: now, dueAt: max(now, answeredAt + 250))
  }
}
