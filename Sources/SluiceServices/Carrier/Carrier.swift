import Logging
import SluiceCore

/// What moves messages: leases the heads of due lanes, calls platform and providers in the slots
/// that their buckets allow, and records what came of it. Runs under one of four budgets: for ever
/// (the relay), until nothing is due (cron), for a while after a handler's answer, or for one
/// message before the answer. Belongs to one thread.
///
/// One pass of the loop is one transaction: what ended since the last one is settled, and what can
/// be begun is leased, in a single commit.
package final class Carrier {
  private let context: ServiceContext
  private let transport: any CallTransport
  private let wake: WakeListener?
  private var random = SystemRandomNumberGenerator()

  private var agenda = Agenda()
  /// Leased, and waiting for a slot.
  private var held: [SlotKey: [Lease]] = [:]
  /// With a slot in the near future.
  private var departing: [(slot: UInt64, lease: Lease, channel: ChannelSettings)] = []
  private var calls: [UInt64: Call] = [:]
  private var settlements: [Settlement] = []
  private var nextTicket: UInt64 = 0
  private var nextScan: UInt64 = 0
  /// No slot before then, boot time: what the limiter said last.
  private var blocked: [SlotKey: UInt64] = [:]

  private struct SlotKey: Hashable {
    let channel: ChannelName
    let destination: Destination
  }

  private struct Call {
    let lease: Lease
    let channel: ChannelSettings
    let startedAt: Int64
  }

  package init(context: ServiceContext, transport: any CallTransport, wake: WakeListener? = nil) {
    self.context = context
    self.transport = transport
    self.wake = wake
  }

  /// How long a carrier works.
  package enum Budget {
    /// Until a stop is asked for.
    case forever
    /// Until nothing is due, or the time (boot, nanoseconds) has come.
    case untilIdle(deadline: UInt64)
  }

  /// Works until the budget is used up; everything leased is settled or given back by then.
  package func run(_ budget: Budget) throws(LedgerError) {
    while !StopSignal.isRequested {
      let now = context.clocks.boot
      if case .untilIdle(let deadline) = budget, now >= deadline { break }
      do throws(LedgerError) {
        try scan(now: now)
        try exchange()
      } catch {
        guard case .forever = budget, error.isPassing else { throw error }
        context.log.error("the ledger refuses", metadata: ["problem": "\(error)"])
        collect(until: now + Self.longestWait)
        continue
      }
      depart()
      if case .untilIdle = budget, isIdle { break }
      collect(until: nextMoment)
    }
    try finish()
  }

  /// Looks at a channel's queues at once.
  package func note(_ channel: ChannelName) {
    for queue in Queue.allCases {
      agenda.look(Agenda.Key(channel: channel, queue: queue), at: context.clocks.wall)
    }
  }

  private var isIdle: Bool {
    held.isEmpty && departing.isEmpty && calls.isEmpty && settlements.isEmpty
      && !agenda.hasLook(before: context.clocks.wall + Self.nearlyDue)
  }

  // MARK: One message, for the handler that accepted it

  /// How far a message got while its handler waited.
  package enum Attempted: Equatable {
    case accepted
    case rejected(reason: String)
    case open
  }

  /// Works on `lease`, and then on the other parts of its message, until all are taken, one is
  /// refused, or the deadline (boot time) has come. What is still under way then is for ``finish()``.
  package func attempt(_ lease: Lease, parts: Int, deadline: UInt64) throws(LedgerError)
    -> Attempted
  {
    var lease = lease
    while true {
      agenda = Agenda()  // Other lanes are other carriers' work.
      hold([lease])
      var fate: Settlement.Fate?
      while fate == nil {
        depart()
        let now = context.clocks.boot
        // No slot before the deadline: the relay's work.
        if now >= deadline || nextMoment > deadline && calls.isEmpty { return .open }
        collect(until: min(nextMoment, deadline))
        fate = settlements.first?.fate
      }
      settlements = settlements.map(\.answeredByHandler)
      let isLast = lease.key.part + 1 == parts
      let request = LeaseRequest(
        channel: lease.channel, queue: .outbound, count: 1, lane: lease.key.lane)
      let isTaken = if case .acknowledge = fate { true } else { false }
      let result = try settle(leasing: isTaken && !isLast ? [request] : [])
      switch fate {
      case .acknowledge where isLast: return .accepted
      case .acknowledge:
        guard let next = result.leases.first, next.id == lease.id else { return .open }
        lease = next
      case .reject(let reason, _): return .rejected(reason: reason)
      default: return .open
      }
    }
  }

  /// Waits for the calls under way, and gives back what was not begun. After a stop was asked for
  /// it waits no longer than the grace; what is then still open is found when its lease runs out.
  package func finish() throws(LedgerError) {
    let grace = context.clocks.boot + Self.grace
    while !calls.isEmpty, !StopSignal.isRequested || context.clocks.boot < grace {
      collect(until: context.clocks.boot + Self.longestWait)
    }
    let now = context.clocks.wall
    let unbegun = held.values.flatMap { $0 } + departing.map(\.lease)
    held.removeAll()
    departing.removeAll()
    settlements += unbegun.map { Settlement(lease: $0, fate: .release(at: now), attempt: nil) }
    if !settlements.isEmpty { _ = try settle(leasing: []) }
  }

  // MARK: The ledger

  /// Finds queues that nobody woke us for: retries, leases that ran out, work of a time before us.
  private func scan(now: UInt64) throws(LedgerError) {
    for channel in wake?.read() ?? [] { note(channel) }
    guard now >= nextScan else { return }
    nextScan = now + Self.scanInterval
    let wall = context.clocks.wall
    let found = try context.ledger.dueChannels(now: wall)
    for (channel, queue) in found.due {
      agenda.look(Agenda.Key(channel: channel, queue: queue), at: wall)
    }
  }

  /// Settles what ended, and leases as much as slots and hands are free for.
  private func exchange() throws(LedgerError) {
    while true {
      let (requests, leavesOut) = plan()
      guard !requests.isEmpty || !settlements.isEmpty else { return }
      let result = try settle(leasing: requests)
      for (request, nextDue) in zip(requests, result.nextDue) {
        agenda.replace(Agenda.Key(channel: request.channel, queue: request.queue), with: nextDue)
      }
      hold(result.leases)
      // Room that was kept for entries which are not there is for the queues that were left out:
      // a wake names a channel, and most often only one of its queues has anything.
      let wanted = requests.reduce(0) { $0 + $1.count }
      guard leavesOut, result.leases.count < wanted else { return }
    }
  }

  private func settle(leasing requests: [LeaseRequest]) throws(LedgerError) -> ExchangeResult {
    let now = context.clocks.wall
    let terms = LeaseTerms(
      now: now, until: now + Int64(context.settings.relay.leaseSeconds * 1_000))
    let settled = settlements
    settlements.removeAll()
    let result: ExchangeResult
    do throws(LedgerError) {
      result = try context.ledger.exchange(
        Exchange(settlements: settled, requests: requests, terms: terms))
    } catch {
      settlements = settled  // Nothing was recorded: the next pass tries again.
      throw error
    }
    for settlement in result.fenced {
      context.log.warning(
        "result came after its lease", metadata: ["mid": "\(settlement.lease.id)"])
    }
    return result
  }

  /// - Returns: What to lease, and whether queues that are due were left out for want of room.
  private func plan() -> (requests: [LeaseRequest], leavesOut: Bool) {
    let now = context.clocks.boot
    let wall = context.clocks.wall
    var room = context.settings.relay.inFlight - calls.count - departing.count
    room -= held.values.reduce(0) { $0 + $1.count }
    var requests: [LeaseRequest] = []
    for key in agenda.due(now: wall) {
      guard room > 0 else { return (requests, true) }
      let slots = SlotKey(channel: key.channel, destination: key.queue.destination)
      guard let channel = context.channel(key.channel) else {
        agenda.replace(key, with: wall + 10_000)
        continue
      }
      if let until = blocked[slots], until > now + Self.patience {
        agenda.replace(key, with: wall + Int64((until - now) / 1_000_000))
        continue
      }
      let wanted = Self.stock(channel.bucket(for: slots.destination)) - (held[slots]?.count ?? 0)
      guard wanted > 0 else { continue }
      let count = min(wanted, room)
      room -= count
      requests.append(LeaseRequest(channel: key.channel, queue: key.queue, count: count))
    }
    return (requests, false)
  }

  /// How many leases of one channel to hold ready: what leaves within a fifth of a second, so that
  /// a commit is shared by several calls and a killed relay takes few leases along.
  private static func stock(_ bucket: TokenBucket) -> Int {
    bucket.interval == 0 ? .max : Int(max(2, min(200_000_000 / bucket.interval, 256)))
  }

  private func hold(_ leases: [Lease]) {
    for lease in leases {
      held[SlotKey(channel: lease.channel, destination: lease.queue.destination), default: []]
        .append(lease)
    }
  }

  // MARK: Calls

  /// Takes slots for what is held, and begins the calls whose slot has come.
  private func depart() {
    for (key, leases) in held {
      guard let channel = context.channel(key.channel) else {
        held[key] = nil
        let at = context.clocks.wall + 10_000
        settlements += leases.map { Settlement(lease: $0, fate: .release(at: at), attempt: nil) }
        continue
      }
      var taken = 0
      while taken < leases.count {
        let now = context.clocks.boot
        if let until = blocked[key], until > now { break }
        let reservation = context.limiter.reserve(
          key.destination, of: key.channel, bucket: channel.bucket(for: key.destination), now: now,
          horizon: Self.horizon)
        guard case .slot(let slot) = reservation else {
          if case .wait(let until) = reservation { blocked[key] = until }
          break
        }
        departing.append((slot, leases[taken], channel))
        taken += 1
      }
      giveBackIfBlocked(key, waiting: Array(leases.dropFirst(taken)))
    }
    let now = context.clocks.boot
    guard departing.contains(where: { $0.slot <= now }) else { return }
    let leaving = departing.filter { $0.slot <= now }
    departing.removeAll { $0.slot <= now }
    for (slot, lease, channel) in leaving { begin(lease, slot: slot, channel: channel) }
  }

  /// Leases that no slot will be found for soon are given back: by the time there is one they might
  /// have run out.
  private func giveBackIfBlocked(_ key: SlotKey, waiting: [Lease]) {
    guard !waiting.isEmpty else {
      held[key] = nil
      return
    }
    let now = context.clocks.boot
    guard let until = blocked[key], until > now + Self.patience else {
      held[key] = waiting
      return
    }
    held[key] = nil
    let at = context.clocks.wall + Int64((until - now) / 1_000_000)
    settlements += waiting.map { Settlement(lease: $0, fate: .release(at: at), attempt: nil) }
  }

  private func begin(_ lease: Lease, slot: UInt64, channel: ChannelSettings) {
    let startedAt = context.clocks.wall
    // A time-out that outlasts the lease would let another carrier call meanwhile.
    let timeout = min(
      channel.timeoutSeconds(for: lease.queue.destination),
      Double(lease.expiresAt - startedAt) / 1_000 - Self.leaseMargin)
    if case .report(.sent, _, _) = lease.work, !channel.postSent {
      settlements.append(
        Settlement(lease: lease, fate: .acknowledge(externalID: nil), attempt: nil))
    } else if timeout <= 0 {
      settlements.append(Settlement(lease: lease, fate: .release(at: startedAt), attempt: nil))
    } else if let call = SettlementPolicy.call(for: lease, channel: channel) {
      nextTicket += 1
      calls[nextTicket] = Call(lease: lease, channel: channel, startedAt: startedAt)
      let (limiter, clocks) = (context.limiter, context.clocks)
      transport.begin(call, ticket: nextTicket, timeout: timeout) {
        let now = clocks.boot
        guard now > slot + TokenBucket.tolerance else { return }
        let destination = lease.queue.destination
        limiter.charge(
          destination, of: lease.channel, bucket: channel.bucket(for: destination), slot: slot,
          now: now)
      }
    } else {
      conclude(Call(lease: lease, channel: channel, startedAt: startedAt), result: nil)
    }
  }

  private func collect(until time: UInt64) {
    var descriptors = [StopSignal.descriptor]
    if let wake { descriptors.append(wake.descriptor) }
    if StopSignal.isRequested { descriptors = [] }
    for (ticket, result) in transport.wait(until: time, waking: descriptors) {
      guard let call = calls.removeValue(forKey: ticket) else { continue }
      conclude(call, result: result)
    }
  }

  private func conclude(_ call: Call, result: CallResult?) {
    let (lease, channel) = (call.lease, call.channel)
    let now = context.clocks.wall
    let decision = SettlementPolicy.decide(
      lease, result: result, channel: channel, startedAt: call.startedAt, now: now, using: &random)
    settlements.append(
      Settlement(lease: lease, fate: decision.fate, attempt: decision.attempt))
    let destination = lease.queue.destination
    context.limiter.count(decision.event, destination, of: lease.channel)
    if let pause = decision.pause {
      let boot = context.clocks.boot
      context.limiter.hold(
        destination, of: lease.channel, until: boot + UInt64(pause * 1e9), now: boot)
    }
    if decision.event != .accepted {
      context.log.notice(
        "call not accepted",
        metadata: [
          "mid": "\(lease.id)", "channel": "\(lease.channel)", "to": "\(destination)",
          "attempt": "\(lease.attempt)", "status": "\(decision.attempt.httpStatus ?? 0)",
          "detail": "\(decision.attempt.detail.prefix(200))",
        ])
    }
    // The lane moves on, and a provider's answer may have a status for the platform behind it.
    agenda.look(Agenda.Key(channel: lease.channel, queue: lease.queue), at: now)
    if lease.queue == .outbound {
      agenda.look(Agenda.Key(channel: lease.channel, queue: .status), at: now)
    }
  }

  /// When something is to be done even if no call ends, boot time. What is due and was not leased
  /// waits for a slot or a free hand, and those are moments of their own.
  private var nextMoment: UInt64 {
    let now = context.clocks.boot
    if !settlements.isEmpty { return now }
    var moment = now + Self.longestWait
    for (slot, _, _) in departing { moment = min(moment, slot) }
    for key in held.keys { moment = min(moment, blocked[key] ?? now) }
    if nextScan > 0 { moment = min(moment, max(nextScan, now)) }
    let wall = context.clocks.wall
    if let look = agenda.next(after: wall) {
      moment = min(moment, now + UInt64(look - wall) * 1_000_000)
    }
    return moment
  }

  /// Nanoseconds: how far ahead a slot is reserved. Enough to cover a wait of whole milliseconds,
  /// and less than an interval at 20 per second.
  private static let horizon: UInt64 = 30_000_000
  /// Nanoseconds without a slot after which leases are given back.
  private static let patience: UInt64 = 2_000_000_000
  private static let scanInterval: UInt64 = 1_000_000_000
  private static let longestWait: UInt64 = 1_000_000_000
  /// Nanoseconds that calls under way get after a stop was asked for.
  private static let grace: UInt64 = 8_000_000_000
  /// Seconds between the end of the longest call and the end of its lease.
  private static let leaseMargin = 0.5
  /// Milliseconds: what falls due that soon is waited for before a carrier calls itself idle.
  private static let nearlyDue: Int64 = 500
}

extension Settlement {
  /// The same, where `/message` itself tells the platform of a failure: a status would refer to an
  /// mId that was never returned.
  fileprivate var answeredByHandler: Settlement {
    guard case .reject(let reason, _) = fate else { return self }
    return Settlement(
      lease: lease, fate: .reject(reason: reason, reportFailure: false), attempt: attempt)
  }
}
