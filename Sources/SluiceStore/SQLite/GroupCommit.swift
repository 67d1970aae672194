import Glibc
import SluiceCore
import Synchronization

/// Takes the writes of all threads of a process into common transactions: while one commits, the
/// others gather, and the next commit takes all of them at the price of one fsync. The thread that
/// finds nobody committing leads; when it is done, it hands over to the first that waits.
final class GroupCommit: @unchecked Sendable {
  typealias Write = (Connection) throws(LedgerError) -> Void

  private struct State {
    var waiting: [Waiter] = []
    var isLed = false
  }

  private let state = Mutex(State())
  private let turn: Turn
  private let checkpointFrames: Int
  /// Only the leader touches it (which is what makes this class Sendable): `isLed` lets one thread
  /// in, and the hand-over passes through `state`'s lock and a semaphore.
  private let connection: Connection

  /// - Parameter checkpointFrames: Pages of log after which it is emptied into the database.
  init(connection: Connection, turn: Turn, checkpointFrames: Int) {
    self.checkpointFrames = checkpointFrames
    self.connection = connection
    self.turn = turn
  }

  /// Returns once `write` is durable, or throws why it is not. If one write of a batch fails, none
  /// of the batch is kept, and each is told.
  func perform(_ write: @escaping Write) throws(LedgerError) {
    let waiter = Waiter(write)
    let mustLead = state.withLock { state in
      state.waiting.append(waiter)
      defer { state.isLed = true }
      return !state.isLed
    }
    if !mustLead { waiter.wait() }
    if waiter.outcome == nil { lead(for: waiter) }
    if let error = waiter.outcome?.error { throw error }
  }

  private func lead(for leader: Waiter) {
    turn.take()
    let batch = takeBatch()  // Now, not earlier: what arrived while we waited goes along.
    let outcome = Waiter.Outcome(error: transact(batch))
    turn.release()
    let next = state.withLock { state in
      state.isLed = !state.waiting.isEmpty
      return state.waiting.first
    }
    next?.wake()  // Without an outcome: it leads.
    for waiter in batch {
      waiter.outcome = outcome
      if waiter !== leader { waiter.wake() }
    }
  }

  private func takeBatch() -> [Waiter] {
    state.withLock { state in
      let batch = Array(state.waiting.prefix(Self.largestBatch))
      state.waiting.removeFirst(batch.count)
      return batch
    }
  }

  private func transact(_ batch: [Waiter]) -> LedgerError? {
    do throws(LedgerError) {
      try connection.prepared(Self.begin).run()
      for waiter in batch { try waiter.write(connection) }
      try connection.backlog.flush(on: connection)
      try connection.prepared(Self.commit).run()
    } catch {
      connection.backlog.forget()
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      return error
    }
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

/// A write that waits for its commit, and the thread behind it.
final class Waiter: @unchecked Sendable {
  struct Outcome { let error: LedgerError? }

  let write: GroupCommit.Write
  /// Written by the leader before it wakes this thread, and read by this thread after it woke: the
  /// semaphore orders the two, which is what makes this class Sendable.
  var outcome: Outcome?
  private let semaphore: UnsafeMutablePointer<sem_t>

  init(_ write: @escaping GroupCommit.Write) {
    self.write = write
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func wait() {
    while sem_wait(semaphore) != 0 {}  // Only a signal interrupts it.
  }

  func wake() { sem_post(semaphore) }
}
