import Logging
import SluiceCore

// What a carrier wants of the ledger, and when.

extension Carrier {
  /// Finds queues that nobody woke us for: retries, leases that ran out, work of a time before us.
  func scan(now: UInt64) throws(LedgerError) {
    for channel in wake?.read() ?? [] { note(channel) }
    guard now >= nextScan else { return }
    nextScan = now + Self.scanInterval
    let wall = context.clocks.wall
    if steps.areToBeMended(wall: wall, boot: now) {
      // One attempt that comes early, rather than one that comes hours late.
      try context.hasten(
        LongestDelays(now: wall, retry: 0, unknown: 0, lease: context.leaseMilliseconds))
    }
    let found = try context.ledger.dueChannels(now: wall)
    hasUnfiled = found.hasUnfiled
    for (channel, queue) in found.due {
      agenda.look(Agenda.Key(channel: channel, queue: queue), at: wall)
    }
  }

  /// Settles what ended, and leases as much as slots and hands are free for, in one transaction.
  func beginExchange() {
    guard exchange == nil else { return }
    let (requests, leavesOut) = plan()
    hasRoomLeft = false
    guard !requests.isEmpty || !settlements.isEmpty || hasUnfiled else { return }
    exchange = ExchangeUnderWay(
      settlements: settlements, requests: requests, leavesOut: leavesOut)
    exchanger.begin(
      Exchange(settlements: settlements, requests: requests, terms: context.leaseTerms))
    settlements.removeAll()
  }

  /// Takes in the ledger's answer, if there is one.
  func endExchange() throws(LedgerError) {
    guard let begun = exchange, let answer = exchanger.result() else { return }
    exchange = nil
    let result: ExchangeResult
    switch answer {
    case .success(let value): result = value
    case .failure(let error):
      settlements = begun.settlements + settlements  // Nothing was recorded: the next pass tries.
      throw error
    }
    for (request, nextDue) in zip(begun.requests, result.nextDue) {
      let earliest =
        context.channel(request.channel) == nil ? context.clocks.wall + 10_000 : .min
      agenda.replace(
        Agenda.Key(channel: request.channel, queue: request.queue),
        with: nextDue.map { max($0, earliest) })
    }
    // What was filed may be due on queues that nobody asked for.
    for channel in result.filed {
      for queue in Queue.allCases
      where !begun.requests.contains(where: { $0.channel == channel && $0.queue == queue }) {
        agenda.look(Agenda.Key(channel: channel, queue: queue), at: context.clocks.wall)
      }
    }
    hasUnfiled = result.hasUnfiled
    warn(of: result.fenced)
    hold(result.leases)
    // Room that was kept for entries which are not there is for the queues that were left out:
    // a wake names a channel, and most often only one of its queues has anything.
    let wanted = begun.requests.reduce(0) { $0 + $1.count }
    hasRoomLeft = begun.leavesOut && result.leases.count < wanted
  }

  /// The same on this thread, for a handler that waits.
  func settle(leasing requests: [LeaseRequest]) throws(LedgerError) -> ExchangeResult {
    let settled = settlements
    settlements.removeAll()
    do throws(LedgerError) {
      let result = try context.ledger.exchange(
        Exchange(settlements: settled, requests: requests, terms: context.leaseTerms))
      warn(of: result.fenced)
      return result
    } catch {
      settlements = settled
      throw error
    }
  }

  private func warn(of fenced: [Settlement]) {
    for settlement in fenced {
      context.log.warning(
        "result came after its lease", metadata: ["mid": "\(settlement.lease.id)"])
    }
  }

