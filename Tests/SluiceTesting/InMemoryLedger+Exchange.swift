import SluiceCore

// The carrier's one transaction.

extension InMemoryLedger.Tables {
  mutating func exchange(_ exchange: Exchange) -> ExchangeResult {
    var result = ExchangeResult()
    result.filed = file()
    let now = exchange.terms.now
    for settlement in exchange.settlements where !settle(settlement, now: now) {
      result.fenced.append(settlement)
    }
    for request in exchange.requests {
      guard !isPaused(request.queue, of: request.channel) else {
        result.nextDue.append(nil)
        continue
      }
      for key in dueKeys(request, now: now) {
        let lease = lease(
          key, terms: exchange.terms, account: request.account, hasFallback: request.hasFallback)
        guard let lease else { continue }
        result.leases.append(
          request.perCall > 1 && lease.attempt == 1
            ? packed(lease, atMost: request.perCall, now: now) : lease)
      }
      result.nextDue.append(
        entries.all.lazy
          .filter { $0.1.channel == request.channel && $0.1.lane.queue == request.queue }
          .compactMap(\.1.dueAt).min())
    }
    return result
  }

  func dueChannels(now: Int64) -> DueChannels {
    var due: [QueueKey] = []
    var tracks: [Track: Int64] = [:]
    for (_, entry) in entries.all {
      guard let dueAt = entry.dueAt, !isPaused(entry.lane.queue, of: entry.channel) else {
        continue
      }
      let key = QueueKey(channel: entry.channel, queue: entry.lane.queue)
      if dueAt <= now, !due.contains(key) { due.append(key) }
      let track = Track(key: key, rank: entry.rank)
      tracks[track] = min(tracks[track] ?? dueAt, dueAt)
    }
    due.sort { ($0.channel, $0.queue.rawValue) < ($1.channel, $1.queue.rawValue) }
    // What is behind the first of a track is not looked at.
    return DueChannels(
      due: due.map { ($0.channel, $0.queue) }, nextDue: tracks.values.filter { $0 > now }.min(),
      hasUnfiled: !unfiled.isEmpty)
  }

  func isPaused(_ queue: Queue, of channel: ChannelName) -> Bool {
    paused.contains(Pause(channel: channel, destination: queue.destination))
  }

  private struct Track: Hashable {
    let key: QueueKey
    let rank: Int
  }

  private func dueKeys(_ request: LeaseRequest, now: Int64) -> [EntryKey] {
    if let lane = request.lane {
      let due = entries.all.first { $0.1.lane == lane && $0.1.dueAt ?? .max <= now }
      return due.map { [EntryKey(lane: lane, id: $0.0)] } ?? []
    }
    let bulk = dueKeys(request, rank: 1, count: request.count, now: now)
    let share = min(request.bulkShare, bulk.count)
    let talks = dueKeys(request, rank: 0, count: request.count - share, now: now)
    return talks + bulk.prefix(request.count - talks.count)
  }

  private func dueKeys(
    _ request: LeaseRequest, rank: Int, count: Int, now: Int64
  ) -> [EntryKey] {
    guard count > 0 else { return [] }
    var due: [(at: Int64, id: Int64, lane: Lane)] = []
    for (id, entry) in entries.all {
      guard let dueAt = entry.dueAt, dueAt <= now, entry.rank == rank,
        entry.lane.queue == request.queue, entry.channel == request.channel,
        entry.enqueuedAt <= request.enqueuedBy ?? .max
      else { continue }
      due.append((dueAt, id, entry.lane))
    }
    due.sort { ($0.at, $0.id) < ($1.at, $1.id) }
    return due.prefix(count).map { EntryKey(lane: $0.lane, id: $0.id) }
  }

  mutating func lease(
    _ key: EntryKey, terms: LeaseTerms, account: Account = .main, hasFallback: Bool = true
  ) -> Lease? {
    guard let entry = entries[key.id], let message = messages[entry.message] else {
      preconditionFailure("entry \(key.id) has no message")
    }
    if entry.isLeased, let remaining = terms.remaining(until: entry.leaseBootEnd) {
      // Wall time was stepped forward, and its holder may be at work.
      entries.update(key.id) { $0.dueAt = terms.now + remaining }
      return nil
    }
    switch entry.lane.queue {
    case .outbound where part(of: entry).status != .queued,
      .check where part(of: entry).status != .sent:
      discard(key.id)
      promote(key.lane, now: terms.now)
      return nil
    case .status where message.status == .queued:
      discard(key.id)
      promote(key.lane, now: terms.now)
      return nil
    case .inbound where message.direction == .echo:
      guard mayPass(key, entry, message, now: terms.now) else { return nil }
    default: break
    }
    if entry.isLeased {
      // Whoever was killed had taken others along, and this one goes alone.
      for (id, other) in entries.all where id > key.id && other.lane == key.lane {
        entries.update(id) { $0.isLeased = false }
      }
    }
    let route = entry.route.leased(
      for: account, mayBeTaken: entry.isLeased || entry.unknownSince != nil,
      hasFallback: hasFallback)
    entries.update(key.id) { entry in
      entry.route = route
      entry.dueAt = terms.until
      entry.isLeased = true
      entry.leaseBootEnd = terms.storedBootEnd
      entry.earliest = 0
      entry.token += 1
      if entry.unknownSince == nil { entry.attempts += 1 }
    }
    return Lease(
      key: key, channel: entry.channel, message: entry.message, part: entry.part,
      token: entry.token + 1, attempt: entry.attempts + (entry.unknownSince == nil ? 1 : 0),
      isTakenOver: entry.isLeased, unknownSince: entry.unknownSince, expiresAt: terms.until,
      bootEnd: terms.bootEnd, enqueuedAt: entry.enqueuedAt, id: message.id,
      contact: entry.lane.queue.destination == .provider
        ? resolved(message.contact, channel: entry.channel) : message.contact,
      work: work(entry, message), route: route)
  }

