import CSQLite
import SluiceCore

/// One SQLite connection, set up so that nothing it commits is lost (RELIABILITY, 3.1), with its
/// statements prepared once. Not thread-safe: whoever owns it says who may use it when.
final class Connection {
  private let raw: OpaquePointer
  private var statements: [ObjectIdentifier: Statement] = [:]
  /// How much is queued, within a transaction.
  let backlog = BacklogCounter()
  /// What was filed in this transaction and was there already.
  var duplicates: [BacklogCounter.Key: Int] = [:]
  /// Frames in the write-ahead log after the last commit made here. On the heap: SQLite's hook
  /// writes it.
  private let frames: UnsafeMutablePointer<Int32>

  enum Access { case readWrite, readOnly }

  /// - Parameter path: In a directory that exists; the file is made by the first writer.
  init(path: String, access: Access) throws(LedgerError) {
    var handle: OpaquePointer?
    let create =
      access == .readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
    let flags = create | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(
      path, &handle, flags, access == .readWrite ? sluice_sqlite_gathering_vfs() : nil)
    guard code == SQLITE_OK, let handle else {
      let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(handle)
      throw Self.error(code, "\(path): \(message)")
    }
    raw = handle
    frames = .allocate(capacity: 1)
    frames.initialize(to: 0)
    sqlite3_busy_timeout(raw, 5_000)
    // Debian's SQLite may lose data when a passive checkpoint meets a writer, and both automatic
    // and closing checkpoints are passive ones (sqlite.org, "The WAL-reset bug").
    sluice_sqlite_no_checkpoint_on_close(raw)
    // An error from here on ends in `deinit`, since everything is set.
    // Stored in no file, so set on each connection, and read back where durability hangs on it.
    for pragma in [
      "wal_autocheckpoint=0", "foreign_keys=OFF", "mmap_size=0", "trusted_schema=OFF",
      // A quarter of SQLite's default: the kernel caches the file too, and programs are to stay small.
      "cache_size=-512", "cell_size_check=ON", "temp_store=MEMORY", "synchronous=FULL",
    ] { try execute("PRAGMA \(pragma)") }
    sqlite3_wal_hook(raw, Self.hook, frames)
    guard try integer("PRAGMA synchronous") == 2 else {
      throw .broken("\(path): SQLite does not accept synchronous=FULL")
    }
  }

  private static let hook:
    @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 =
      { frames, _, _, count in
        frames?.assumingMemoryBound(to: Int32.self).pointee = count
        return SQLITE_OK
      }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(raw)
    frames.deallocate()
  }

  /// Pages in the write-ahead log, as of the last commit here.
  var walFrames: Int { Int(frames.pointee) }

  /// Rows that the last statement changed.
  var changes: Int { Int(sqlite3_changes(raw)) }

  var lastInsertID: Int64 { sqlite3_last_insert_rowid(raw) }

  func setBusyTimeout(milliseconds: Int32) { sqlite3_busy_timeout(raw, milliseconds) }

  /// Runs SQL that yields no rows of interest.
  func execute(_ sql: String) throws(LedgerError) {
    let code = sqlite3_exec(raw, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// The one integer that `sql` yields.
  func integer(_ sql: String) throws(LedgerError) -> Int64? {
    let statement = try Statement(sql, on: raw)
    return try statement.first { $0.integer(0) }
  }

  func text(_ sql: String) throws(LedgerError) -> String? {
    let statement = try Statement(sql, on: raw)
    return try statement.first { $0.text(0) }
  }

  /// The prepared statement for `query`, ready for its parameters.
  func prepared(_ query: Query) throws(LedgerError) -> Statement {
    if let statement = statements[ObjectIdentifier(query)] {
      statement.reset()
      return statement
    }
    let statement = try Statement(query.sql, on: raw)
    statements[ObjectIdentifier(query)] = statement
    return statement
  }

  /// Ends what an error has left standing on a row, which would hold a read transaction open: a log that
  /// cannot begin anew, and writes that are refused once somebody else has written.
  func resetAll() {
    for statement in statements.values { statement.reset() }
  }

  /// A RESTART checkpoint, which holds the write lock throughout. Only inside the writers' turn.
  /// - Returns: `false` if a reader was in the way; the next one will succeed.
  func checkpoint(truncating: Bool) throws(LedgerError) -> Bool {
    setBusyTimeout(milliseconds: 50)
    defer { setBusyTimeout(milliseconds: 5_000) }
    let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART
    let code = sqlite3_wal_checkpoint_v2(raw, nil, mode, nil, nil)
    if code & 0xFF == SQLITE_BUSY { return false }
    guard code == SQLITE_OK else { throw failure(code) }
    frames.pointee = 0
    return true
  }

  /// Copies all of the database into another, in one step.
  /// - Returns: `SQLITE_DONE`, or why not.
  func step(into copy: OpaquePointer) -> Int32 {
    guard let backup = sqlite3_backup_init(copy, "main", raw, "main") else {
      return sqlite3_extended_errcode(copy)
    }
    let code = sqlite3_backup_step(backup, -1)
    let end = sqlite3_backup_finish(backup)
    return end == SQLITE_OK ? code : end
  }

  var isInTransaction: Bool { sqlite3_get_autocommit(raw) == 0 }

  private func failure(_ code: Int32) -> LedgerError {
    Self.error(code, String(cString: sqlite3_errmsg(raw)))
  }

  static func error(_ code: Int32, _ message: String) -> LedgerError {
    let detail = "\(message), SQLite code \(code)"
    return switch code & 0xFF {
    case SQLITE_FULL: .full(detail)
    case SQLITE_BUSY, SQLITE_LOCKED: .busy(detail)
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .notWritable(detail)
    default: .broken(detail)
    }
  }
}

/// SQL that is prepared once per connection. A class, so that its identity is the cache's key.
final class Query: Sendable {
  let sql: String
  init(_ sql: String) { self.sql = sql }
}
