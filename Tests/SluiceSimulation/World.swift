import SluiceCore
import SluiceTesting

/// One history while it runs: a virtual clock, what is still to happen, our processes, the two other
/// sides, and the book in which everything that must hold is kept. Everything happens on one thread,
/// and everything random follows from the seed.
final class World {
  let plan: Plan
  let book: Book
  private(set) var ledger: any Ledger
  private(set) var limiter: any RateLimiter
  let inMemory: InMemoryLedger?
  let platform: PlatformModel
  let provider: ProviderModel
  var relays: [Relay] = []
  var settings: Settings
  var random: SplitMix64

  /// Nanoseconds.
  private(set) var boot: UInt64 = 1_000_000_000_000
  private var wallOffset: Int64 = 1_760_000_000_000
  private var timeline = Timeline()
  /// How many handlers wait in their first attempt, one within the other.
  private(set) var nesting = 0
  private var stepCounts = [Int](repeating: 0, count: Plan.Step.allCases.count)

  /// No more faults: what is left must now get through.
  private(set) var isCalm = false
  private(set) var violation: Violation?
  /// A number for all that the other sides saw: two runs of one seed have the same.
  private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  var commitMilliseconds: Int64 = 2
  var ledgerErrors: Double?
  var outages: [Endpoint: (kind: Plan.PlannedFault.Outage, until: UInt64)] = [:]
  private(set) var hasJumped = false
  /// Milliseconds by which wall time has been stepped back, all in all.
  private var steppedBack: Int64 = 0
  /// Webhooks and submissions that have not been answered for good.
  var pending = 0
  /// Callbacks that come weeks later.
  var lateWebhooks: [ProviderModel.Webhook] = []
  private(set) var messageRandom: SplitMix64

  private let traces: Bool
  private(set) var trace: [String] = []

  static let channelNames = [ChannelName("a")!, ChannelName("b")!]

  struct Endpoint: Hashable {
    let channel: Int
    let destination: Destination
  }

  init(_ plan: Plan, mutation: Mutation?, store: Store, traces: Bool) {
    self.plan = plan
    self.traces = traces
    random = SplitMix64(seed: plan.seed ^ 0x5EED)
    messageRandom = SplitMix64(seed: plan.seed ^ 0x1D)
    settings = plan.tuning.settings(plan.channels)
    book = Book(plan)
    platform = PlatformModel(plan)
    provider = ProviderModel(plan)
    let policy = settings.ledgerPolicy
    switch store {
    case .memory:
      var rules = InMemoryLedger.Rules()
      if mutation == .backwardStatus { rules.canBecome = { $0 != $1 && $1 != .queued } }
      let memory = InMemoryLedger(policy: policy, rules: rules)
      inMemory = memory
      ledger = memory
    case .given(let open):
      inMemory = nil
      ledger = open(policy)
    }
    ledger = HandlersLedger(ledger: ledger)
    limiter = SimulatedLimiter(birth: boot - 10_000_000_000)
    switch mutation {
    case .lateResults: ledger = LateResults(ledger: ledger)
    case .repeatedUnknown: ledger = RepeatedUnknown(ledger: ledger)
    case .looseLimit: limiter = LooseLimit(limiter: limiter)
    case .hastyTexts: ledger = HastyTexts(ledger: ledger)
    case .earlyAcknowledgement: ledger = EarlyAcknowledgement(ledger: ledger, world: self)
    case .backwardStatus, nil: break
    }
    ledger = WatchedLedger(ledger: ledger, world: self)
    book.world = self
    platform.world = self
    provider.world = self
  }

  enum Store {
    case memory
    case given((LedgerPolicy) -> any Ledger)
  }

  // MARK: Time

  var wall: Int64 { Int64(boot / 1_000_000) + wallOffset }

  var isOver: Bool { violation != nil }

  func after(_ milliseconds: Int64, _ action: @escaping () -> Void) {
    timeline.add(at: boot + UInt64(max(milliseconds, 0)) * 1_000_000, action)
  }

