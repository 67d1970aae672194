import Logging
import SluiceCore

/// What moves messages: leases the heads of due lanes, calls platform and providers in the slots
/// that their buckets allow, and records what came of it. Runs under one of four budgets: for ever
/// (the relay), until nothing is due (cron), for a while after a handler's answer, or for one
/// message before the answer. Belongs to one thread.
///
/// It moves in passes (``pass()``), each of which looks, decides and begins, and never waits; what
/// waits is the loop around it, here for the system's clocks, in the simulation for a virtual one.
package final class Carrier {
  var context: ServiceContext
  let transport: any CallTransport
  let exchanger: any Exchanger
  let wake: WakeListener?
  var random: any RandomNumberGenerator

  var agenda = Agenda()
  /// Leased, and waiting for a slot.
  var held: [SlotKey: [Prepared]] = [:]
  /// With a slot in the near future.
  var departing: [Departing] = []
  var calls: [UInt64: Call] = [:]
  /// Leases whose call has not left, by destination: held, departing, or waiting for a connection.
  var load: [SlotKey: Int] = [:]
  /// Calls that have left and are not answered, by destination.
  var underWay: [SlotKey: Int] = [:]
  var settlements: [Settlement] = []
  /// The exchange under way.
  var exchange: ExchangeUnderWay?
  var nextTicket: UInt64 = 0
  var nextScan: UInt64 = 0
  var steps = ClockSteps()
  /// No call before then, boot time: what limiter and breaker said last.
  var blocked: [SlotKey: UInt64] = [:]
  /// Those of them that the breaker said, and when to ask it again: somebody's probe may close it
  /// long before.
  var refused: [SlotKey: UInt64] = [:]
  var shares = FairShares()
  /// When the blocked queues were last looked through for what has grown too old, boot time.
  var nextExpiry: UInt64 = 0
  /// Whether due queues were left out for want of room that has turned out not to be needed.
  var hasRoomLeft = false
  /// Whether the ledger has something that the next exchange is to file.
  var hasUnfiled = false

  struct SlotKey: Hashable, Comparable {
    let channel: ChannelName
    let destination: Destination

    static func < (a: Self, b: Self) -> Bool {
      (a.channel, a.destination.rawValue) < (b.channel, b.destination.rawValue)
    }
  }

  /// A lease with the call it asks for.
  struct Prepared {
    let lease: Lease
    let channel: ChannelSettings
    let call: HTTPCall
    let kind: SettlementPolicy.Kind
    /// Boot time from which on it has waited for its slot.
    var since: UInt64 = 0

    var slotKey: SlotKey {
      SlotKey(channel: lease.channel, destination: lease.destination)
    }
  }

  struct Departing {
    let slot: UInt64
    let prepared: Prepared
    let isProbe: Bool
  }

  struct Call {
    let prepared: Prepared
    let isProbe: Bool
    let startedAt: Int64
    /// The same as boot time.
    let began: UInt64
    var hasLeft = false
  }

  struct ExchangeUnderWay {
    let settlements: [Settlement]
    let requests: [LeaseRequest]
    let leavesOut: Bool
  }

  /// - Parameter exchanger: `nil` runs exchanges on the carrier's own thread.
  package init(
    context: ServiceContext, transport: any CallTransport, exchanger: (any Exchanger)? = nil,
    wake: WakeListener? = nil,
    random: any RandomNumberGenerator = SystemRandomNumberGenerator()
  ) {
    self.context = context
    self.transport = transport
    self.exchanger = exchanger ?? InlineExchanger(ledger: context.ledger)
    self.wake = wake
    self.random = random
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
      context.refresh()
      if case .untilIdle(let deadline) = budget, context.clocks.boot >= deadline { break }
      context.meters.beat()
      let next: UInt64
      do throws(LedgerError) {
        next = try pass()
      } catch {
        guard case .forever = budget, error.isPassing else { throw error }
        context.log.error("the ledger refuses", metadata: ["problem": "\(error)"])
        collect(until: passWithoutLedger())
        continue
      }
      if case .untilIdle = budget, isIdle { break }
      collect(until: next)
    }
    try finish()
  }

  /// One round: takes in what the ledger answered, asks it for more, and begins what has a slot.
  /// - Returns: When the next one is due even if nothing happens before, boot time.
  package func pass() throws(LedgerError) -> UInt64 {
    try endExchange()
    try scan(now: context.clocks.boot)
    beginExchange()
    try endExchange()  // At once, where the exchange runs on this thread.
    depart()
    return nextMoment
  }

  /// The rest of a round that the ledger refused: what was leased before still leaves in its slot.
  /// - Returns: When to try again, boot time.
  package func passWithoutLedger() -> UInt64 {
    depart()
    return departing.map(\.slot).reduce(context.clocks.boot + Self.longestWait, min)
  }

  /// Takes in how calls ended.
  package func take(_ results: [(ticket: UInt64, result: CallResult)]) {
    for (ticket, result) in results {
      guard let call = calls.removeValue(forKey: ticket) else { continue }
      conclude(call, result: result)
    }
  }

  /// Looks at a channel's queues at once.
  package func note(_ channel: ChannelName) {
    for queue in Queue.allCases {
      agenda.look(Agenda.Key(channel: channel, queue: queue), at: context.clocks.wall)
    }
  }

  package var isIdle: Bool {
    held.isEmpty && departing.isEmpty && calls.isEmpty && settlements.isEmpty && exchange == nil
      && !hasUnfiled && !agenda.hasLook(before: context.clocks.wall + Self.nearlyDue)
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
      var fate = settlements.first?.fate
      while fate == nil {
        depart()
        let now = context.clocks.boot
        // No slot before the deadline: the relay's work.
        if now >= deadline || nextMoment > deadline && calls.isEmpty { return .open }
        collect(until: min(nextMoment, deadline))
        fate = settlements.first?.fate
      }
      let reported = settlements
      settlements = settlements.map(\.answeredByHandler)
      let isLast = lease.part + 1 == parts
      let request = LeaseRequest(
        channel: lease.channel, queue: .outbound, count: 1, lane: lease.key.lane)
      let isTaken = if case .acknowledge = fate { true } else { false }
      let result: ExchangeResult
      do throws(LedgerError) {
        result = try settle(leasing: isTaken && !isLast ? [request] : [])
      } catch {
        settlements = reported  // The answer will say that the message was taken.
        throw error
      }
      switch fate {
      case .acknowledge where isLast: return .accepted
      case .acknowledge:
        guard let next = result.leases.first, next.id == lease.id else { return .open }
        lease = next
      case .reject(let reason, _):
        return .rejected(reason: PartReason.text(reason, part: lease.part, of: parts))
      default: return .open
      }
    }
  }

  /// Waits for the calls under way, and gives back what was not begun. After a stop was asked for
  /// it waits no longer than the grace; what is then still open is found when its lease runs out.
  package func finish() throws(LedgerError) {
    let grace = context.clocks.boot + Self.grace
    while exchange != nil || !calls.isEmpty,
      !StopSignal.isRequested || context.clocks.boot < grace
    {
      let next = context.clocks.boot + Self.longestWait
      collect(until: StopSignal.isRequested ? min(next, grace) : next)
      try endExchange()
    }
    let now = context.clocks.wall
    let unbegun = held.keys.sorted().flatMap { held[$0] ?? [] } + departing.map(\.prepared)
    held.removeAll()
    departing.removeAll()
    load.removeAll()
    underWay.removeAll()
    settlements += unbegun.map {
      Settlement(lease: $0.lease, fate: .release(at: now), attempt: nil)
    }
    if !settlements.isEmpty, exchange == nil { _ = try settle(leasing: []) }
  }

  private func collect(until time: UInt64) {
    var descriptors: [Int32] = []
    if !StopSignal.isRequested {
      descriptors.append(StopSignal.descriptor)
      if let wake { descriptors.append(wake.descriptor) }
    }
    if exchange != nil, let descriptor = exchanger.descriptor { descriptors.append(descriptor) }
    take(transport.wait(until: time, waking: descriptors))
  }

  /// When something is to be done even if no call ends, boot time. What is due and was not leased
  /// waits for a slot or a free hand, and those are moments of their own.
  private var nextMoment: UInt64 {
    let now = context.clocks.boot
    // A result of the exchange wakes us; what has ended meanwhile waits for it.
    if exchange == nil, hasRoomLeft || hasUnfiled || !settlements.isEmpty { return now }
    var moment = now + Self.longestWait
    for departure in departing { moment = min(moment, departure.slot) }
    if calls.count + departing.count < context.settings.relay.inFlight {
      for key in held.keys { moment = min(moment, blocked[key] ?? now) }
    }
    if nextScan > 0 { moment = min(moment, max(nextScan, now)) }
    let wall = context.clocks.wall
    if let look = agenda.next(after: wall) {
      moment = min(moment, now + UInt64(look - wall) * 1_000_000)
    }
    return moment
  }

  private static let longestWait: UInt64 = 1_000_000_000
  /// Nanoseconds that calls under way get after a stop was asked for.
  private static let grace: UInt64 = 8_000_000_000
  /// Milliseconds: what falls due that soon is waited for before a carrier calls itself idle.
  private static let nearlyDue: Int64 = 500
}

extension Settlement {
  /// The same, where `/message` itself tells the platform: a `failed` would refer to an mId that was
  /// never returned, and a `sent` say once more what the answer says.
  fileprivate var answeredByHandler: Settlement {
    switch fate {
    case .reject(let reason, _):
      return Settlement(
        lease: lease, fate: .reject(reason: reason, reportFailure: false), attempt: attempt)
    case .acknowledge(var receipt):
      receipt.reportsSent = false  // The 200 says it.
      return Settlement(lease: lease, fate: .acknowledge(receipt), attempt: attempt)
    case .retry, .repeat, .failOver, .release, .await: return self
    }
  }
}
