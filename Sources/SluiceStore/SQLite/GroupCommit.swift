import Glibc
import SluiceCore
import Synchronization

/// Takes the writes of all threads of a process into common transactions: while one commits, more
/// gather, and the next commit takes all of them at the price of one fsync. A thread of its own does
/// that, so that whoever has other requests to read need not wait for a commit.
final class GroupCommit: @unchecked Sendable {
  typealias Write = (Connection) throws(LedgerError) -> Void
  /// What is done when nobody has written for a while, a little at a time.
  struct Leisure {
    /// Whether there is anything; asked outside of any transaction.
    let isWanted: (Connection) throws(LedgerError) -> Bool
    let write: Write
  }

  /// A write, and who is told what came of it. Made by one thread and then used by one other alone, the
  /// committing one or the one that takes it out of the queue, which is what makes it Sendable.
  private struct Entry: @unchecked Sendable {
    let write: Write
    let done: (LedgerError?) -> Void
    /// Boot time, nanoseconds.
    var since: UInt64 = 0
  }

  private struct State {
    /// In the order of their coming.
    var waiting: [Entry] = []
    /// Another process has the turn that the committing thread waits for.
    var isHeldUp = false
    /// A thread looks after what waits meanwhile.
    var isWatched = false
    /// The committing thread sleeps, and wants to be woken.
    var isIdle = false
    var isEnding = false
  }

  private let state = Mutex(State())
  private let arrival = CountingSemaphore()
  private let turn: Turn
  private let checkpointFrames: Int
  private let leisure: Leisure
  private let meters: any Meters
  private let patience: UInt64
  /// Only the committing thread touches it (which is what makes this class Sendable).
  private let connection: Connection

  /// - Parameters:
  ///   - checkpointFrames: Pages of log after which it is emptied into the database.
  ///   - patience: Milliseconds that a write waits for another process to give the turn back, which may
  ///     have been stopped while it had it.
  init(
    connection: Connection, turn: Turn, checkpointFrames: Int, leisure: Leisure,
    meters: any Meters, patience: Int
  ) {
    self.meters = meters
    self.patience = UInt64(patience) * 1_000_000
    self.checkpointFrames = checkpointFrames
    self.leisure = leisure
    self.connection = connection
    self.turn = turn
    Thread.start { self.run() }
  }

  /// Ends the committing thread when all writes are done. There must be no more of them.
  func end() {
    state.withLock { $0.isEnding = true }
    arrival.signal()
  }

  /// Calls `done` when `write` is durable, or with the reason why it is not: if one write of a batch
  /// fails, none of the batch is kept, and each is told. `done` holds up the next commit: it does
  /// little, and waits for no other write.
  func perform(_ write: @escaping Write, then done: @escaping (LedgerError?) -> Void) {
    let entry = Entry(write: write, done: done, since: SystemClocks().boot)
    let mustWake = state.withLock { state in
      state.waiting.append(entry)
      defer { state.isIdle = false }
      return state.isIdle
    }
    if mustWake { arrival.signal() }
  }

  private func run() {
    while let hasWrites = waitForWrites() {
      guard hasWrites || turn.takeIfFree() else {
        pause = Self.longPause  // Others are busy: it can wait.
        continue
      }
      if hasWrites { takeTurn() }
      // Now, not earlier: what arrived while we waited goes along.
      let batch = hasWrites ? takeBatch() : [Entry(write: leisure.write, done: { _ in })]
      let error = batch.isEmpty ? nil : transact(batch)
      turn.release()
      for entry in batch { entry.done(error) }
      mayHaveLeisure = error == nil
      pause = hasWrites ? Self.longPause : Self.shortPause
    }
  }

  // MARK: Another process in the way

  private func takeTurn() {
    guard !turn.takeIfFree() else { return }
    let mustWatch = state.withLock { state in
      state.isHeldUp = true
      defer { state.isWatched = true }
      return !state.isWatched
    }
    if mustWatch { Thread.start { self.watch() } }
    turn.take()
    state.withLock { $0.isHeldUp = false }
  }

  /// Refuses what has waited for too long for another process. Ends when nobody has been in the way for
  /// a while.
  private func watch() {
    var quietRounds = 0
    while true {
      poll(nil, 0, Int32(patience / 1_000_000 / 16))
      let now = SystemClocks().boot
      let late: [Entry]? = state.withLock { state in
        quietRounds = state.isHeldUp ? 0 : quietRounds + 1
        guard quietRounds < 32, !state.isEnding || state.isHeldUp else {
          state.isWatched = false
          return nil
        }
        guard state.isHeldUp else { return [] }
        let end =
          state.waiting.firstIndex { now < $0.since + patience } ?? state.waiting.endIndex
        defer { state.waiting.removeFirst(end) }
        return Array(state.waiting[..<end])
      }
      guard let late else { return }
      for entry in late {
        entry.done(
          .busy("it has had the writers' turn, ledger.turn, for \(patience / 1_000_000) ms"))
      }
    }
  }

  /// Since nothing was to be done at leisure, something has been written. The committing thread's.
  private var mayHaveLeisure = false
  /// Milliseconds without a write after which there is leisure. The committing thread's.
  private var pause = longPause

  /// - Returns: Whether there are writes; otherwise there is something to do at leisure. `nil` at the
  ///   end.
  private func waitForWrites() -> Bool? {
    while true {
      let next: Bool?? = state.withLock { state in
        if !state.waiting.isEmpty { return true }
        if state.isEnding { return .some(nil) }
        state.isIdle = true
        return nil
      }
      if let next { return next }
      guard mayHaveLeisure else {
        arrival.wait()
        continue
      }
      if arrival.wait(milliseconds: pause) { continue }
      if let isWanted = try? leisure.isWanted(connection), isWanted { return false }
      mayHaveLeisure = false
    }
  }

  private static let longPause = 100
  /// Between one thing done at leisure and the next, for others to take their turn.
  private static let shortPause = 5

  private func takeBatch() -> [Entry] {
    state.withLock { state in
      let batch = Array(state.waiting.prefix(Self.largestBatch))
      state.waiting.removeFirst(batch.count)
      return batch
    }
  }

  private func transact(_ batch: [Entry]) -> LedgerError? {
    do throws(LedgerError) {
      try connection.prepared(Self.begin).run()
      for entry in batch { try entry.write(connection) }
      try connection.backlog.flush(on: connection)
      try connection.prepared(Self.commit).run()
    } catch {
      connection.backlog.forget()
      connection.duplicates.removeAll()
      connection.resetAll()
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      return error
    }
    for (key, number) in connection.duplicates {
      meters.count(.duplicates, key.queue, of: key.channel, times: number)
    }
    connection.duplicates.removeAll()
    // The batch is durable; whatever a checkpoint meets is no reason to refuse it.
    if connection.walFrames > checkpointFrames {
      _ = try? connection.checkpoint(truncating: false)
    }
    return nil
  }

  private static let begin = Query("BEGIN IMMEDIATE")
  private static let commit = Query("COMMIT")
  private static let largestBatch = 256
}
