import SluiceSimulation
import SluiceTesting
import Synchronization
import Testing

/// A share of the histories that `scripts/simulate` plays.
struct SimulationTests {
  @Test("everything promised holds in 600 histories")
  func holds() {
    let seeds = Mutex<UInt64>(1)
    let failures = Mutex<[UInt64]>([])
    _ = concurrently(threads: 2) { _ in
      while true {
        let seed = seeds.withLock { next in
          defer { next += 1 }
          return next
        }
        guard seed <= 600, failures.withLock({ $0.isEmpty }) else { return }
        if Simulation.violation(seed: seed) != nil { failures.withLock { $0.append(seed) } }
      }
    }
    for seed in failures.withLock({ $0.sorted().prefix(1) }) {
      Issue.record("\(Simulation.failure(seed: seed)?.description ?? "seed \(seed) failed once")")
    }
  }

  @Test("a seed is one history, in every run")
  func isDeterministic() {
    for seed in 1...20 as ClosedRange<UInt64> {
      #expect(Simulation.digest(seed: seed) == Simulation.digest(seed: seed))
    }
  }

  @Test("SQLite and memory give the same history", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func agree(seed: UInt64) {
    let failure = Simulation.failure(seed: seed, comparesLedgers: true, shrinks: false)
    #expect(failure == nil)
  }

  /// What proves that the simulation looks: each broken decision is noticed.
  @Test("a broken decision is noticed", arguments: Mutation.allCases)
  func notices(mutation: Mutation) {
    let seed = (1...1_000 as ClosedRange<UInt64>).first {
      Simulation.violation(seed: $0, mutation: mutation) != nil
    }
    #expect(seed != nil, "\(mutation.rawValue), and no seed of 1,000 fails")
  }
}