  /// - Returns: What to lease, and whether queues that are due were left out for want of room.
  private func plan() -> (requests: [LeaseRequest], leavesOut: Bool) {
    let now = context.clocks.boot
    let wall = context.clocks.wall
    let due = agenda.due(now: wall)
    guard !due.isEmpty else { return ([], false) }
    // As much again as may be under way, so that hands never wait for the ledger.
    var room =
      context.settings.relay.inFlight * 2 - load.values.reduce(0, +)
      - underWay.values.reduce(0, +)
    let most = share(among: Set(due.map(\.slotKey)).union(load.keys).union(underWay.keys).count)
    let withStatuses = Set(due.lazy.filter { !$0.queue.isMessage }.map(\.slotKey))
    let isExpiring = now >= nextExpiry
    if isExpiring { nextExpiry = now + Self.expiryInterval }
    var requests: [LeaseRequest] = []
    var wantedOf: [SlotKey: Int] = [:]
    var leavesOut = false
    for key in due {
      guard room > 0 else { return (requests, true) }
      guard let channel = context.channel(key.channel) else {
        // Not in the settings (any more): nothing leaves, and its time runs out all the same.
        requests.append(
          LeaseRequest(
            channel: key.channel, queue: key.queue, count: min(room, 64),
            enqueuedBy: wall - context.settings.platform.retry.maximumAge))
        continue
      }
      askBreakerAgain(key.slotKey, now: now)
      let account = account(for: key, of: channel, now: now)
      let slots = SlotKey(
        channel: key.channel, destination: key.queue.destination(through: account))
      if let until = blocked[slots], until > now + Self.patience {
        if isExpiring {
          // What nobody may call for is given up when its time has come all the same.
          requests.append(
            LeaseRequest(
              channel: key.channel, queue: key.queue, count: min(room, 64),
              enqueuedBy: wall - channel.maximumAge(for: key.queue)))
        } else {
          let next = min(until, refused[slots] ?? until)
          agenda.replace(key, with: wall + Int64((next - min(now, next)) / 1_000_000))
        }
        continue
      }
      let loaded = load[slots] ?? 0
      let bucket = channel.bucket(for: slots.destination)
      let hands = min(most, mostUnderWay(bucket)) - (underWay[slots] ?? 0)
      let free = wantedOf[slots] ?? min(Self.stock(bucket), hands) - loaded
      var wanted = min(free, room)
      // Messages leave statuses their share, where both wait.
      if key.queue.isMessage, withStatuses.contains(slots) {
        let kept = shares.portion(
          of: wanted, for: key, share: context.settings.relay.bulkShare, isQueue: true)
        leavesOut = leavesOut || kept == wanted
        wanted -= kept
      }
      guard wanted > 0 else {
        leavesOut = leavesOut || free > 0
        continue
      }
      wantedOf[slots] = free - wanted
      room -= wanted
      requests.append(
        LeaseRequest(
          channel: key.channel, queue: key.queue, count: wanted,
          bulkShare: shares.portion(
            of: wanted, for: key, share: context.settings.relay.bulkShare, isQueue: false),
          perCall: key.queue.destination == .platform ? channel.eventsPerCall : 1,
          account: account, hasFallback: channel.fallback != nil))
    }
    return (requests, leavesOut)
  }

  /// Which account the next messages are for: the fallback while the main one is down.
  private func account(for key: Agenda.Key, of channel: ChannelSettings, now: UInt64) -> Account {
    guard key.queue == .outbound, channel.fallback != nil, isDown(key.slotKey) else {
      return .main
    }
    let other = SlotKey(channel: key.channel, destination: .fallback)
    askBreakerAgain(other, now: now)
    return isDown(other) ? .main : .fallback
  }

  /// Whether the breaker lets nobody call, as far as we know.
  func isDown(_ key: SlotKey) -> Bool { refused[key] != nil }

  /// Lifts what a breaker said, once it says otherwise.
  private func askBreakerAgain(_ key: SlotKey, now: UInt64) {
    guard let time = refused[key], time <= now else { return }
    switch context.limiter.admission(key.destination, of: key.channel, now: now) {
    case .refused: refused[key] = now + Self.probeWait
    case .admitted, .probe: (refused[key], blocked[key]) = (nil, nil)
    }
  }

  /// How many leases one destination may have, so that one which does not answer leaves hands for
  /// the others.
  private func share(among destinations: Int) -> Int {
    let inFlight = context.settings.relay.inFlight
    guard destinations > 1 else { return inFlight * 2 }
    return max(4, inFlight / destinations)
  }

  /// How many calls one destination may have under way even while nobody else has any: whoever comes
  /// next would wait for its time-outs. What may take all hands in a second is there to be fast.
  private func mostUnderWay(_ bucket: TokenBucket) -> Int {
    let inFlight = context.settings.relay.inFlight
    return bucket.interval * UInt64(inFlight) < 1_000_000_000 ? .max : max(inFlight * 3 / 4, 1)
  }

  /// How many leases of one channel to hold ready: what leaves within a fifth of a second, so that
  /// a commit is shared by several calls and a killed relay takes few leases along. It also bounds how
  /// many calls can wait for one connection and leave in the same instant, long after their slots.
  static func stock(_ bucket: TokenBucket) -> Int {
    bucket.interval == 0 ? .max : Int(max(2, min(200_000_000 / bucket.interval, 512)))
  }

  /// Takes leases in: what needs no call is settled, the rest waits for its slot.
  func hold(_ leases: [Lease]) {
    let now = context.clocks.wall
    for lease in leases {
      guard let channel = context.channel(lease.channel) else {
        let maximumAge = context.settings.platform.retry.maximumAge
        record(
          SettlementPolicy.decision(withoutChannel: lease, maximumAge: maximumAge, now: now),
          of: lease)
        continue
      }
      switch SettlementPolicy.action(for: lease, channel: channel, now: now) {
      case .settle(let decision): record(decision, of: lease)
      case .call(let call, let kind): hold(call, kind, for: lease, channel)
      }
    }
  }

  func unload(_ key: SlotKey) { load.lower(key) }

  private static let scanInterval: UInt64 = 1_000_000_000
  private static let expiryInterval: UInt64 = 30_000_000_000
}

extension [Carrier.SlotKey: Int] {
  /// One less; what is at zero is not there.
  mutating func lower(_ key: Key) {
    let left = (self[key] ?? 1) - 1
    self[key] = left > 0 ? left : nil
  }
}

extension Agenda.Key {
  var slotKey: Carrier.SlotKey {
    Carrier.SlotKey(channel: channel, destination: queue.destination)
  }
}
