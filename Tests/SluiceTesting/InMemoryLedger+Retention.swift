import SluiceCore

// Dead letters, their way back, and what is forgotten.

extension InMemoryLedger.Tables {
  mutating func hasten(_ delays: LongestDelays) -> Int {
    let mayBeHidden =
      entries.all.contains { isHidden($0.1, delays) }
      || unfiled.contains { $0.receivedAt > delays.now + 1_000 }
    guard mayBeHidden else { return 0 }
    file()
    let hidden = entries.all.filter { isHidden($0.1, delays) }.map(\.0)
    for id in hidden {
      entries.update(id) { entry in
        entry.dueAt = entry.isLeased ? delays.now + delays.lease : delays.now
        entry.unknownSince = entry.unknownSince.map { min($0, delays.now) }
        entry.enqueuedAt = min(entry.enqueuedAt, delays.now)
      }
    }
    return hidden.count
  }

  private func isHidden(_ entry: Entry, _ delays: LongestDelays) -> Bool {
    guard let dueAt = entry.dueAt, dueAt > delays.now, entry.lane.queue != .check else {
      return false
    }
    if entry.isLeased { return dueAt > delays.now + delays.lease + 1_000 }
    let future = delays.now + 1_000
    if entry.enqueuedAt > future || entry.unknownSince ?? 0 > future { return true }
    return dueAt > delays.now + (entry.unknownSince == nil ? delays.retry : delays.unknown)
  }

  /// Oldest first.
  func deadLetters(_ filter: DeadLetterFilter) -> [(letter: DeadLetter, message: Int64)] {
    var found: [(letter: DeadLetter, message: Int64)] = []
    for (key, dead) in dead {
      guard let message = messages[key.message], filter.id ?? message.id == message.id,
        filter.channel ?? dead.channel == dead.channel, filter.queue ?? key.queue == key.queue,
        filter.contact ?? message.contact == message.contact,
        dead.diedAt >= filter.diedFrom ?? .min, dead.diedAt < filter.diedBefore ?? .max
      else { continue }
      let last = attempts[key]?.record
      let letter = DeadLetter(
        id: message.id, channel: dead.channel, queue: key.queue, contact: message.contact,
        part: key.part, diedAt: dead.diedAt, attempts: dead.attempts, reason: dead.reason,
        httpStatus: last?.httpStatus, answer: last?.detail)
      found.append((letter, key.message))
    }
    return found.sorted {
      ($0.letter.diedAt, $0.message, $0.letter.part, $0.letter.queue.rawValue)
        < ($1.letter.diedAt, $1.message, $1.letter.part, $1.letter.queue.rawValue)
    }
  }

  mutating func replay(_ filter: DeadLetterFilter, limit: Int, now: Int64) -> Int {
    file()
    let found = deadLetters(filter).prefix(limit)
    for (letter, message) in found {
      let lane = Lane(channel: letter.channel, queue: letter.queue, contact: letter.contact)
      dead[DeadKey(message: message, queue: letter.queue, part: letter.part)] = nil
      var numbers = [letter.part]
      if letter.queue == .outbound { numbers = requeueParts(of: message, from: letter.part) }
      for number in numbers {
        append(
          to: lane, message: message, part: number, channel: letter.channel,
          rank: rank(of: lane, now: now), now: now)
      }
      guard letter.queue == .inbound || letter.queue == .outbound else { continue }
      messages.update(message) { message in
        message.status = .queued
        message.statusSince = now
        message.reason = nil
      }
      if letter.queue == .outbound { refold(message, now: now, mayReport: true) }
    }
    return found.count
  }

  /// The part that died, unless a callback has said since that it was sent after all, and those
  /// behind it that were never sent; all of them queued again.
  private mutating func requeueParts(of message: Int64, from first: Int) -> [Int] {
    var numbers: [Int] = []
    var number = first
    while let part = parts[PartKey(message: message, number: number)] {
      let isUnsent = part.status == .queued || number == first && part.status == .failed
      if isUnsent { numbers.append(number) }
      number += 1
    }
    for number in numbers {
      parts[PartKey(message: message, number: number)]?.status = .queued
      parts[PartKey(message: message, number: number)]?.reason = nil
    }
    return numbers
  }

