import CSQLite
import Glibc
import SluiceCore

extension SQLiteLedger {
  /// Copies the ledger as it is at this moment, while others write: what was acknowledged before is in
  /// it. All in one step, under one read transaction, because one in several steps begins anew whenever
  /// somebody commits. Meanwhile the write-ahead log only grows.
  ///
  /// ```text
  /// state      the files                      after a crash
  /// copying    PATH.part, mode 0600           PATH.part is left; delete it
  /// complete   PATH.part, synced; then PATH   PATH is whole; PATH.part may be left beside it
  /// ```
  /// - Parameters:
  ///   - directory: The state directory.
  ///   - path: Of a file that must not exist.
  /// - Returns: The copy's size, bytes.
  /// - Throws: ``BackupError`` for what is wrong with the copy, `LedgerError` for the ledger.
  package static func backUp(directory: String, to path: String) throws -> Int {
    let source = try Connection(path: directory + "/ledger.db", access: .readOnly)
    let file = try BackupFile(path)
    try source.copy(to: file)
    return try file.publish()
  }
}

package enum BackupError: Error, Equatable, CustomStringConvertible {
  case exists(String)
  case failed(String, reason: String)

  package var description: String {
    switch self {
    case .exists(let path):
      "\(path) is there already, and a backup replaces nothing. Name another file."
    case .failed(let path, let reason): "\(path) cannot be written: \(reason)."
    }
  }

  static func last(_ path: String) -> BackupError {
    .failed(path, reason: String(cString: strerror(errno)))
  }
}

/// A file that has its name only once it is whole, and durable.
struct BackupFile: ~Copyable {
  let draft: String
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(BackupError) {
    guard access(path, F_OK) != 0 else { throw .exists(path) }
    let draft = Self.draft(of: path)
    let file = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw errno == EEXIST ? .exists(draft) : .last(draft) }
    (self.path, self.draft, descriptor) = (path, draft, file)
  }

  deinit {
    close(descriptor)
    unlink(draft)
  }

  static func draft(of path: String) -> String { path + ".part" }

  /// - Returns: Bytes.
  func publish() throws(BackupError) -> Int {
    var status = stat()
    guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else { throw .last(draft) }
    // Unlike a renaming, this never replaces what was made meanwhile.
    guard link(draft, path) == 0 else {
      throw errno == EEXIST ? .exists(path) : .last(path)
    }
    let slash = path.lastIndex(of: "/")
    let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw .last(parent) }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw .last(parent) }
    return Int(status.st_size)
  }
}

extension Connection {
  fileprivate func copy(to file: borrowing BackupFile) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE
    // Nobody else knows the file, and one that is not finished is thrown away: no journal, no syncs.
    guard sqlite3_open_v2(file.draft, &handle, flags | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
      let handle,
      sqlite3_exec(handle, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nil, nil, nil)
        == SQLITE_OK
    else {
      throw BackupError.failed(file.draft, reason: "SQLite cannot open it")
    }
    try execute("BEGIN")
    defer { try? execute("COMMIT") }
    // The snapshot is that of the first read.
    _ = try integer("SELECT count(*) FROM sqlite_schema")
    let code = step(into: handle)
    guard code != SQLITE_DONE else { return }
    // The copy's own trouble, most often; the ledger's is one of reading.
    let message = String(cString: sqlite3_errmsg(handle))
    guard [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF) else {
      throw BackupError.failed(file.draft, reason: message)
    }
    throw Self.error(code, message)
  }
}
