import SluiceCore

/// The ledger, with someone who looks on: what it grants and takes is checked and noted.
final class WatchedLedger: LedgerWrapper, @unchecked Sendable {  // One thread per world.
  let ledger: any Ledger
  private unowned let world: World
  /// The last token that each entry was leased under.
  private var tokens: [Int64: (message: Int64, token: Int64)] = [:]
  /// `until` in milliseconds of boot time: wall time that is stepped back brings no holder back.
  private var holders: [Lane: (entry: Int64, until: Int64)] = [:]
  private var exchanges = 0

  init(ledger: any Ledger, world: World) {
    self.ledger = ledger
    self.world = world
  }

  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    let receipt = try ledger.record(webhook)
    if !receipt.isRefused {
      for (event, id) in webhook.events { world.book.accepted(event, id, by: webhook) }
    }
    return receipt
  }

  func enqueue(
    _ message: OutboundMessage, leasingFor lease: LeaseTerms?
  ) throws(LedgerError) -> Enqueued {
    let enqueued = try ledger.enqueue(message, leasingFor: lease)
    guard case .queued(let granted) = enqueued else { return enqueued }
    world.book.accepted(message)
    if let granted { grant(granted) }
    return enqueued
  }

  func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    let result = try ledger.exchange(exchange)
    for settlement in exchange.settlements {
      let lease = settlement.lease
      let isFenced = result.fenced.contains {
        $0.lease.key.id == lease.key.id && $0.lease.token == lease.token
          && $0.lease.message == lease.message
      }
      world.note(
        "\(isFenced ? "refused" : "recorded"): \(lease.queue) \(lease.id).\(lease.part) \(settlement.fate)"
      )
      guard !isFenced else { continue }
      if let last = tokens[lease.key.id], last.message == lease.message, last.token != lease.token {
        world.fail(
          .fence,
          "the result of lease \(lease.token) of \(lease.queue) \(lease.id).\(lease.part) was"
            + " recorded, although lease \(last.token) came after it")
      }
      if holders[lease.key.lane]?.entry == lease.key.id { holders[lease.key.lane] = nil }
      world.book.settled(settlement)
    }
    for lease in result.leases { grant(lease) }
    exchanges += 1
    if exchanges % 16 == 0, let queue = world.inMemory?.miscounted.first {
      world.fail(.backlog, "\(queue.channel) counts \(queue.queued) in \(queue.queue)")
    }
    return result
  }

  private func grant(_ lease: Lease) {
    world.note(
      "leased: \(lease.queue) \(lease.id).\(lease.part), attempt \(lease.attempt)"
        + (lease.isTakenOver ? ", taken over" : "")
        + (lease.unknownSince == nil ? "" : ", unknown"))
    if let holder = holders[lease.key.lane], holder.until > Int64(world.boot / 1_000_000),
      holder.entry != lease.key.id
    {
      world.fail(
        .exclusive,
        "\(lease.queue) \(lease.id).\(lease.part) was leased while the entry before it was held")
    }
    holders[lease.key.lane] = (lease.key.id, lease.bootEnd)
    tokens[lease.key.id] = (lease.message, lease.token)
    world.book.leased(lease)
  }
}
