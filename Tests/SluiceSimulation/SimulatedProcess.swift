import Logging
import SluiceCore
import SluiceServices

/// One process of ours. When it dies, what it would still have done does not happen: its ledger
/// refuses, its transport brings nothing, and its clock stands past every deadline.
final class SimulatedProcess: @unchecked Sendable {  // One thread per world.
  let name: String
  unowned let world: World
  private var hasDied = false
  private(set) var pausedUntil: UInt64 = 0

  init(_ name: String, in world: World) {
    self.name = name
    self.world = world
  }

  var isAlive: Bool { !hasDied && !world.isOver }
  private(set) var wasPaused = false
  var isPaused: Bool { world.boot < pausedUntil }

  func die() {
    guard !hasDied else { return }
    hasDied = true
    world.note("\(name) dies")
  }

  func pause(milliseconds: Int64) {
    guard !world.isCalm else { return }
    wasPaused = true
    pausedUntil = max(pausedUntil, world.boot + UInt64(milliseconds) * 1_000_000)
    world.note("\(name) stands still for \(milliseconds) ms")
  }

  func resume() { pausedUntil = 0 }

  func context(_ settings: Settings) -> ServiceContext {
    ServiceContext(
      settings: settings, ledger: ProcessLedger(ledger: world.ledger, process: self),
      limiter: ProcessLimiter(limiter: world.limiter, process: self),
      clocks: ProcessClocks(process: self),
      log: Self.log)
  }

  private static let log = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
}

struct ProcessClocks: Clocks {
  let process: SimulatedProcess

  var wall: Int64 { process.world.wall }
  var boot: UInt64 { process.isAlive ? process.world.boot : process.world.boot + 1 << 60 }
}

/// The ledger as one process sees it.
struct ProcessLedger: LedgerWrapper {
  let ledger: any Ledger
  let process: SimulatedProcess

  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    try admit()
    return try ledger.record(webhook)
  }

  func enqueue(
    _ message: OutboundMessage, leasingFor lease: LeaseTerms?
  ) throws(LedgerError) -> Enqueued {
    try admit()
    return try ledger.enqueue(message, leasingFor: lease)
  }

  func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    try admit()
    return try ledger.exchange(exchange)
  }

  func dueChannels(now: Int64) throws(LedgerError) -> DueChannels {
    try admit()
    return try ledger.dueChannels(now: now)
  }

  private func admit() throws(LedgerError) {
    guard process.isAlive else { throw .busy("dead") }
    guard let chance = process.world.ledgerErrors, process.world.random.chance(chance) else {
      return
    }
    process.world.note("\(process.name)'s ledger refuses")
    throw process.world.random.chance(0.5) ? .busy("simulated") : .full("simulated")
  }
}