  mutating func drop(_ filter: DeadLetterFilter, limit: Int) -> Int {
    let found = deadLetters(filter).prefix(limit)
    for (letter, message) in found {
      dead[DeadKey(message: message, queue: letter.queue, part: letter.part)] = nil
    }
    return found.count
  }

  mutating func prune(_ terms: PruneTerms, from mark: PruneMark) -> Pruned {
    var pruned = Pruned()
    let old = walk(messages, from: mark.message, terms) { $0.createdAt }
    for id in old.rows where !entries.all.contains(where: { $0.1.message == id }) {
      guard let message = messages[id] else { continue }
      forget(id, message)
      pruned.deleted += 1
    }
    let oldWebhooks = walk(webhooks, from: mark.webhook, terms) { $0.receivedAt }
    for id in oldWebhooks.rows { webhooks[id] = nil }
    pruned.deleted += oldWebhooks.rows.count
    pruned.next = PruneMark(message: old.next, webhook: oldWebhooks.next)
    for status in parked.filter({ $0.receivedAt < terms.parkedBefore })
      .prefix(terms.limit)
    {
      parked.removeAll { $0.name == status.name && $0.status == status.status }
      pruned.expired.append(
        ParkedStatus(
          channel: status.name.channel, externalID: status.name.externalID, status: status.status))
    }
    pruned.deleted += pruned.expired.count
    return pruned
  }

  /// - Returns: What is old behind a row, and where to go on; `nil` where the rest is young.
  private func walk<Row>(
    _ table: InMemoryLedger.Rows<Row>, from row: Int64, _ terms: PruneTerms,
    time: (Row) -> Int64
  ) -> (rows: [Int64], next: Int64?) {
    let behind = table.all.filter { $0.0 > row }.prefix(terms.limit)
    let seen = behind.prefix { !terms.isYoung(time($0.1)) }
    let isAtEnd = seen.count < behind.count || behind.count < terms.limit
    return (seen.filter { time($0.1) < terms.before }.map(\.0), isAtEnd ? nil : seen.last?.0)
  }

  private mutating func forget(_ id: Int64, _ message: Message) {
    messages[id] = nil
    messageByID[message.id] = nil
    joins[id] = nil
    if let externalID = message.externalID {
      messageByExternal[ExternalName(channel: message.channel, externalID: externalID)] = nil
    }
    var number = 0
    while let part = parts.removeValue(forKey: PartKey(message: id, number: number)) {
      number += 1
      guard let externalID = part.externalID else { continue }
      partByExternal[ExternalName(channel: part.channel, externalID: externalID)]?
        .removeAll { $0.message == id }
    }
    for key in dead.keys where key.message == id { dead[key] = nil }
    for key in attempts.keys where key.message == id { attempts[key] = nil }
  }

  var counted: [Backlog] {
    backlog.filter { $0.value > 0 }
      .sorted { ($0.key.channel, $0.key.queue.rawValue) < ($1.key.channel, $1.key.queue.rawValue) }
      .map { key, queued in
        let unknown = entries.all.count {
          $0.1.channel == key.channel && $0.1.lane.queue == key.queue && $0.1.unknownSince != nil
        }
        return Backlog(channel: key.channel, queue: key.queue, queued: queued, unknown: unknown)
      }
  }
}

extension InMemoryLedger {
  /// Queues whose counter is not what is there; none, or there is a mistake.
  package var miscounted: [Backlog] {
    let state = state
    var counts: [Tables.QueueKey: Int] = [:]
    for (_, entry) in state.entries.all {
      counts[Tables.QueueKey(channel: entry.channel, queue: entry.lane.queue), default: 0] += 1
    }
    return state.counted.filter {
      counts[Tables.QueueKey(channel: $0.channel, queue: $0.queue), default: 0] != $0.queued
    }
  }
}
