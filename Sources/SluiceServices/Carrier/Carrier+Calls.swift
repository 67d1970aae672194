import Logging
import SluiceCore

// Slots, calls, and what came of them.

extension Carrier {
  /// Takes slots for what is held, and begins the calls whose slot has come.
  func depart() {
    giveUpMissedSlots()
    // In an order of its own, so that the same history gives the same calls in every process.
    for key in held.keys.sorted() {
      let prepared = withoutOld(held[key] ?? [])
      var taken = 0
      while taken < prepared.count,
        calls.count + departing.count < context.settings.relay.inFlight,
        let departure = departure(of: prepared[taken], key)
      {
        departing.append(departure)
        taken += 1
      }
      giveBackIfBlocked(key, waiting: Array(prepared.dropFirst(taken)))
    }
    let now = context.clocks.boot
    guard departing.contains(where: { $0.slot <= now }) else { return }
    let leaving = departing.filter { $0.slot <= now }
    departing.removeAll { $0.slot <= now }
    for departure in leaving { begin(departure) }
  }

  /// Gives back what has waited for its slot for most of its lease, so that slots are left to what can
  /// still use them: where more leases are held than slots come in their time, all of them would run
  /// out one after the other, each in the very slot it waited for.
  private func withoutOld(_ waiting: [Prepared]) -> [Prepared] {
    let share = context.settings.relay.leaseSeconds / 4
    var good: [Prepared] = []
    for prepared in waiting {
      let timeout = prepared.channel.timeoutSeconds(for: prepared.lease.destination)
      if secondsLeft(prepared) >= min(timeout, share) {
        good.append(prepared)
      } else {
        unload(prepared.slotKey)
        settlements.append(
          Settlement(
            lease: prepared.lease, fate: .release(at: context.clocks.wall), attempt: nil))
      }
    }
    return good
  }

  /// A slot that was missed by far is nobody's any more: the process stood still, or the ledger
  /// refused for a while. What was to leave in it takes another, before what is behind it.
  private func giveUpMissedSlots() {
    let now = context.clocks.boot
    for missed in departing.reversed() where missed.slot + Self.longestDelay < now {
      held[missed.prepared.slotKey, default: []].insert(missed.prepared, at: 0)
    }
    departing.removeAll { $0.slot + Self.longestDelay < now }
  }

  /// A slot for `prepared`; `nil` if there is none now, and `blocked` then says until when.
  private func departure(of prepared: Prepared, _ key: SlotKey) -> Departing? {
    let now = context.clocks.boot
    if let until = blocked[key], until > now { return nil }
    let admission = context.limiter.admission(key.destination, of: key.channel, now: now)
    if case .refused(let until) = admission {
      // Our own probe's result is known long before the time for which it keeps others away.
      blocked[key] = isProbing(key) ? min(until, now + Self.probeWait) : until
      refused[key] = now + Self.probeWait
      return nil
    }
    let reservation = context.limiter.reserve(
      key.destination, of: key.channel, bucket: prepared.channel.bucket(for: key.destination),
      now: now, horizon: Self.horizon)
    switch reservation {
    case .wait(let until):
      blocked[key] = until
      return nil
    case .slot(let slot):
      guard admission == .probe else {
        return Departing(slot: slot, prepared: prepared, isProbe: false)
      }
      guard context.limiter.claimProbe(key.destination, of: key.channel, now: now) else {
        (blocked[key], refused[key]) = (now + Self.probeWait, now + Self.probeWait)
        return nil
      }
      return Departing(slot: slot, prepared: prepared, isProbe: true)
    }
  }

  private func isProbing(_ key: SlotKey) -> Bool {
    calls.values.contains { $0.isProbe && $0.prepared.slotKey == key }
      || departing.contains { $0.isProbe && $0.prepared.slotKey == key }
  }

