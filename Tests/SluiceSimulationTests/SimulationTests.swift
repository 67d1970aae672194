import SluiceSimulation
import Testing

struct SimulationTests {
  @Test("a seed is one history, in every run")
  func isDeterministic() {
    for seed in 1...10 as ClosedRange<UInt64> {
      #expect(Simulation.digest(seed: seed) == Simulation.digest(seed: seed))
    }
  }
}
