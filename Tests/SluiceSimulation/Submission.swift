import SluiceCore
import SluiceServices
import SluiceTesting

/// One call of `/message` in a process of its own, as `OutboundService` works on it.
final class Submission {
  enum Answer {
    case taken(MessageID)
    /// For good: the agent knows.
    case refused
    /// No 2xx came; the message may be kept all the same, under that ID.
    case again(MessageID?)
  }

  private let message: Plan.PlannedMessage
  private let world: World
  private let process: SimulatedProcess
  private let settings: Settings

  init(_ message: Plan.PlannedMessage, in world: World) {
    self.message = message
    self.world = world
    process = SimulatedProcess("/message of o\(message.number)", in: world)
    settings = world.settings
  }

  func run(answer: @escaping (Answer) -> Void) {
    let channel = World.channelNames[message.channel]
    let now = world.wall
    let id = world.newID()
    let contact = Book.contact(message.contact)
    let terms = (try? settings.channels.channel(channel))??.intake ?? .unbounded
    let outbound = OutboundMessage(
      id: id, channel: channel, contact: contact, content: .text("o\(message.number)"),
      parts: (0..<message.parts).map { .text("o\(message.number).\($0)") }, createdAt: now,
      terms: terms)
    let deadline = world.boot + 3_000_000_000
    let context = process.context(settings)
    let lease = context.leaseTerms
    world.reach(.intakeBegun, process)
    afterPause(world.commitMilliseconds) { [self] in
      guard process.isAlive else { return answer(.again(nil)) }
      let triesAtOnce = message.triesAtOnce && world.nesting == 0
      var granted: Lease?
      var answerID = id
      do throws(LedgerError) {
        switch try context.ledger.enqueue(
          outbound, leasingFor: triesAtOnce ? lease : nil)
        {
        case .queued(let first):
          granted = first
          world.platform.isKept(id, by: process)
          world.note("o\(message.number) is queued as \(id)")
        case .repeated(let earlier): answerID = earlier
        case .full: return answer(.again(nil))
        }
      } catch {
        return answer(.again(nil))
      }
      world.reach(.intakeCommitted, process)
      guard let granted else {
        wake(channel)
        return reply(.taken(answerID), answer)
      }
      attempt(granted, context: context, deadline: deadline, answer: answer)
    }
  }

  private func attempt(
    _ lease: Lease, context: ServiceContext, deadline: UInt64, answer: @escaping (Answer) -> Void
  ) {
    let id = lease.id
    guard process.isAlive else { return answer(.again(id)) }
    let transport = SimulatedTransport(process)
    let carrier = Carrier(
      context: context, transport: transport, random: SplitMix64(seed: message.seed))
    do throws(LedgerError) {
      switch try carrier.attempt(lease, parts: message.parts, deadline: deadline) {
      case .accepted:
        wake(lease.channel)  // Statuses may have been parked until the answer was known.
        reply(.taken(id), answer)
      case .rejected: reply(.refused, id: id, answer)
      case .open:
        reply(.taken(id), answer)
        finish(carrier, lease.channel)
      }
    } catch {
      reply(.taken(id), answer)
      finish(carrier, lease.channel)
    }
  }

  private func finish(_ carrier: Carrier, _ channel: ChannelName) {
    guard process.isAlive else { return }
    do throws(LedgerError) { try carrier.finish() } catch {}
    wake(channel)
  }

  private func wake(_ channel: ChannelName) {
    guard process.isAlive else { return }
    for relay in world.relays { relay.note(channel) }
  }

  /// The answer is on its way, unless the process died before it left.
  private func reply(
    _ answer: Answer, id: MessageID? = nil, _ take: @escaping (Answer) -> Void
  ) {
    var kept = id
    if case .taken(let taken) = answer { kept = taken }
    afterPause(5) { [self] in take(process.isAlive || world.isOver ? answer : .again(kept)) }
  }

  private func afterPause(_ milliseconds: Int64, _ body: @escaping () -> Void) {
    world.after(milliseconds) { [self] in
      guard process.isAlive, process.isPaused else { return body() }
      afterPause(Int64((process.pausedUntil - world.boot) / 1_000_000) + 1, body)
    }
  }
}