  /// Leases that no slot will be found for soon are given back: by the time there is one they might
  /// have run out.
  private func giveBackIfBlocked(_ key: SlotKey, waiting: [Prepared]) {
    guard !waiting.isEmpty else {
      held[key] = nil
      return
    }
    let now = context.clocks.boot
    let waiting = givingOver(waiting, from: key)
    guard let until = blocked[key], until > now + Self.patience else {
      held[key] = waiting.isEmpty ? nil : waiting
      return
    }
    held[key] = nil
    let at = context.clocks.wall + Int64((until - now) / 1_000_000)
    for prepared in waiting {
      unload(key)
      // No later than it is given up: nobody looks at what is not due.
      let lease = prepared.lease
      let end = lease.enqueuedAt + prepared.channel.maximumAge(for: lease.queue)
      settlements.append(
        Settlement(lease: lease, fate: .release(at: min(at, end)), attempt: nil))
    }
  }

  /// Gives back what was leased for the main account before that went down, if the fallback can have it.
  /// - Returns: What only this account can send, or be asked about.
  private func givingOver(_ waiting: [Prepared], from key: SlotKey) -> [Prepared] {
    guard key.destination == .provider, isDown(key),
      !isDown(SlotKey(channel: key.channel, destination: .fallback))
    else { return waiting }
    let now = context.clocks.wall
    return waiting.filter { prepared in
      guard prepared.channel.fallback != nil, prepared.lease.queue == .outbound,
        !prepared.lease.isBound
      else { return true }
      unload(key)
      settlements.append(
        Settlement(lease: prepared.lease, fate: .release(at: now), attempt: nil))
      return false
    }
  }

  /// Seconds that a call for `prepared` may take, by both clocks: wall time may be stepped back.
  private func secondsLeft(_ prepared: Prepared) -> Double {
    let byWall = Double(prepared.lease.expiresAt - context.clocks.wall) / 1_000
    let byBoot = Double(prepared.lease.bootEnd) / 1e3 - Double(context.clocks.boot) / 1e9
    return min(byWall, byBoot) - Self.leaseMargin
  }

  private func begin(_ departure: Departing) {
    let prepared = departure.prepared
    let lease = prepared.lease
    let startedAt = context.clocks.wall
    // A time-out that outlasts the lease would let another carrier call meanwhile.
    let timeout = min(
      prepared.channel.timeoutSeconds(for: lease.destination),
      secondsLeft(prepared))
    guard timeout > 0 else {
      unload(prepared.slotKey)
      settlements.append(Settlement(lease: lease, fate: .release(at: startedAt), attempt: nil))
      return
    }
    nextTicket += 1
    let now = context.clocks.boot
    context.meters.record(.slot(lease.destination), nanoseconds: now - prepared.since)
    calls[nextTicket] = Call(
      prepared: prepared, isProbe: departure.isProbe, startedAt: startedAt, began: now)
    let (ticket, slot) = (nextTicket, departure.slot)
    transport.begin(prepared.call, ticket: ticket, timeout: timeout) { [weak self] in
      self?.left(ticket, slot: slot) ?? false
    }
  }

  /// A request is on its way: what waits for the next slot no longer has to wait for it, however long
  /// its answer takes.
  /// - Returns: Whether there is more to lease for that slot.
  private func left(_ ticket: UInt64, slot: UInt64) -> Bool {
    guard let prepared = calls[ticket]?.prepared else { return false }
    calls[ticket]?.hasLeft = true
    let key = prepared.slotKey
    unload(key)
    underWay[key, default: 0] += 1
    let (now, bucket) = (context.clocks.boot, prepared.channel.bucket(for: key.destination))
    if now > slot + TokenBucket.tolerance {
      context.limiter.charge(
        key.destination, of: key.channel, bucket: bucket, slot: slot, now: now)
    }
    // Where more are held ready than there are hands, it is the next answer that makes room.
    guard Self.stock(bucket) < context.settings.relay.inFlight,
      agenda.isDue(key.channel, prepared.lease.queue, now: context.clocks.wall)
    else { return false }
    hasRoomLeft = true
    return true
  }

