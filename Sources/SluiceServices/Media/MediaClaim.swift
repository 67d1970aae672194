import Glibc
import SluiceCore

/// The right to fetch one media, and the file to fetch it into. Whoever claims it meanwhile waits;
/// the kernel ends the claim of a process that dies.
struct MediaClaim: ~Copyable {
  /// Empty, for the copy.
  let descriptor: Int32
  private let store: MediaStore
  private let id: String

  init(_ store: MediaStore, _ id: String) throws(FileError) {
    self.store = store
    self.id = id
    descriptor = try Self.lock(store.partPath(id))
  }

  deinit {
    // Nothing, where it was renamed: nobody else makes one of that name while we hold the lock on it,
    // and after the renaming one of that name is another's.
    if Self.isAt(store.partPath(id), descriptor) { unlink(store.partPath(id)) }
    close(descriptor)
  }

  /// Makes what was written the copy that everybody finds. Whoever sees the file sees the note too.
  func publish(type: String?, size: Int64) throws(FileError) {
    // Readable for nginx, by the directory's group.
    guard fchmod(descriptor, 0o640) == 0 else { throw FileError(errno: errno) }
    try write(.copied(type: type, size: size))
    guard rename(store.partPath(id), store.path(id)) == 0 else { throw FileError(errno: errno) }
  }

  func fail(_ failure: MediaFailure, now: Int64) throws(FileError) {
    try write(.failed(failure, until: now + failure.quiet))
  }

  private func write(_ note: MediaStore.Note) throws(FileError) {
    // One name is enough: only the holder of the lock writes it.
    let draft = store.notePath(id) + ".part"
    let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw FileError(errno: errno) }
    defer { close(file) }
    let bytes = note.json.bytes
    guard Glibc.write(file, bytes, bytes.count) == bytes.count,
      rename(draft, store.notePath(id)) == 0
    else {
      let error = FileError(errno: errno)
      unlink(draft)
      throw error
    }
  }

  /// Opens and locks the file of that name, and empties it.
  private static func lock(_ path: String) throws(FileError) -> Int32 {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw FileError(errno: errno) }
      while flock(descriptor, LOCK_EX) != 0 {
        guard errno == EINTR else {
          let error = FileError(errno: errno)
          close(descriptor)
          throw error
        }
      }
      // Whoever held the lock may have renamed or removed the file: then this is no longer the lock.
      if isAt(path, descriptor) {
        guard ftruncate(descriptor, 0) == 0 else {
          let error = FileError(errno: errno)
          close(descriptor)
          throw error
        }
        return descriptor
      }
      close(descriptor)
    }
  }

  /// Whether an open file still has that name.
  static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
    var (ours, named) = (stat(), stat())
    return fstat(descriptor, &ours) == 0 && lstat(path, &named) == 0
      && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev
  }
}
