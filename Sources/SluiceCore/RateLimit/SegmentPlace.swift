import Glibc

/// Which file the programs of an installation share. The usual one lies where every user of the host may
/// make files, under a name that any of them can compute: somebody who makes it first must not keep the
/// programs from running. They share one in the state directory then, and all of them the same.
///
/// ```text
/// STATE/segment   the usual place        in use
/// is there        whatever               STATE/segment: somebody has decided
/// is missing      another user's         STATE/segment, which is made at once
/// is missing      ours, or nothing       the usual place; in /dev/shm nobody else can take it away
/// ```
///
/// Who decides holds the state directory's lock, so that nobody decides by what is changing meanwhile.
/// STATE/segment stays, over the host's starts too, until an operator removes it.
package struct SegmentPlace: Sendable {
  private let usual: String
  private let stateDirectory: String

  /// - Parameter path: What the settings say.
  package init(_ path: String, stateDirectory: String) {
    usual = path
    self.stateDirectory = stateDirectory
  }

  package init(_ server: Settings.Server) {
    self.init(server.sharedMemory, stateDirectory: server.stateDirectory)
  }

  /// The file that is in use, or will be.
  package var path: String {
    guard mayMove else { return usual }
    return Self.owner(of: refuge) != nil || stranger != nil ? refuge : usual
  }

  /// Whether the programs had to leave the usual place.
  package var hasMoved: Bool { path != usual }

  /// Who has taken the usual place, if somebody has.
  package var stranger: uid_t? {
    guard mayMove, let owner = Self.owner(of: usual), owner != geteuid() else { return nil }
    return owner
  }

  /// Runs `open` with the path that is in use, while nobody else decides about it.
  func deciding<Value>(
    _ open: (String) throws(SegmentError) -> Value
  ) throws(SegmentError) -> Value {
    let lock = mayMove ? Glibc.open(stateDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1
    defer { if lock >= 0 { close(lock) } }
    // Where there is no state directory yet, nobody can have decided for it either.
    if lock >= 0 { while flock(lock, LOCK_EX) != 0, errno == EINTR {} }
    let path = path
    do throws(SegmentError) {
      return try open(path)
    } catch {
      // Somebody may have come between our look and our step.
      guard path == usual, mayMove, error.isForStrangers else { throw error }
      return try open(refuge)
    }
  }

  private var refuge: String { "\(stateDirectory)/segment" }

  /// A path that the settings name is the operator's to look after.
  private var mayMove: Bool { usual == SharedSegment.defaultPath(for: stateDirectory) }

  /// Of whatever is there, a link itself included; `nil` where nothing is.
  private static func owner(of path: String) -> uid_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_uid : nil
  }
}

extension SegmentError {
  /// Whether it is what becomes of opening somebody else's file, whatever that is.
  fileprivate var isForStrangers: Bool {
    switch self {
    case .foreignOwner, .notAFile: true
    case .cannotOpen(_, let errno): [EACCES, EPERM, ELOOP, EISDIR, ENXIO].contains(errno)
    default: false
    }
  }
}