  func conclude(_ call: Call, result: CallResult) {
    let prepared = call.prepared
    let key = prepared.slotKey
    if call.hasLeft { underWay.lower(key) } else { unload(key) }
    let now = context.clocks.boot
    context.meters.record(.call(key.destination), nanoseconds: now - call.began)
    if takeToken(prepared, result) {
      context.limiter.note(
        success: true, isProbe: call.isProbe, key.destination, of: key.channel, now: now)
      return hold([prepared.lease])
    }
    let decision = SettlementPolicy.decide(
      prepared.lease, prepared.kind, result: result, channel: prepared.channel,
      startedAt: call.startedAt, now: context.clocks.wall, using: &random)
    if let pause = decision.pause {
      context.limiter.hold(
        key.destination, of: key.channel, until: now + UInt64(pause * 1e9), now: now)
    }
    if decision.health != .unknown {
      context.limiter.note(
        success: decision.health == .answers, isProbe: call.isProbe, key.destination,
        of: key.channel, now: now)
    }
    record(decision, of: prepared.lease)
  }

  /// Settles a lease as decided, and says what is worth saying.
  func record(_ decision: SettlementPolicy.Decision, of lease: Lease) {
    settlements.append(
      Settlement(lease: lease, fate: decision.fate, attempt: decision.attempt))
    if let event = decision.event {
      count(event, of: lease)
      logEnd(of: lease, event, decision)
    }
    // The lane moves on, and a provider's answer may have a status for the platform behind it.
    let now = context.clocks.wall
    agenda.look(Agenda.Key(channel: lease.channel, queue: lease.queue), at: now)
    if lease.queue.destination == .provider {
      agenda.look(Agenda.Key(channel: lease.channel, queue: .status), at: now)
      agenda.look(Agenda.Key(channel: lease.channel, queue: .inbound), at: now)
    }
  }

  /// The answer itself is for the ledger alone: it may quote a message's text.
  private func logEnd(
    of lease: Lease, _ event: CountedEvent, _ decision: SettlementPolicy.Decision
  ) {
    let isAccepted = event == .delivered
    context.log.log(
      level: isAccepted ? .debug : .notice, isAccepted ? "call accepted" : "call not accepted",
      metadata: [
        "mid": "\(lease.id)", "channel": "\(lease.channel)", "to": "\(lease.queue.destination)",
        "contact": .stringConvertible(Masked(lease.contact)), "attempt": "\(lease.attempt)",
        "status": "\(decision.attempt?.httpStatus ?? 0)",
        "detail": .stringConvertible(
          Masked(
            text: isAccepted ? "" : String(decision.reason?.prefix(200) ?? ""),
            about: lease.contact)),
      ])
  }

  private func count(_ event: CountedEvent, of lease: Lease) {
    guard event == .delivered else {
      return context.meters.count(event, lease.queue, of: lease.channel)
    }
    context.meters.count(
      event, lease.queue, of: lease.channel, times: 1 + lease.followers.count)
    guard lease.queue != .check else { return }
    let age = max(context.clocks.wall - lease.enqueuedAt, 0)
    context.meters.record(.delivery(lease.queue), nanoseconds: UInt64(age) * 1_000_000)
  }

  /// Nanoseconds: how far ahead a slot is reserved. Enough to cover a wait of whole milliseconds,
  /// and less than an interval at 20 per second.
  private static let horizon: UInt64 = 30_000_000
  /// Nanoseconds after which a call no longer leaves in its slot.
  private static let longestDelay: UInt64 = 250_000_000
  /// Nanoseconds without a slot after which leases are given back.
  static let patience: UInt64 = 2_000_000_000
  /// Nanoseconds until the breaker is asked again, where somebody else probes.
  static let probeWait: UInt64 = 1_000_000_000
  /// Seconds between the end of the longest call and the end of its lease.
  private static let leaseMargin = 0.5
}
