import SluiceCore

/// Decisions broken on purpose, to see that the simulation notices. None of them touches what ships:
/// each stands between a real part and its user.
package enum Mutation: String, CaseIterable, Sendable {
  case lateResults = "the result of a lease that has passed on is accepted"
  case backwardStatus = "a status may move backward"
  case repeatedUnknown = "a part is sent again after an unknown outcome"
  case earlyAcknowledgement = "a webhook is acknowledged before its commit"
  case hastyTexts = "a text that is not whole waits for nothing"
  case looseLimit = "the bucket lets one call more into a second"
}

/// Gives each result the token that its entry has now.
final class LateResults: LedgerWrapper, @unchecked Sendable {  // One thread per world.
  let ledger: any Ledger
  private var tokens: [Int64: Int64] = [:]

  init(ledger: any Ledger) { self.ledger = ledger }

  func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    let settlements = exchange.settlements.map { settlement in
      Settlement(
        lease: settlement.lease.with(
          token: tokens[settlement.lease.key.id] ?? settlement.lease.token),
        fate: settlement.fate, attempt: settlement.attempt)
    }
    let result = try ledger.exchange(
      Exchange(settlements: settlements, requests: exchange.requests, terms: exchange.terms))
    for lease in result.leases { tokens[lease.key.id] = lease.token }
    return result
  }
}

/// Forgets that an outcome is unknown.
struct RepeatedUnknown: LedgerWrapper {
  let ledger: any Ledger

  func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    let settlements = exchange.settlements.map { settlement in
      guard case .await(let at) = settlement.fate else { return settlement }
      return Settlement(lease: settlement.lease, fate: .retry(at: at), attempt: settlement.attempt)
    }
    return try ledger.exchange(
      Exchange(settlements: settlements, requests: exchange.requests, terms: exchange.terms))
  }
}

/// Says that a webhook is kept, and keeps it a little later; if the process still lives then.
final class EarlyAcknowledgement: LedgerWrapper, @unchecked Sendable {  // One thread per world.
  let ledger: any Ledger
  private unowned let world: World

  init(ledger: any Ledger, world: World) {
    self.ledger = ledger
    self.world = world
  }

  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    world.after(20) { [self] in
      // The same errors that would have refused it.
      guard world.ledgerErrors == nil, !world.random.chance(0.02) else { return }
      _ = try? ledger.record(webhook)
    }
    return WebhookReceipt(accepted: webhook.events.count)
  }
}

/// Gives pieces of texts no time.
struct HastyTexts: LedgerWrapper {
  let ledger: any Ledger

  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    try ledger.record(
      WebhookRecord(
        channel: webhook.channel, receivedAt: webhook.receivedAt, contentType: webhook.contentType,
        body: webhook.body, events: webhook.events,
        terms: IntakeTerms(
          maximumQueued: webhook.terms.maximumQueued, repeatWindow: webhook.terms.repeatWindow,
          joinWindow: 1)))
  }
}

/// A bucket of one call more a second.
struct LooseLimit: RateLimiter {
  let limiter: any RateLimiter

  private func loose(_ bucket: TokenBucket) -> TokenBucket {
    guard bucket.interval > 0 else { return bucket }
    return TokenBucket(limitPerSecond: 1e9 / Double(bucket.interval) / 0.975 + 1)
  }

  func reserve(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, now: UInt64,
    horizon: UInt64
  ) -> Reservation {
    limiter.reserve(destination, of: channel, bucket: loose(bucket), now: now, horizon: horizon)
  }
  func charge(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, slot: UInt64,
    now: UInt64
  ) {
    limiter.charge(destination, of: channel, bucket: loose(bucket), slot: slot, now: now)
  }
  func hold(_ destination: Destination, of channel: ChannelName, until time: UInt64, now: UInt64) {
    limiter.hold(destination, of: channel, until: time, now: now)
  }
  func admission(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Admission {
    limiter.admission(destination, of: channel, now: now)
  }
  func claimProbe(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Bool {
    limiter.claimProbe(destination, of: channel, now: now)
  }
  func note(
    success: Bool, isProbe: Bool, _ destination: Destination, of channel: ChannelName, now: UInt64
  ) {
    limiter.note(success: success, isProbe: isProbe, destination, of: channel, now: now)
  }
}

extension Lease {
  fileprivate func with(token: Int64) -> Lease {
    Lease(
      key: key, channel: channel, message: message, part: part, token: token, attempt: attempt,
      isTakenOver: isTakenOver, unknownSince: unknownSince, expiresAt: expiresAt,
      bootEnd: bootEnd, enqueuedAt: enqueuedAt, id: id, contact: contact, work: work,
      followers: followers)
  }
}
