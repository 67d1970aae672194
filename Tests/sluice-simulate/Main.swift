import Glibc
import SluiceCore
import SluiceSimulation
import Synchronization

/// Plays histories on all cores: `--seeds N --start S`, `--seed S` for one, `--mutations`.
@main enum Main {
  static func main() {
    var options: [String: UInt64] = [:]
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      guard argument.hasPrefix("--") else { usage() }
      options[argument] = 1
      if let value = arguments.first.flatMap({ UInt64($0) }) {
        options[argument] = value
        arguments.removeFirst()
      }
    }
    if let seed = options["--digest"] {
      for seed in seed..<seed + 20 { say("\(seed) \(Simulation.digest(seed: seed))") }
    } else if let seed = options["--history"] {
      for line in Simulation.history(seed: seed) { say(line) }
    } else if let seed = options["--seed"] {
      guard let failure = Simulation.failure(seed: seed) else { return say("seed \(seed) holds") }
      say(failure.description)
      exit(1)
    } else if options["--mutations"] != nil {
      exit(mutations() ? 0 : 1)
    } else {
      let seeds = options["--seeds"] ?? 100_000
      exit(run(from: options["--start"] ?? 1, seeds: seeds, keepsGoing: options["--all"] != nil))
    }
  }

  private static func usage() -> Never {
    say("usage: sluice-simulate [--seeds N] [--start S] | --seed S | --mutations")
    exit(64)
  }

  /// - Returns: Whether each mutation was noticed.
  private static func mutations() -> Bool {
    var isComplete = true
    for mutation in Mutation.allCases {
      let found = (1...1_000 as ClosedRange<UInt64>).lazy.compactMap { seed in
        Simulation.violation(seed: seed, mutation: mutation).map { (seed, $0) }
      }.first
      if let (seed, violation) = found {
        say("\(mutation.rawValue): noticed by seed \(seed)")
        say("  \(violation.invariant.rawValue): \(violation.sentence)")
      } else {
        say("\(mutation.rawValue): NOT NOTICED in 1,000 seeds")
        isComplete = false
      }
    }
    return isComplete
  }

  private struct Progress {
    var next: UInt64
    var done: UInt64 = 0
    var failed: [UInt64] = []
    var working = 0
  }

  private static func run(from start: UInt64, seeds: UInt64, keepsGoing: Bool) -> Int32 {
    let end = start + seeds
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let progress = Mutex(Progress(next: start, working: cores))
    let clocks = SystemClocks()
    let began = clocks.boot
    for _ in 0..<cores {
      Thread.start {
        while true {
          let batch = progress.withLock { progress -> Range<UInt64> in
            guard progress.failed.isEmpty || keepsGoing else { return end..<end }
            let first = progress.next
            progress.next = min(first + 20, end)
            return first..<progress.next
          }
          if batch.isEmpty { break }
          for seed in batch {
            let violation = Simulation.violation(seed: seed)
            progress.withLock { progress in
              progress.done += 1
              if let violation {
                progress.failed.append(seed)
                if keepsGoing {
                  say("seed \(seed): \(violation.invariant.rawValue): \(violation.sentence)")
                }
              }
            }
          }
        }
        progress.withLock { $0.working -= 1 }
      }
    }
    var shown: UInt64 = began
    while true {
      usleep(50_000)
      let (done, working) = progress.withLock { ($0.done, $0.working) }
      let now = clocks.boot
      if working > 0, now - shown < 2_000_000_000 { continue }
      shown = now
      let seconds = Double(now - began) / 1e9
      let rate = Double(done) / seconds
      let left = rate > 0 ? Int(Double(seeds - done) / rate) : 0
      say("\(done) of \(seeds) histories, \(Int(rate)) per second, \(left) s left")
      if working == 0 { break }
    }
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    let cpu = Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
    let (done, failed) = progress.withLock { ($0.done, $0.failed.sorted()) }
    say("CPU: \(Int(cpu / Double(max(done, 1)) * 1e6)) µs per history")
    guard let seed = failed.first else { return 0 }
    say("\(failed.count) of \(done) failed")
    if let failure = Simulation.failure(seed: seed) { say(failure.description) }
    return 1
  }
}

/// At once, also into a pipe.
private func say(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(1, line, line.count)
}
