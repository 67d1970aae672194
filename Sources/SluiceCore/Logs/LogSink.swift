import Glibc
import Synchronization

/// Where the log's lines go: a file, or standard error. A file that was moved away, as logrotate
/// does, is begun anew within a second, so that no line of a later time goes into the old one.
package final class LogSink: Sendable {
  private let clocks: any Clocks
  private let state: Mutex<State>

  private struct State {
    var path: String?
    var file: OpenFile?
    /// Boot time, nanoseconds.
    var nextLook: UInt64 = 0
  }

  /// - Parameter path: `nil` is standard error, which also takes what the file does not.
  package init(path: String?, clocks: any Clocks) {
    self.clocks = clocks
    state = Mutex(State(path: path))
  }

  deinit { state.withLock { $0.file?.close() } }

  /// Opens the file anew, or another one.
  package func reopen(_ path: String?) {
    state.withLock { state in
      state.path = path
      state.nextLook = 0
      state.file?.close()
      state.file = nil
    }
  }

  /// - Parameter line: With its line feed.
  package func write(_ line: String) {
    let bytes = Array(line.utf8)
    // Whole, in one call: lines of several threads and processes do not mix.
    let isWritten = state.withLock { state in
      guard let path = state.path else { return false }
      look(at: path, &state)
      return state.file.map { Glibc.write($0.descriptor, bytes, bytes.count) == bytes.count }
        ?? false
    }
    if !isWritten { _ = Glibc.write(2, bytes, bytes.count) }
  }

  private func look(at path: String, _ state: inout State) {
    let now = clocks.boot
    guard now >= state.nextLook else { return }
    state.nextLook = now + Self.interval
    if let file = state.file {
      guard !file.isAt(path) else { return }
      file.close()
    }
    state.file = OpenFile(path)
  }

  private struct OpenFile {
    let descriptor: Int32
    private let identity: FileIdentity?

    init?(_ path: String) {
      descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o600)
      guard descriptor >= 0 else { return nil }
      identity = FileIdentity(descriptor: descriptor)
    }

    func isAt(_ path: String) -> Bool { identity == FileIdentity(path: path) }
    func close() { Glibc.close(descriptor) }
  }

  private static let interval: UInt64 = 1_000_000_000
}

/// Which file it is, whatever its name.
private struct FileIdentity: Equatable {
  let device: dev_t
  let inode: ino_t

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    (device, inode) = (status.st_dev, status.st_ino)
  }

  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, inode) = (status.st_dev, status.st_ino)
  }
}
