import SluiceCore

// What the handlers accepted, filed.

extension InMemoryLedger.Tables {
  mutating func record(_ webhook: WebhookRecord) -> WebhookReceipt {
    var receipt = WebhookReceipt()
    let row = webhooks.insert(Webhook(receivedAt: webhook.receivedAt))
    for (event, id) in webhook.events {
      switch event {
      case .message(let message):
        if insert(message, id: id, from: webhook) {
          receipt.accepted += 1
        } else {
          receipt.duplicates += 1
        }
      case .status(let report):
        switch apply(report, channel: webhook.channel, now: webhook.receivedAt) {
        case .changed: receipt.accepted += 1
        case .unchanged: receipt.duplicates += 1
        case .parked: receipt.parked += 1
        }
      }
    }
    if receipt.duplicates > 0, receipt.duplicates == webhook.events.count, webhook.problem == nil {
      webhooks[row] = nil
    }
    return receipt
  }

  private mutating func insert(
    _ message: InboundMessage, id: MessageID, from webhook: WebhookRecord
  ) -> Bool {
    let name = ExternalName(channel: webhook.channel, externalID: message.externalID)
    if message.isEcho {
      if let reference = message.reference, messageByID[reference.message] != nil { return false }
      if knownPart(name) != nil { return false }
    }
    let contact = ContactKey(channel: webhook.channel, contact: message.contact)
    if let providerID = message.contact.providerID {
      aliases[Alias(channel: webhook.channel, contact: message.contact)] = providerID
    }
    if message.fragment != nil {
      guard !isKnownPiece(name) else { return false }
      if join(message, name, contact, now: webhook.receivedAt) {
        preferReplies(to: contact)
        return true
      }
    }
    guard messageByExternal[name] == nil else { return false }
    let row = messages.insert(
      Message(
        id: id, channel: webhook.channel, direction: message.isEcho ? .echo : .inbound,
        contact: message.contact, contactKey: contact, externalID: message.externalID,
        createdAt: webhook.receivedAt, timestamp: message.timestamp ?? webhook.receivedAt,
        content: message.content.json.bytes, profile: message.profile?.json.bytes,
        statusSince: webhook.receivedAt))
    messageByExternal[name] = row
    append(
      to: Lane(contact: contact, queue: .inbound), message: row, part: 0, channel: webhook.channel,
      rank: 0, now: webhook.receivedAt,
      dueAt: message.fragment.map { _ in webhook.receivedAt + webhook.terms.joinWindow })
    if let fragment = message.fragment {
      joins[row] = Join(
        key: JoinKey(channel: webhook.channel, contact: message.contact, fragment: fragment),
        total: fragment.total)
      add(message, fragment, name, to: row)
    }
    if !message.isEcho { preferReplies(to: contact) }
    return true
  }

  /// The contact has written: what waits for it is bulk no longer.
  private mutating func preferReplies(to contact: ContactKey) {
    for (id, entry) in entries.all
    where entry.lane.contact == contact && entry.dueAt != nil && entry.rank > 0
      && (entry.lane.queue == .outbound || entry.lane.queue == .status)
    {
      entries.update(id) { $0.rank = 0 }
    }
  }

  /// 0 for a conversation, 1 for bulk.
  func rank(of lane: Lane, now: Int64) -> Int {
    guard lane.queue != .inbound else { return 0 }
    let wrote = messages.all.reversed().first {
      $0.1.contactKey == lane.contact && $0.1.direction == .inbound
    }
    return if let wrote, wrote.1.createdAt > now - policy.conversationWindow { 0 } else { 1 }
  }

  /// Puts an entry at the end of its lane; due at once if the lane is empty, otherwise when what is
  /// before it is done.
  /// - Parameter dueAt: Before which it is not due in either case.
  @discardableResult
  mutating func append(
    to lane: Lane, message: Int64, part: Int, channel: ChannelName, rank: Int, now: Int64,
    dueAt: Int64? = nil
  ) -> Int64 {
    let isHead = head(of: lane) == nil
    backlog[QueueKey(channel: channel, queue: lane.queue), default: 0] += 1
    return entries.insert(
      Entry(
        lane: lane, message: message, part: part, channel: channel, enqueuedAt: now, rank: rank,
        dueAt: isHead ? dueAt ?? now : nil, earliest: dueAt ?? 0, token: now))
  }

  func head(of lane: Lane) -> (Int64, Entry)? { entries.all.first { $0.1.lane == lane } }

  mutating func enqueue(_ message: OutboundMessage, leasingFor terms: LeaseTerms?) -> Enqueued {
    let lane = Lane(channel: message.channel, queue: .outbound, contact: message.contact)
    let row = messages.insert(
      Message(
        id: message.id, channel: message.channel, direction: .outbound, contact: message.contact,
        contactKey: lane.contact, externalID: nil, createdAt: message.createdAt,
        timestamp: message.createdAt, content: message.content.json.bytes, profile: nil,
        statusSince: message.createdAt))
    messageByID[message.id] = row
    let isHead = head(of: lane) == nil
    let rank = isHead ? rank(of: lane, now: message.createdAt) : 1
    var first: Int64?
    for (number, part) in message.parts.enumerated() {
      parts[PartKey(message: row, number: number)] = Part(channel: message.channel, payload: part)
      let entry = append(
        to: lane, message: row, part: number, channel: message.channel, rank: rank,
        now: message.createdAt)
      if isHead, number == 0 { first = entry }
    }
    guard let first, let terms, !isPaused(.outbound, of: message.channel) else {
      return .queued(nil)
    }
    return .queued(lease(EntryKey(lane: lane, id: first), terms: terms))
  }

  /// The same body for the same contact, within the window.
  func earlier(_ message: OutboundMessage) -> MessageID? {
    let lane = Lane(channel: message.channel, queue: .outbound, contact: message.contact)
    let content = message.content.json.bytes
    let since = message.createdAt - message.terms.repeatWindow
    return messages.all.reversed().lazy
      .filter { $0.1.contactKey == lane.contact && $0.1.direction == .outbound }
      .prefix(50)
      .first {
        $0.1.createdAt >= since && $0.1.content == content && $0.1.status != .failed
          && $0.1.contact == message.contact
      }?.1.id
  }
}
