import Glibc
import SluiceCore

/// Disk space kept aside beside the ledger, as a file that is deleted when the space is needed: even
/// a deletion needs room in SQLite's log, so a full disk would hold up what was accepted long ago.
struct DiskReserve: Sendable {
  let path: String
  /// 0 keeps none.
  let bytes: Int

  /// Whether the space is there, or none is wanted.
  var isHeld: Bool {
    if bytes == 0 || access(path, F_OK) == 0 { return true }
    fill()
    return access(path, F_OK) == 0
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
  func release() -> Bool { unlink(path) == 0 }
}

extension String {
  fileprivate var parentDirectory: String {
    utf8.lastIndex(of: UInt8(ascii: "/")).map { String(self[..<$0]) } ?? "."
  }
}
