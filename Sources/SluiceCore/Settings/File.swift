import Glibc

/// Whole small files.
package enum File {
  /// - Parameter limit: Bytes; a larger file is an error.
  package static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(errno: errno) }
    defer { close(descriptor) }
    return try read(descriptor: descriptor, atMost: limit)
  }

  /// What is left to be read of an open one, or comes through a pipe.
  package static func read(
    descriptor: Int32, atMost limit: Int
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(errno: errno) }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw FileError(errno: EFBIG) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// The one absolute path, without links, of something that exists, or is to be made in a directory
  /// that does; otherwise `path` itself.
  package static func canonicalPath(_ path: String) -> String {
    if let resolved = resolve(path) { return resolved }
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    let slash = trimmed.lastIndex(of: "/")
    let name = slash.map { trimmed[trimmed.index(after: $0)...] } ?? trimmed
    let parent = slash.map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
    guard let directory = resolve(parent) else { return path }
    return directory == "/" ? "/\(name)" : "\(directory)/\(name)"
  }

  private static func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Whether users that are neither the owner nor in the group may read the file; `false` where
  /// there is none.
  static func isReadableByAll(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
  }
}

/// Why a file cannot be used; the sentence leaves out its path, which the caller names.
package struct FileError: Error, Equatable, CustomStringConvertible {
  package let errno: Int32

  package init(errno: Int32) { self.errno = errno }

  package var description: String {
    switch errno {
    case ENOENT: "The file does not exist. Create it, or correct the path."
    case EACCES, EPERM: "The file may not be read by this user. Correct its owner or permissions."
    case EFBIG: "The file is too large."
    default: "The file cannot be read: \(String(cString: strerror(errno)))."
    }
  }
}