  func at(_ time: UInt64, _ action: @escaping () -> Void) {
    timeline.add(at: max(time, boot), action)
  }

  func jump(milliseconds: Int64) {
    note("wall time jumps by \(milliseconds) ms")
    wallOffset += milliseconds
    hasJumped = true
    steppedBack += max(-milliseconds, 0)
  }

  /// Lets everything happen until `time`, or until `isDone`; the clock then stands there.
  func run(until time: UInt64, unless isDone: () -> Bool) {
    while !isOver, !isDone(), let next = timeline.next, next <= time { runNext() }
    if !isOver, !isDone() { boot = max(boot, time) }
  }

  func nested<Result>(_ body: () -> Result) -> Result {
    nesting += 1
    defer { nesting -= 1 }
    return body()
  }

  private func runNext() {
    guard let event = timeline.pop() else { return }
    boot = max(boot, event.time)
    event.action()
  }

  // MARK: What is told

  func note(_ text: @autoclosure () -> String) {
    guard traces else { return }
    let milliseconds = (boot - 1_000_000_000_000) / 1_000_000
    trace.append("\(milliseconds) ms: \(text())")
  }

  func fail(_ invariant: Invariant, _ sentence: @autoclosure () -> String) {
    guard violation == nil else { return }
    let violation = Violation(invariant: invariant, sentence: sentence())
    self.violation = violation
    note("VIOLATED, \(invariant.rawValue): \(violation.sentence)")
  }

  func mix(_ value: UInt64) { digest = (digest ^ value) &* 0x100_0000_01B3 }

  func newID() -> MessageID { MessageID(milliseconds: wall, using: &messageRandom) }

  // MARK: Steps

  /// A process has come to `step`: it may die here, or stand still.
  func reach(_ step: Plan.Step, _ process: SimulatedProcess) {
    guard !isCalm else { return }
    stepCounts[step.rawValue] += 1
    let count = stepCounts[step.rawValue]
    for fault in plan.faults {
      switch fault.kind {
      case .crashAt(step, count):
        note("(at \(step))")
        process.die()
        if let relay = relays.first(where: { $0.process === process }) {
          relay.restart(after: 1_000)
        }
      case .pauseAt(step, count, let milliseconds):
        note("(at \(step))")
        process.pause(milliseconds: milliseconds)
      default: continue
      }
    }
  }

  // MARK: A history

  func play() {
    for index in 0..<plan.relays { relays.append(Relay("relay \(index + 1)", in: self)) }
    for message in plan.messages { after(message.at) { [self] in begin(message) } }
    for fault in plan.faults { after(fault.at) { [self] in begin(fault) } }
    run(until: boot + UInt64(plan.length + 20_000) * 1_000_000) { false }
    guard !isOver else { return }
    calmDown()
    let patience = UInt64(900_000 + steppedBack) * 1_000_000
    settle(within: patience, .progress)
    guard !isOver else { return }
    let late = lateWebhooks
    lateWebhooks = []
    if !late.isEmpty {
      note("weeks pass")
      boot += 14 * 86_400_000_000_000
      for webhook in late { provider.deliver(webhook) }
      settle(within: patience, .progress)
    }
    guard !isOver else { return }
    book.audit()
  }

  private func begin(_ message: Plan.PlannedMessage) {
    switch message.kind {
    case .inbound, .echo: provider.write(message)
    case .outbound: platform.submit(message)
    }
  }

