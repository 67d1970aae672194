import Glibc
import SluiceCore
import Synchronization

/// Runs a carrier's exchanges with the ledger, one at a time.
package protocol Exchanger: AnyObject {
  /// Begins an exchange; the one before has had its result taken.
  func begin(_ exchange: Exchange)

  /// The exchange's result, once; `nil` while there is none.
  func result() -> Result<ExchangeResult, LedgerError>?

  /// Readable when a result is there; `nil` where it always is.
  var descriptor: Int32? { get }
}

/// On the carrier's own thread.
final class InlineExchanger: Exchanger {
  private let ledger: any Ledger
  private var answer: Result<ExchangeResult, LedgerError>?

  init(ledger: any Ledger) { self.ledger = ledger }

  func begin(_ exchange: Exchange) {
    answer = SluiceServices.answer(to: exchange, by: ledger)
  }

  func result() -> Result<ExchangeResult, LedgerError>? {
    defer { answer = nil }
    return answer
  }

  var descriptor: Int32? { nil }
}

/// On a thread of its own, so that a relay's calls go on while a commit is under way.
final class ThreadedExchanger: Exchanger {
  private let shared: Shared

  /// What both threads see. The semaphore and the descriptor only wake; the lock guards.
  private final class Shared: Sendable {
    struct State {
      var exchange: Exchange?
      var answer: Result<ExchangeResult, LedgerError>?
      var isEnded = false
    }

    let state = Mutex(State())
    let work = Semaphore()
    let pipe: (reading: Int32, writing: Int32)

    init() {
      var ends: [Int32] = [-1, -1]
      let code = Glibc.pipe(&ends)
      precondition(code == 0, "pipe: \(String(cString: strerror(errno)))")
      for end in ends {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
      pipe = (ends[0], ends[1])
    }

    deinit {
      close(pipe.reading)
      close(pipe.writing)
    }
  }

  init(ledger: any Ledger) {
    let shared = Shared()
    self.shared = shared
    Thread.start {
      while true {
        shared.work.wait()
        let (exchange, isEnded) = shared.state.withLock { state in
          defer { state.exchange = nil }
          return (state.exchange, state.isEnded)
        }
        if isEnded { return }
        guard let exchange else { continue }
        let answer = answer(to: exchange, by: ledger)
        shared.state.withLock { state in
          state.answer = answer
          // Within the lock: a byte that came after its answer was taken would stay for ever.
          var byte: UInt8 = 0
          write(shared.pipe.writing, &byte, 1)
        }
      }
    }
  }

  deinit {
    shared.state.withLock { $0.isEnded = true }
    shared.work.post()
  }

  func begin(_ exchange: Exchange) {
    shared.state.withLock { $0.exchange = exchange }
    shared.work.post()
  }

  func result() -> Result<ExchangeResult, LedgerError>? {
    let answer = shared.state.withLock { state in
      defer { state.answer = nil }
      return state.answer
    }
    if answer != nil {
      var byte: UInt8 = 0
      read(shared.pipe.reading, &byte, 1)
    }
    return answer
  }

  var descriptor: Int32? { shared.pipe.reading }
}

private func answer(
  to exchange: Exchange, by ledger: any Ledger
) -> Result<ExchangeResult, LedgerError> {
  do throws(LedgerError) { return .success(try ledger.exchange(exchange)) } catch {
    return .failure(error)
  }
}

/// A POSIX semaphore, which needs no lock held to be waited for.
private final class Semaphore: @unchecked Sendable {
  private let raw: UnsafeMutablePointer<sem_t>

  init() {
    raw = .allocate(capacity: 1)
    sem_init(raw, 0, 0)
  }

  deinit {
    sem_destroy(raw)
    raw.deallocate()
  }

  func wait() {
    while sem_wait(raw) != 0 {}  // Only a signal interrupts it.
  }

  func post() { sem_post(raw) }
}
