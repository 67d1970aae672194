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
    do throws(LedgerError) {
      answer = .success(try ledger.exchange(exchange))
    } catch {
      answer = .failure(error)
    }
  }

  func result() -> Result<ExchangeResult, LedgerError>? {
    defer { answer = nil }
    return answer
  }

  var descriptor: Int32? { nil }
}

/// On the ledger's committing thread, so that a relay's calls go on while a commit is under way.
final class PipelinedExchanger: Exchanger {
  private let ledger: any Ledger
  private let outcome = Outcome()

  /// What both threads see. The pipe only wakes; the lock guards.
  private final class Outcome: Sendable {
    let answer = Mutex<Result<ExchangeResult, LedgerError>?>(nil)
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

  init(ledger: any Ledger) { self.ledger = ledger }

  func begin(_ exchange: Exchange) {
    ledger.exchange(exchange) { [outcome] result in
      outcome.answer.withLock { answer in
        answer = result
        // Within the lock: a byte that came after its answer was taken would stay for ever.
        var byte: UInt8 = 0
        write(outcome.pipe.writing, &byte, 1)
      }
    }
  }

  func result() -> Result<ExchangeResult, LedgerError>? {
    outcome.answer.withLock { answer in
      guard answer != nil else { return nil }
      defer { answer = nil }
      var byte: UInt8 = 0
      read(outcome.pipe.reading, &byte, 1)
      return answer
    }
  }

  var descriptor: Int32? { outcome.pipe.reading }
}