  private func begin(_ fault: Plan.PlannedFault) {
    guard !isCalm else { return }
    switch fault.kind {
    case .crash(let relay, let restartAfter):
      guard relay < relays.count else { return }
      relays[relay].process.die()
      relays[relay].restart(after: restartAfter)
    case .pause(let relay, let milliseconds):
      guard relay < relays.count else { return }
      relays[relay].process.pause(milliseconds: milliseconds)
    case .crashAt, .pauseAt: break
    case .jump(let milliseconds): jump(milliseconds: milliseconds)
    case .slowDisk(let milliseconds, let commit):
      note("commits take \(commit) ms")
      commitMilliseconds = commit
      after(milliseconds) { [self] in commitMilliseconds = 2 }
    case .ledgerErrors(let milliseconds, let chance):
      note("the ledger refuses now and then")
      ledgerErrors = chance
      after(milliseconds) { [self] in ledgerErrors = nil }
    case .outage(let channel, let destination, let kind, let milliseconds):
      note("the \(destination) of channel \(channel) \(kind)")
      outages[Endpoint(channel: channel, destination: destination)] = (
        kind, boot + UInt64(milliseconds) * 1_000_000
      )
    case .reload(let tuning):
      note("the settings change")
      settings = tuning.settings(plan.channels)
      // One after the other; the old and the new work side by side for a while.
      for (index, relay) in relays.enumerated() {
        after(Int64(index) * 700) { relay.reload() }
      }
    case .replay:
      note("an operator replays the dead letters")
      for letter in (try? ledger.deadLetters(DeadLetterFilter(), limit: 1_000)) ?? [] {
        book.replayed.insert(letter.id)
      }
      _ = try? ledger.replay(DeadLetterFilter(), limit: 1_000, now: wall)
    }
  }

  private func calmDown() {
    note("the faults end")
    isCalm = true
    commitMilliseconds = 2
    ledgerErrors = nil
    outages.removeAll()
    for relay in relays {
      relay.process.resume()
      relay.restart(after: 0)
      relay.wake()
    }
  }

  /// Lets what is queued leave.
  private func settle(within patience: UInt64, _ invariant: Invariant) {
    let end = boot + 4 * 86_400_000_000_000
    var start = boot
    var isDone = false
    while !isOver, !isDone {
      // Questions about a message's fate may be hours away.
      run(until: boot + 2_000_000_000) { false }
      isDone = pending == 0 && backlog.isEmpty
      if pending == 0, backlog.allSatisfy({ $0.queue == .check }) { start = boot }
      if boot > start + patience, !isDone,
        pending > 0 || backlog.contains(where: { $0.queue != .check })
      {
        fail(
          invariant,
          "\(backlog.map { "\($0.queued) \($0.queue)" }.joined(separator: ", ")) still queued, and"
            + " \(pending) webhooks or submissions not taken, long after the last fault")
      }
      if boot > end {
        fail(invariant, "a question to the provider is still open after four days")
      }
      guard !isDone, !isOver, pending == 0, relays.allSatisfy(\.isIdle),
        backlog.allSatisfy({ $0.queue == .check }),
        let due = try? ledger.dueChannels(now: wall).nextDue, due > wall + 5_000
      else { continue }
      boot += UInt64(due - wall) * 1_000_000
      start = boot
    }
  }

  private var backlog: [Backlog] { (try? ledger.backlog()) ?? [] }
}

/// What must hold, always.
package enum Invariant: String, Sendable {
  case nothingLost = "what is acknowledged is delivered, a dead letter, or queued"
  case order = "a contact's messages arrive in the order they were accepted"
  case once = "no call is repeated where that may reach a contact twice"
  case forward = "statuses only move forward, and are of messages the platform knows"
  case limit = "no sliding second holds more calls than the limit"
  case progress = "every lane makes progress"
  case backlog = "the backlog's counters are what is queued"
  case echoes = "echoes of our own sends do not reach the platform"
  case fence = "nothing of a lease that has passed on is recorded"
  case exclusive = "a lane has one holder at a time"
  case whole = "a text in pieces arrives whole, where they came in time"
  case truth = "the platform hears what became of a message"
  case sameLedger = "SQLite and memory give the same history"
}

package struct Violation: Equatable, Sendable {
  package let invariant: Invariant
  package let sentence: String
}
