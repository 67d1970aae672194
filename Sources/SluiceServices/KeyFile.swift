import Glibc
import SluiceCore

/// A key that the programs keep in the state directory, and that the first of them makes that needs
/// it.
package struct KeyFile {
  let directory: String
  let name: String

  /// - Parameter directory: The state directory.
  package init(_ name: String, in directory: String) {
    self.name = name
    self.directory = directory
  }

  private var path: String { "\(directory)/\(name)" }

  /// Reads the key.
  /// - Returns: `nil` where none was made yet.
  package func find() throws(FileError) -> Secret? {
    guard access(path, F_OK) == 0 else { return nil }
    let bytes = try File.read(path, atMost: 1_024)
    guard bytes.count == Self.length else { throw FileError(errno: EINVAL) }
    return Secret(bytes)
  }

  /// Reads the key, and makes it before where there is none.
  package func findOrMake() throws(FileError) -> Secret {
    if let key = try find() { return key }
    try make()
    try sync()
    guard let key = try find() else { throw FileError(errno: ENOENT) }
    return key
  }

  /// Puts a whole key in its place, or leaves the one that another process was faster with: a link
  /// to a file never replaces one.
  private func make() throws(FileError) {
    let draft = "\(path).\(getpid())-\(UInt32.random(in: 0...(.max)))"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileError(errno: errno) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    // The system's generator is a cryptographic one.
    let key = (0..<Self.length).map { _ in UInt8.random(in: 0...255) }
    // On disk before anybody signs with it: what it signed outlives a crash.
    guard write(descriptor, key, Self.length) == Self.length, fsync(descriptor) == 0 else {
      throw FileError(errno: errno)
    }
    guard link(draft, path) == 0 || errno == EEXIST else { throw FileError(errno: errno) }
  }

  /// Without it a power cut may take the new name, and with it the key.
  private func sync() throws(FileError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(errno: errno) }
  }

  /// Bytes.
  private static let length = 32
}