  private func resolved(_ contact: ContactID, channel: ChannelName) -> ContactID {
    aliases[Alias(channel: channel, contact: contact)]
      .map { ContactID(alias: contact.description, of: $0) } ?? contact
  }

  private func part(of entry: Entry) -> Part {
    parts[PartKey(message: entry.message, number: entry.part)]!  // Pruned with its message.
  }

  private func work(_ entry: Entry, _ message: Message) -> Work {
    switch entry.lane.queue {
    case .outbound: .send(part(of: entry).payload)
    case .check: .check(externalID: part(of: entry).externalID ?? "")
    case .inbound:
      .post(
        content: .encoded(message.content), isEcho: message.direction == .echo,
        timestamp: message.timestamp, profile: message.profile.map(JSON.encoded))
    case .status:
      .report(message.status, reason: message.reason, timestamp: message.statusSince)
    }
  }

  /// An echo waits while a send to its contact is under way; one of ours goes.
  private mutating func mayPass(
    _ key: EntryKey, _ entry: Entry, _ message: Message, now: Int64
  ) -> Bool {
    let name = ExternalName(channel: entry.channel, externalID: message.externalID ?? "")
    if knownPart(name) != nil {
      discard(key.id)
      messages[entry.message] = nil
      messageByExternal[name] = nil
      promote(key.lane, now: now)
      return false
    }
    let longest = entry.enqueuedAt + 120_000
    let send = entries.all.first { _, other in
      other.lane.contact == key.lane.contact && other.lane.queue == .outbound
        && (other.isLeased || other.unknownSince != nil) && other.dueAt != nil
    }
    guard let send, now < longest else { return true }
    entries.update(key.id) { $0.dueAt = min(max(send.1.dueAt ?? 0, now + 100), longest) }
    return false
  }

  private mutating func packed(_ lease: Lease, atMost count: Int, now: Int64) -> Lease {
    guard lease.queue.destination == .platform else { return lease }
    var followers: [Lease.Follower] = []
    for (id, entry) in entries.all where id > lease.key.id && entry.lane == lease.key.lane {
      guard followers.count < count - 1, entry.attempts == 0, entry.earliest <= now,
        let message = messages[entry.message], message.direction != .echo,
        entry.lane.queue != .status || message.status != .queued
      else { break }
      followers.append(
        Lease.Follower(entry: id, id: message.id, work: work(entry, message)))
    }
    for follower in followers {
      entries.update(follower.entry) { entry in
        entry.isLeased = true
        entry.earliest = 0
      }
    }
    return lease.with(followers)
  }

  // MARK: What came of a call

  private mutating func settle(_ settlement: Settlement, now: Int64) -> Bool {
    let lease = settlement.lease
    guard let entry = entries[lease.key.id], entry.token == lease.token, entry.isLeased,
      entry.message == lease.message
    else { return false }
    switch settlement.fate {
    case .acknowledge(let receipt):
      discard(lease.key.id)
      acknowledge(lease, receipt, now: now)
      promote(lease.key.lane, now: now)
    case .reject(let reason, let reportFailure):
      discard(lease.key.id)
      if !isTaken(lease) { reject(lease, reason: reason, report: reportFailure, now: now) }
      giveBackFollowers(of: lease)
      promote(lease.key.lane, now: now)
    case .retry, .repeat, .failOver, .release, .await:
      if isPointless(lease) {
        discard(lease.key.id)
        promote(lease.key.lane, now: now)
      } else {
        giveBack(lease, settlement.fate, now: now)
      }
    }
    if let attempt = settlement.attempt {
      let key = DeadKey(message: lease.message, queue: lease.queue, part: lease.part)
      if attempts[key]?.token ?? 0 <= lease.token { attempts[key] = (lease.token, attempt) }
    }
    return true
  }

  private func isTaken(_ lease: Lease) -> Bool {
    guard lease.queue == .outbound else { return false }
    let part = parts[PartKey(message: lease.message, number: lease.part)]
    return part.map { $0.status != .queued } ?? false
  }

