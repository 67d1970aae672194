import Glibc
import SluiceCore

/// The ledger in one SQLite file, shared by all processes of the host.
package final class SQLiteLedger: Ledger {
  let writes: GroupCommit
  private let reader: Reader

  /// Opens `directory`, making it and the ledger in it where they are missing.
  /// - Parameter checkpointFrames: Pages of log after which it is emptied into the database. 16 MB
  ///   are rare enough that a checkpoint's cost is spread over thousands of messages, and take a few
  ///   milliseconds. A program that lives for one request reads the whole log when it is alone, so
  ///   it keeps it short.
  package init(directory: String, checkpointFrames: Int = 4_000) throws(LedgerError) {
    // 0700: whoever can open the file can hold its locks.
    if mkdir(directory, 0o700) != 0 && errno != EEXIST {
      throw .notWritable("\(directory): \(String(cString: strerror(errno)))")
    }
    let path = directory + "/ledger.db"
    let turn = try Turn(path: directory + "/ledger.turn")
    turn.take()
    defer { turn.release() }
    let previous = umask(0o077)
    defer { umask(previous) }
    let connection = try Connection(path: path, access: .readWrite)
    try Migrations.run(on: connection)
    writes = GroupCommit(
      connection: connection, turn: turn, checkpointFrames: checkpointFrames)
    reader = Reader(path: path)
  }

  deinit { writes.end() }

  /// Runs `body` in the process's next common transaction, and calls `done` when that is durable, or
  /// is not.
  func write<Value>(
    _ body: @escaping (Connection) throws(LedgerError) -> Value,
    then done: @escaping (Result<Value, LedgerError>) -> Void
  ) {
    var value: Value?
    writes.perform { connection throws(LedgerError) in
      value = try body(connection)
    } then: { error in
      // Without an error, the write has set it.
      done(error.map { .failure($0) } ?? .success(value!))
    }
  }

  /// The same, and waits.
  func write<Value>(
    _ body: @escaping (Connection) throws(LedgerError) -> Value
  ) throws(LedgerError) -> Value {
    let isDone = CountingSemaphore()
    var outcome: Result<Value, LedgerError>?
    write(body) {
      outcome = $0
      isDone.signal()
    }
    isDone.wait()
    return try outcome!.get()
  }

  func read<Result>(
    _ body: (Connection) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    try reader.read(body)
  }
}
