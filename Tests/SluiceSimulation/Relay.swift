import SluiceCore
import SluiceServices
import SluiceTesting

/// A relay's process: a real carrier, stepped by the virtual clock as `Carrier.run` steps it by the
/// real one.
final class Relay {
  private let name: String
  private unowned let world: World
  private(set) var process: SimulatedProcess
  private var carrier: Carrier
  private var transport: SimulatedTransport
  private var nextStep = UInt64.max
  private var lives = 1

  init(_ name: String, in world: World) {
    self.name = name
    self.world = world
    process = SimulatedProcess(name, in: world)
    transport = SimulatedTransport(process)
    carrier = Self.makeCarrier(process, transport)
    begin()
  }

  private static func makeCarrier(
    _ process: SimulatedProcess, _ transport: SimulatedTransport
  ) -> Carrier {
    let context = process.context(process.world.settings)
    return Carrier(
      context: context, transport: transport,
      exchanger: SimulatedExchanger(ledger: context.ledger, process: process),
      random: SplitMix64(seed: process.world.random.next()))
  }

  private func begin() {
    let process = process
    transport.onChange = { [weak self] in
      guard let self, self.process === process else { return }
      wake()
    }
    nextStep = .max
    step(at: world.boot)
  }

  /// Starts anew, unless it runs.
  func restart(after milliseconds: Int64) {
    world.after(milliseconds) { [self] in
      guard !process.isAlive, !world.isOver else { return }
      lives += 1
      process = SimulatedProcess("\(name).\(lives)", in: world)
      transport = SimulatedTransport(process)
      carrier = Self.makeCarrier(process, transport)
      begin()
    }
  }

  /// What a change of settings does: the process is ended and started again. It leaves as little
  /// behind as a stop signal does: here, all of it.
  func reload() {
    process.die()
    restart(after: 0)
  }

  /// A handler says that there is work.
  func note(_ channel: ChannelName) {
    guard process.isAlive, !process.isPaused else { return }
    carrier.note(channel)
    wake()
  }

  func wake() { step(at: world.boot) }

  private func step(at time: UInt64) {
    let time = max(time, process.pausedUntil)
    guard time < nextStep else { return }
    nextStep = time
    let process = process
    world.at(time) { [self] in
      guard self.process === process, nextStep == time else { return }
      nextStep = .max
      step()
    }
  }

  private func step() {
    guard process.isAlive else { return }
    guard !process.isPaused else { return step(at: process.pausedUntil) }
    let results = transport.takeResults()
    if !results.isEmpty {
      world.reach(.resultIn, process)
      guard process.isAlive else { return }
      carrier.take(results)
      if process.isPaused { return step(at: process.pausedUntil) }
    }
    let next: UInt64
    do throws(LedgerError) { next = try carrier.pass() } catch {
      next = carrier.passWithoutLedger()
    }
    guard process.isAlive else { return }
    // A pass takes time too.
    step(at: max(world.isCalm ? afterIdling(next) : next, world.boot + 200_000))
  }

  /// Whether nothing is under way.
  var isIdle: Bool { carrier.isIdle && transport.underWay == 0 }

  /// Idle passes of a calm world are left out.
  private func afterIdling(_ next: UInt64) -> UInt64 {
    guard isIdle,
      let due = try? world.ledger.dueChannels(now: world.wall), due.due.isEmpty
    else { return next }
    guard let nextDue = due.nextDue else { return next + 60_000_000_000 }
    return max(next, world.boot + UInt64(max(nextDue - world.wall, 0)) * 1_000_000)
  }
}

/// Exchanges take as long as the simulated disk does, while the carrier goes on.
final class SimulatedExchanger: Exchanger {
  private let ledger: any Ledger
  private let process: SimulatedProcess
  private var answer: Result<ExchangeResult, LedgerError>?
  private var isUnderWay = false

  init(ledger: any Ledger, process: SimulatedProcess) {
    self.ledger = ledger
    self.process = process
  }

  func begin(_ exchange: Exchange) {
    let world = process.world
    precondition(!isUnderWay && answer == nil, "two exchanges at once")
    isUnderWay = true
    world.reach(.exchangeBegun, process)
    commit(exchange, after: world.commitMilliseconds)
  }

  private func commit(_ exchange: Exchange, after milliseconds: Int64) {
    let world = process.world
    world.after(milliseconds) { [self] in
      guard process.isAlive else { return }
      guard !process.isPaused else {
        return commit(
          exchange, after: Int64((process.pausedUntil - world.boot) / 1_000_000) + 1)
      }
      do throws(LedgerError) {
        answer = .success(try ledger.exchange(exchange))
      } catch {
        answer = .failure(error)
      }
      isUnderWay = false
      world.reach(.exchangeCommitted, process)
      guard process.isAlive else { return }
      world.relays.first { $0.process === process }?.wake()
    }
  }

  func result() -> Result<ExchangeResult, LedgerError>? {
    defer { answer = nil }
    return answer
  }

  var descriptor: Int32? { nil }
}