  private func isPointless(_ lease: Lease) -> Bool {
    isTaken(lease)
      || lease.queue == .outbound
        && (0..<lease.part).contains {
          parts[PartKey(message: lease.message, number: $0)]?.status == .failed
        }
  }

  mutating func discard(_ id: Int64) {
    guard let entry = entries[id] else { return }
    entries[id] = nil
    backlog[QueueKey(channel: entry.channel, queue: entry.lane.queue), default: 0] -= 1
  }

  private mutating func giveBack(_ lease: Lease, _ fate: Settlement.Fate, now: Int64) {
    entries.update(lease.key.id) { entry in
      entry.isLeased = false
      switch fate {
      case .retry(let at):
        entry.dueAt = at
        entry.unknownSince = nil
      case .repeat(let at):
        entry.dueAt = at
        entry.unknownSince = nil
        entry.route = entry.route.bound
      case .failOver(let at):
        entry.dueAt = at
        entry.unknownSince = nil
        entry.route = .handedOver
      case .release(let at):
        entry.dueAt = at
        entry.leaseBootEnd = 0
        guard entry.unknownSince == nil else { break }
        entry.attempts -= 1
        // A send that was taken over stays one: it looks like a lease that runs out at that time.
        entry.isLeased = lease.isTakenOver && lease.queue == .outbound
      case .await(let at):
        entry.dueAt = at
        entry.unknownSince = entry.unknownSince ?? now
      case .acknowledge, .reject: preconditionFailure("the entry is done, and not given back")
      }
    }
    giveBackFollowers(of: lease)
  }

  private mutating func giveBackFollowers(of lease: Lease) {
    for follower in lease.followers { entries.update(follower.entry) { $0.isLeased = false } }
  }

  private mutating func acknowledge(_ lease: Lease, _ receipt: Settlement.Receipt, now: Int64) {
    switch lease.work {
    case .send: acknowledgeSend(lease, receipt, now: now)
    case .check(let externalID):
      _ = apply(
        StatusReport(externalID: externalID, status: receipt.status, reason: receipt.reason),
        channel: lease.channel, now: now)
    case .post, .report:
      markTaken(lease.message, lease.work, now: now)
      for follower in lease.followers {
        guard let entry = entries[follower.entry] else { continue }
        discard(follower.entry)
        markTaken(entry.message, follower.work, now: now)
      }
    }
  }

  private mutating func markTaken(_ message: Int64, _ work: Work, now: Int64) {
    messages.update(message) { message in
      if case .report(let status, _, _) = work {
        message.reported = status
      } else {
        message.status = .delivered
        message.statusSince = now
      }
    }
  }

  private mutating func acknowledgeSend(
    _ lease: Lease, _ receipt: Settlement.Receipt, now: Int64
  ) {
    advance(
      PartKey(message: lease.message, number: lease.part), to: receipt.status,
      reason: receipt.reason, externalID: receipt.externalID)
    refold(
      lease.message, now: now, mayReport: receipt.status != .sent || receipt.reportsSent)
    if let externalID = receipt.externalID {
      applyParked(ExternalName(channel: lease.channel, externalID: externalID), now: now)
      if let checkAt = receipt.checkAt {
        append(
          to: Lane(contact: lease.key.lane.contact, queue: .check), message: lease.message,
          part: lease.part, channel: lease.channel, rank: 1, now: now, dueAt: checkAt)
      }
    }
    letEchoPass(lease.key.lane.contact, now: now)
  }

  /// A send is over: an echo that waited for it can be told apart from the business's own messages.
  private mutating func letEchoPass(_ contact: ContactKey, now: Int64) {
    for (id, entry) in entries.all
    where entry.lane.contact == contact && entry.lane.queue == .inbound
      && entry.dueAt ?? .min > now && !entry.isLeased && entry.attempts == 0
      && entry.earliest <= now
    {
      entries.update(id) { $0.dueAt = now }
    }
  }

  private mutating func reject(_ lease: Lease, reason: String, report: Bool, now: Int64) {
    if case .check = lease.work { return }
    dead[DeadKey(message: lease.message, queue: lease.queue, part: lease.part)] = Dead(
      channel: lease.channel, diedAt: now, attempts: lease.attempt, reason: reason)
    switch lease.work {
    case .send:
      advance(
        PartKey(message: lease.message, number: lease.part), to: .failed, reason: reason)
      refold(lease.message, now: now, mayReport: report)
      letEchoPass(lease.key.lane.contact, now: now)
    case .post:
      messages.update(lease.message) { message in
        message.status = .failed
        message.statusSince = now
        message.reason = reason
      }
    case .report, .check: break
    }
  }

  /// Makes the lane's first entry due, now that what was before it is gone.
  mutating func promote(_ lane: Lane, now: Int64) {
    guard let (id, entry) = head(of: lane), entry.dueAt == nil else { return }
    let rank = rank(of: lane, now: now)
    entries.update(id) { entry in
      entry.dueAt = max(now, entry.earliest)
      entry.rank = rank
    }
  }
}
