import CSQLite
import SluiceCore

/// A prepared statement. Parameters count from 1, columns from 0, as in SQLite.
final class Statement {
  private let raw: OpaquePointer

  init(_ sql: String, on connection: OpaquePointer) throws(LedgerError) {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else {
      throw Connection.error(code, String(cString: sqlite3_errmsg(connection)))
    }
    raw = statement
  }

  deinit { sqlite3_finalize(raw) }

  /// Ends the statement's run, so that it holds no read transaction open, and forgets its
  /// parameters.
  func reset() {
    sqlite3_reset(raw)
    sqlite3_clear_bindings(raw)
  }

  /// Moves to the next row; `false` at the end, where the statement is reset.
  func step() throws(LedgerError) -> Bool {
    switch sqlite3_step(raw) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(raw)
      return false
    case let code:
      let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(raw)))
      sqlite3_reset(raw)
      throw Connection.error(code, message)
    }
  }

  /// What `read` makes of the first row; `nil` if there is none. The statement is reset: one left
  /// standing on a row would hold a read transaction open across commits.
  func first<Result>(
    _ read: (Statement) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result? {
    defer { sqlite3_reset(raw) }
    return try step() ? try read(self) : nil
  }

  func hasRow() throws(LedgerError) -> Bool { try first { _ in true } ?? false }

  /// Runs a statement that yields no rows.
  func run() throws(LedgerError) {
    while try step() {}
  }

  @discardableResult func bind(_ at: Int32, _ value: Int64) -> Statement {
    check(sqlite3_bind_int64(raw, at, value))
    return self
  }

  @discardableResult func bind(_ at: Int32, _ value: Int) -> Statement { bind(at, Int64(value)) }

  @discardableResult func bind(_ at: Int32, _ value: Int64?) -> Statement {
    if let value { bind(at, value) } else { self }  // Cleared bindings are NULL.
  }

  @discardableResult func bind(_ at: Int32, _ value: String?) -> Statement {
    guard var value else { return self }
    value.withUTF8 { buffer in
      let start = UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
      check(sluice_sqlite_bind_text(raw, at, start ?? emptyText, Int32(buffer.count)))
    }
    return self
  }

  @discardableResult func bind(_ at: Int32, _ bytes: [UInt8]) -> Statement {
    bytes.withUnsafeBytes { buffer in
      check(sluice_sqlite_bind_blob(raw, at, buffer.baseAddress ?? emptyBlob, Int32(buffer.count)))
    }
    return self
  }

  /// 16 bytes, most significant first, so that the order of blobs is the order of IDs.
  @discardableResult func bind(_ at: Int32, _ id: MessageID) -> Statement {
    withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { buffer in
      check(sluice_sqlite_bind_blob(raw, at, buffer.baseAddress, 16))
    }
    return self
  }

  @discardableResult func bind(_ at: Int32, _ id: MessageID?) -> Statement {
    if let id { bind(at, id) } else { self }
  }

  func integer(_ at: Int32) -> Int64 { sqlite3_column_int64(raw, at) }

  func isNull(_ at: Int32) -> Bool { sqlite3_column_type(raw, at) == SQLITE_NULL }

  func optionalInteger(_ at: Int32) -> Int64? { isNull(at) ? nil : integer(at) }

  func text(_ at: Int32) -> String { String(decoding: bytes(at), as: UTF8.self) }

  func optionalText(_ at: Int32) -> String? { isNull(at) ? nil : text(at) }

  /// Valid until the next step.
  func bytes(_ at: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(raw, at)  // For text too: its UTF-8.
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, at)))
  }

  func messageID(_ at: Int32) -> MessageID {
    let blob = bytes(at)
    precondition(blob.count == 16, "a message ID of \(blob.count) bytes in the ledger")
    return MessageID(
      high: UInt64(bigEndian: blob.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: blob.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  private func check(_ code: Int32) {
    precondition(code == SQLITE_OK, "a parameter cannot be bound: SQLite code \(code)")
  }
}

/// Something to point at where there are no bytes: a null pointer would bind NULL. Set once, and
/// SQLite reads none of it, which is what lets all threads share it.
private nonisolated(unsafe) let emptyBlob = UnsafeRawPointer(
  UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
private nonisolated(unsafe) let emptyText = emptyBlob.assumingMemoryBound(to: CChar.self)
