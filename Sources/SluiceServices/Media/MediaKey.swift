import Glibc
import SluiceCore

/// The key of the links' tokens: the settings' own, or one in the state directory, which the first
/// program that needs it makes.
enum MediaKey {
  /// Reads the key.
  /// - Returns: `nil` where none was made yet, and so no link either.
  static func find(_ settings: Settings) throws(FileError) -> Secret? {
    if let key = settings.media.key { return key }
    let path = path(settings)
    guard access(path, F_OK) == 0 else { return nil }
    let bytes = try File.read(path, atMost: 1_024)
    guard bytes.count == length else { throw FileError(errno: EINVAL) }
    return Secret(bytes)
  }

  /// Reads the key, and makes it before where there is none.
  static func findOrMake(_ settings: Settings) throws(FileError) -> Secret {
    if let key = try find(settings) { return key }
    try make(path(settings))
    try sync(settings.server.stateDirectory)
    guard let key = try find(settings) else { throw FileError(errno: ENOENT) }
    return key
  }

  /// Puts a whole key in its place, or leaves the one that another process was faster with: a link
  /// to a file never replaces one.
  private static func make(_ path: String) throws(FileError) {
    let draft = "\(path).\(getpid())-\(UInt32.random(in: 0...(.max)))"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileError(errno: errno) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    // The system's generator is a cryptographic one.
    let key = (0..<length).map { _ in UInt8.random(in: 0...255) }
    // On disk before anybody signs with it: links outlive a crash.
    guard write(descriptor, key, length) == length, fsync(descriptor) == 0 else {
      throw FileError(errno: errno)
    }
    guard link(draft, path) == 0 || errno == EEXIST else { throw FileError(errno: errno) }
  }

  /// Without it a power cut may take the new name, and with it the key.
  private static func sync(_ directory: String) throws(FileError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(errno: errno) }
  }

  private static func path(_ settings: Settings) -> String {
    "\(settings.server.stateDirectory)/\(name)"
  }

  private static let name = "media.key"

  /// Bytes.
  private static let length = 32
}
