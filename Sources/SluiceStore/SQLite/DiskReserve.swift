import Glibc
import SluiceCore
import Synchronization

/// Disk space kept aside beside the ledger, as a file that is deleted when the space is needed: even
/// a deletion needs room in SQLite's log, so a full disk would hold up what was accepted long ago.
final class DiskReserve: Sendable {
  private let path: String
  /// 0 keeps none.
  let bytes: Int
  /// When to look again whether it is there: every request asks. Nanoseconds.
  private let lookAgainAt = Atomic<UInt64>(0)

  init(path: String, bytes: Int) {
    self.path = path
    self.bytes = bytes
  }

  /// Whether the space is there, or none is wanted. What another process gave up a moment ago may
  /// still count: that is a small part of it.
  var isHeld: Bool {
    guard bytes > 0 else { return true }
    let now = Self.now
    if now < lookAgainAt.load(ordering: .relaxed) { return true }
    if access(path, F_OK) != 0 {
      fill()
      guard access(path, F_OK) == 0 else { return false }
    }
    lookAgainAt.store(now + Self.interval, ordering: .relaxed)
    return true
  }

  /// Sets the space aside again, if there is at least twice as much free.
  func fill() {
    guard bytes > 0, access(path, F_OK) != 0 else { return }
    var status = statvfs()
    guard statvfs(path.parentDirectory, &status) == 0,
      UInt64(status.f_bavail) * UInt64(status.f_frsize) > UInt64(bytes) * 2
    else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if posix_fallocate(descriptor, 0, off_t(bytes)) != 0 { unlink(path) }
  }

  /// - Returns: Whether there was anything to give up.
  func release() -> Bool {
    lookAgainAt.store(0, ordering: .relaxed)
    return unlink(path) == 0
  }

  private static let interval: UInt64 = 50_000_000

  /// Precise to a few milliseconds, and for that costs next to nothing.
  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension String {
  fileprivate var parentDirectory: String {
    utf8.lastIndex(of: UInt8(ascii: "/")).map { String(self[..<$0]) } ?? "."
  }
}
