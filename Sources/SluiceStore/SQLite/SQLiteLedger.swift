import Glibc
import SluiceCore

/// The ledger in one SQLite file, shared by all processes of the host.
package final class SQLiteLedger: InspectableLedger {
  let writes: GroupCommit
  private let reader: Reader
  let reserve: DiskReserve
  let policy: LedgerPolicy

  /// Opens `directory`, making it and the ledger in it where they are missing.
  /// - Parameter checkpointFrames: Pages of log after which it is emptied into the database. 16 MB
  ///   are rare enough that a checkpoint's cost is spread over thousands of messages, and take a few
  ///   milliseconds. A program that lives for one request reads the whole log when it is alone, so
  ///   it keeps it short.
  /// - Parameter patience: Milliseconds that a write waits for another process that writes, and then for
  ///   SQLite's own lock.
  package init(
    directory: String, policy: LedgerPolicy = LedgerPolicy(), checkpointFrames: Int = 4_000,
    meters: any Meters = NoMeters(), patience: Int = 5_000
  ) throws(LedgerError) {
    self.policy = policy
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
      connection: connection, turn: turn, checkpointFrames: checkpointFrames,
      leisure: Self.filingAtLeisure(policy), meters: meters, patience: patience)
    reader = Reader(path: path)
    reserve = DiskReserve(path: directory + "/ledger.reserve", bytes: policy.reserveBytes)
    reserve.fill()
  }

  package func backlog() throws(LedgerError) -> [Backlog] { try backlog(of: nil) }

  /// - Parameter channel: `nil` looks at all.
  func backlog(of channel: ChannelName?) throws(LedgerError) -> [Backlog] {
    try read { connection throws(LedgerError) in
      let rows = try connection.prepared(Self.selectBacklog).bind(1, channel?.description)
      var backlog: [Backlog] = []
      while try rows.step() {
        guard let channel = ChannelName(rows.text(0)),
          let queue = Queue(rawValue: Int(rows.integer(1)))
        else { continue }
        backlog.append(
          Backlog(
            channel: channel, queue: queue, queued: Int(rows.integer(2)),
            unknown: Int(rows.integer(3))))
      }
      return backlog
    }
  }

  private static let selectBacklog = Query(
    """
    SELECT channel, queue, sum(queued), (SELECT count(*) FROM entry e
        WHERE e.channel = b.channel AND e.queue = b.queue AND e.unknown_ms IS NOT NULL)
      FROM (SELECT channel, queue, queued FROM backlog WHERE queued > 0
        UNION ALL
        SELECT channel, CASE kind WHEN 4 THEN 0 ELSE 1 END, 1 FROM intake WHERE kind IN (1, 2, 4)) b
      WHERE ?1 IS NULL OR channel = ?1 GROUP BY channel, queue ORDER BY channel, queue
    """)

  /// A ``write(_:then:)`` that takes in new work: it is refused while the reserve has been given up, or
  /// could not be set aside.
  func admit<Value>(
    _ body: @escaping (Connection) throws(LedgerError) -> Value,
    then done: @escaping (Result<Value, LedgerError>) -> Void
  ) {
    write { [reserve] connection throws(LedgerError) -> Value? in
      // Looked at once in a transaction, however many want to be taken in. It refuses this one alone,
      // so it is no error of the transaction's.
      let isAdmitting = connection.backlog.isAdmitting ?? reserve.isHeld
      connection.backlog.isAdmitting = isAdmitting
      return isAdmitting ? try body(connection) : nil
    } then: { [reserve] result in
      switch result {
      case .success(let value?): done(.success(value))
      case .success(nil):
        done(.failure(.full("less than \(reserve.bytes >> 20) MB are left")))
      case .failure(let error): done(.failure(error))
      }
    }
  }

  /// A ``write(_:then:)`` that settles work accepted before. If the disk is full, the reserve is given
  /// up for it: new work is refused then, and what was promised is still kept.
  func settle<Value>(
    _ body: @escaping (Connection) throws(LedgerError) -> Value,
    then done: @escaping (Result<Value, LedgerError>) -> Void
  ) {
    write(body) { result in
      if case .failure(.full) = result, self.reserve.release() {
        self.write(body, then: done)
      } else {
        done(result)
      }
    }
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
    try waiting { write(body, then: $0) }
  }

  /// Begins something, and waits for what it is done with.
  func waiting<Value>(
    _ begin: (@escaping (Result<Value, LedgerError>) -> Void) -> Void
  ) throws(LedgerError) -> Value {
    let isDone = CountingSemaphore()
    var outcome: Result<Value, LedgerError>?
    begin {
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
