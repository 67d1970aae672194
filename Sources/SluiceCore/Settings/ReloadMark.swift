import Glibc

/// A file in the state directory that `sluice reload` makes anew: programs whose settings are older
/// than it read them again. Only which file it is counts, so it is cheap to look at, and nobody has to
/// know the programs' process IDs.
package struct ReloadMark: Equatable, Sendable {
  private let inode: UInt64
  /// Nanoseconds of Unix time.
  private let made: Int64

  /// The mark as it is now; `nil` where nobody has reloaded yet.
  package init?(in stateDirectory: String) {
    var status = stat()
    guard stat(Self.path(stateDirectory), &status) == 0 else { return nil }
    inode = UInt64(status.st_ino)
    made = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// Unix milliseconds.
  package var madeAt: Int64 { made / 1_000_000 }

  /// Makes it anew: from here on each program reads its settings before its next request.
  package static func renew(in stateDirectory: String) throws(FileError) {
    let path = path(stateDirectory)
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError(errno: errno) }
    close(descriptor)
    guard rename(draft, path) == 0 else {
      let error = FileError(errno: errno)
      unlink(draft)
      throw error
    }
  }

  private static func path(_ stateDirectory: String) -> String { stateDirectory + "/reload" }
}
