import SluiceCore
import SluiceStore
import SluiceTesting

/// Plays histories, and makes those that fail smaller.
package enum Simulation {
  package struct Failure: Sendable {
    package let seed: UInt64
    package let violation: Violation
    /// What happened, up to the violation, in the smallest history found that has it.
    package let history: [String]
    package let messages: Int
    package let faults: Int
  }

  /// Every so many seeds are played against SQLite too.
  package static let comparedSeeds: UInt64 = 500

  /// - Returns: `nil` where everything held.
  package static func violation(seed: UInt64, mutation: Mutation? = nil) -> Violation? {
    var plan = Plan(seed: seed)
    plan.comparesLedgers = mutation == nil && seed % comparedSeeds == 0
    return play(plan, mutation: mutation, traces: false).violation
  }

  /// The failure of a seed, made smaller: `nil` where everything held.
  package static func failure(
    seed: UInt64, mutation: Mutation? = nil, comparesLedgers: Bool? = nil, shrinks: Bool = true
  ) -> Failure? {
    var plan = Plan(seed: seed)
    plan.comparesLedgers = comparesLedgers ?? (mutation == nil && seed % comparedSeeds == 0)
    guard let first = play(plan, mutation: mutation, traces: false).violation else { return nil }
    if shrinks { plan = smallest(plan, of: first.invariant, mutation: mutation) }
    let world = play(plan, mutation: mutation, traces: true)
    return Failure(
      seed: seed, violation: world.violation ?? first, history: world.trace,
      messages: plan.messages.count, faults: plan.faults.count)
  }

  /// A number for all that a seed's history was: the same in each run.
  package static func digest(seed: UInt64) -> UInt64 {
    play(Plan(seed: seed), mutation: nil, traces: false).digest
  }

  /// What happens in a seed's history.
  package static func history(seed: UInt64) -> [String] {
    play(Plan(seed: seed), mutation: nil, traces: true).trace
  }

  private static func play(_ plan: Plan, mutation: Mutation?, traces: Bool) -> World {
    let world = World(plan, mutation: mutation, store: .memory, traces: traces)
    world.play()
    guard plan.comparesLedgers, !world.isOver else { return world }
    let directory = TemporaryDirectory(in: "/dev/shm")
    let other = World(
      plan, mutation: nil,
      store: .given { policy in
        do throws(LedgerError) {
          return try SQLiteLedger(directory: directory.path + "/state", policy: policy)
        } catch {
          preconditionFailure("the simulation's ledger: \(error)")
        }
      }, traces: traces)
    other.play()
    if !other.isOver, other.digest != world.digest {
      let (a, b) = (world.trace, other.trace)
      let index = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
      other.fail(
        .sameLedger,
        traces && index < a.count
          ? "in memory: \(a[index]); in SQLite: \(b[index])" : "the histories differ")
    }
    return other
  }

  // MARK: Smaller

  /// Leaves out messages and faults, many at first, as long as the same invariant is violated.
  private static func smallest(
    _ plan: Plan, of invariant: Invariant, mutation: Mutation?
  ) -> Plan {
    var best = plan
    func fails(_ plan: Plan) -> Bool {
      play(plan, mutation: mutation, traces: false).violation?.invariant == invariant
    }
    func attempt(_ change: (inout Plan) -> Void) {
      var next = best
      change(&next)
      if fails(next) { best = next }
    }
    for _ in 0..<3 {
      let before = (best.messages.count, best.faults.count)
      attempt { $0.platformTrouble = 0 }
      attempt { $0.providerTrouble = 0 }
      attempt { $0.repeats = 0 }
      attempt { $0.relays = 1 }
      shorten(&best, \.faults, fails)
      shorten(&best, \.messages, fails)
      if before == (best.messages.count, best.faults.count) { break }
    }
    return best
  }

  private static func shorten<Element>(
    _ plan: inout Plan, _ list: WritableKeyPath<Plan, [Element]>, _ fails: (Plan) -> Bool
  ) {
    var size = max(plan[keyPath: list].count / 2, 1)
    while true {
      var start = 0
      while start < plan[keyPath: list].count {
        var next = plan
        let end = min(start + size, next[keyPath: list].count)
        next[keyPath: list].removeSubrange(start..<end)
        if fails(next) { plan = next } else { start = end }
      }
      if size == 1 { return }
      size = max(size / 2, 1)
    }
  }
}

extension Simulation.Failure: CustomStringConvertible {
  /// For whoever has to mend it.
  package var description: String {
    """
    seed \(seed): \(violation.invariant.rawValue)
      \(violation.sentence)
      The smallest history found that does it (\(messages) messages, \(faults) faults), at its end:
    \(history.suffix(60).map { "    \($0)" }.joined(separator: "\n"))
    """
  }
}
