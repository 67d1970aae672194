import Glibc
import SluiceCore

/// The writers' turn: at most one process writes the ledger at a time, and those that wait are
/// served in the order they came. SQLite's own busy handler polls with growing sleeps, which gave
/// pauses of half a second between two busy writers; the kernel's queue for `flock` gives none, and
/// the kernel lets go of a lock when its holder is killed.
final class Turn: Sendable {
  private let descriptor: Int32

  init(path: String) throws(LedgerError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw .notWritable("\(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  func take() {
    while flock(descriptor, LOCK_EX) != 0 {
      precondition(errno == EINTR, "flock: \(String(cString: strerror(errno)))")
    }
  }

  /// - Returns: `false` if somebody else has it.
  func takeIfFree() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  func release() { flock(descriptor, LOCK_UN) }
}
