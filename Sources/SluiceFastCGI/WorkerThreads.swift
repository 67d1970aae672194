import SluiceCore
import Synchronization

/// A fixed number of threads for work that may block, done in the order it comes.
final class WorkerThreads: Sendable {
  typealias Work = @Sendable () -> Void

  private struct State {
    var queue: [Work] = []
    /// Queued or being done.
    var open = 0
  }

  private let state = Mutex(State())
  private let arrival = CountingSemaphore()

  /// The threads live as long as the process.
  init(_ count: Int) {
    for _ in 0..<count {
      Thread.start {
        while true {
          self.arrival.wait()
          let work = self.state.withLock { $0.queue.removeFirst() }
          work()
          self.state.withLock { $0.open -= 1 }
        }
      }
    }
  }

  func run(_ work: @escaping Work) {
    state.withLock { state in
      state.queue.append(work)
      state.open += 1
    }
    arrival.signal()
  }

  var areIdle: Bool { state.withLock { $0.open == 0 } }
}
