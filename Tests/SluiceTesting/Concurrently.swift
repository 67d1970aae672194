import Glibc
import SluiceCore
import Synchronization

/// Runs `body` on as many threads at once, each with its number, and waits for all of them.
/// - Returns: What they threw.
package func concurrently(
  threads: Int, _ body: @escaping @Sendable (Int) throws -> Void
) -> [any Error] {
  Background(threads: threads, body).wait()
}

package struct ConcurrentError: Error, CustomStringConvertible {
  package let description: String
}

private final class ConcurrentState: Sendable {
  let errors = Mutex<[String]>([])
  nonisolated(unsafe) let done: UnsafeMutablePointer<sem_t>  // A semaphore is there to be shared.

  init() {
    done = .allocate(capacity: 1)
    sem_init(done, 0, 0)
  }

  deinit {
    sem_destroy(done)
    done.deallocate()
  }
}

/// Threads that work while the test goes on.
package final class Background {
  private let state = ConcurrentState()
  private let threads: Int

  package init(threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
    self.threads = threads
    let state = state
    for number in 0..<threads {
      Thread.start {
        do { try body(number) } catch { state.errors.withLock { $0.append("\(error)") } }
        sem_post(state.done)
      }
    }
  }

  /// Waits for their end.
  /// - Returns: What they threw.
  package func wait() -> [any Error] {
    for _ in 0..<threads { sem_wait(state.done) }
    return state.errors.withLock { $0.map(ConcurrentError.init) }
  }
}
