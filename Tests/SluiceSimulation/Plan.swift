import SluiceCore
import SluiceTesting

/// What happens in one history: everything that is decided before it starts. It follows from the
/// seed, and can be made smaller by leaving messages and faults out.
package struct Plan: Sendable {
  package let seed: UInt64
  var channels: [Traits]
  var tuning: Tuning
  var relays: Int
  var messages: [PlannedMessage]
  var faults: [PlannedFault]
  /// How bad the wire is: the chance that a call to the destination does not simply succeed.
  var platformTrouble: Double
  var providerTrouble: Double
  /// The chance that a webhook is delivered once more although it was answered.
  var repeats: Double
  /// Whether the history is played against SQLite too, and compared.
  var comparesLedgers = false

  /// Milliseconds: when the last planned message starts.
  var length: Int64

  /// What one channel's provider is like.
  struct Traits: Hashable, Sendable {
    var isIdempotent: Bool
    var canLookUp: Bool
    var givesReferences: Bool
    var echoes: Echoes

    enum Echoes: Hashable, Sendable { case none, plain, withReference }
  }

  struct PlannedMessage: Sendable {
    enum Kind: Sendable { case inbound, echo, outbound }

    let number: Int
    let kind: Kind
    let channel: Int
    let contact: Int
    /// Milliseconds from the start.
    let at: Int64
    let parts: Int
    let triesAtOnce: Bool
    /// The other side refuses it for good.
    let isPoison: Bool
    /// What its callbacks, copies and delays are drawn from.
    let seed: UInt64
  }

  struct PlannedFault: Sendable {
    enum Kind: Sendable {
      case crash(relay: Int, restartAfter: Int64)
      case pause(relay: Int, milliseconds: Int64)
      /// When the `count`th process comes to `step`.
      case crashAt(Step, count: Int)
      case pauseAt(Step, count: Int, milliseconds: Int64)
      case jump(milliseconds: Int64)
      case slowDisk(milliseconds: Int64, commit: Int64)
      case ledgerErrors(milliseconds: Int64, chance: Double)
      case outage(channel: Int, Destination, Outage, milliseconds: Int64)
      case reload(Tuning)
      case replay
    }

    enum Outage: Sendable { case refuses, hangs, fails, throttles }

    let at: Int64
    let kind: Kind
  }

  /// Where a process may be when it dies or stands still.
  enum Step: Int, CaseIterable, Sendable {
    case exchangeBegun, exchangeCommitted, callBegun, resultIn, intakeBegun, intakeCommitted
  }
}

extension Plan {
  package init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let isCalm = random.chance(0.1)
    var channels = [Traits(using: &random)]
    if random.chance(0.3) { channels.append(Traits(using: &random)) }
    self.channels = channels
    tuning = Tuning(using: &random)
    let relays = Int.random(in: 1...3, using: &random)
    self.relays = relays
    let trouble = [0, 0.02, 0.1, 0.3]
    platformTrouble = isCalm ? 0 : trouble.randomElement(using: &random)!
    providerTrouble = isCalm ? 0 : trouble.randomElement(using: &random)!
    repeats = isCalm ? 0 : [0, 0.1, 0.5].randomElement(using: &random)!
    let length = [500, 5_000, 15_000, 40_000].randomElement(using: &random)! as Int64
    self.length = length
    self.seed = seed

    let contacts = [1, 2, 4, 8, 24].randomElement(using: &random)!
    let count =
      random.chance(0.25)
      ? Int.random(in: 25...60, using: &random)
      : Int.random(
        in: 6...25, using: &random)
    let outbound = [0.1, 0.5, 0.9].randomElement(using: &random)!
    let atOnce = random.chance(0.5) ? 0 : 0.6
    let poison = random.chance(0.2) ? 0.1 : 0
    var burst = Int64.random(in: 0...length, using: &random)
    messages = (0..<count).map { number in
      if random.chance(0.05) { burst = Int64.random(in: 0...length, using: &random) }
      let kind: PlannedMessage.Kind =
        random.chance(outbound) ? .outbound : random.chance(0.2) ? .echo : .inbound
      return PlannedMessage(
        number: number, kind: kind, channel: Int.random(in: 0..<channels.count, using: &random),
        contact: Int.random(in: 0..<contacts, using: &random),
        at: random.chance(0.5) ? burst : Int64.random(in: 0...length, using: &random),
        parts: random.chance(0.7) ? 1 : Int.random(in: 2...3, using: &random),
        triesAtOnce: random.chance(atOnce), isPoison: random.chance(poison), seed: random.next())
    }
    let faultCount = isCalm ? 0 : Int.random(in: 0...6, using: &random)
    var faults: [PlannedFault] = []
    for _ in 0..<faultCount {
      faults.append(
        PlannedFault(
          at: Int64.random(in: 0...length + 5_000, using: &random),
          kind: Self.fault(channels.count, relays, tuning, using: &random)))
    }
    self.faults = faults
  }

  private static func fault(
    _ channels: Int, _ relays: Int, _ tuning: Tuning, using random: inout SplitMix64
  ) -> PlannedFault.Kind {
    let relay = Int.random(in: 0..<relays, using: &random)
    let channel = Int.random(in: 0..<channels, using: &random)
    let pause = [400, 3_000, 20_000, 75_000].randomElement(using: &random)! as Int64
    switch Int.random(in: 0..<14, using: &random) {
    case 0:
      return .crash(
        relay: relay, restartAfter: [10, 2_000, 30_000].randomElement(using: &random)!)
    case 1: return .pause(relay: relay, milliseconds: pause)
    case 2, 3, 4:
      return .crashAt(
        Step.allCases.randomElement(using: &random)!, count: Int.random(in: 1...30, using: &random))
    case 5, 6:
      return .pauseAt(
        Step.allCases.randomElement(using: &random)!, count: Int.random(in: 1...30, using: &random),
        milliseconds: pause)
    case 7:
      return .jump(
        milliseconds: [-100_000, -20_000, -1_500, 1_500, 20_000, 100_000].randomElement(
          using: &random)!)
    case 8:
      return .slowDisk(
        milliseconds: Int64.random(in: 500...10_000, using: &random),
        commit: [100, 1_000, 4_000].randomElement(using: &random)!)
    case 9:
      return .ledgerErrors(
        milliseconds: Int64.random(in: 500...10_000, using: &random),
        chance: [0.2, 0.7, 1].randomElement(using: &random)!)
    case 10, 11:
      return .outage(
        channel: channel, random.chance(0.5) ? .platform : .provider,
        [.refuses, .hangs, .fails, .throttles].randomElement(using: &random)!,
        milliseconds: Int64.random(in: 500...20_000, using: &random))
    case 12:
      var next = Tuning(using: &random)
      next.relayLeaseSeconds =
        random.chance(0.5) ? tuning.relayLeaseSeconds : next.relayLeaseSeconds
      return .reload(next)
    default: return .replay
    }
  }
}

extension Plan.Traits {
  init(using random: inout SplitMix64) {
    isIdempotent = random.chance(0.4)
    canLookUp = random.chance(0.5)
    givesReferences = random.chance(0.5)
    echoes = random.chance(0.5) ? .none : random.chance(0.5) ? .plain : .withReference
  }
}

extension SplitMix64 {
  mutating func chance(_ probability: Double) -> Bool {
    probability > 0 && Double(next() >> 11) * 0x1p-53 < probability
  }
}
