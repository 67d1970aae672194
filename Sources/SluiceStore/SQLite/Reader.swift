import SluiceCore
import Synchronization

/// A connection for questions that change nothing; opened when first asked, since most programs ask
/// none. One thread at a time uses it, which is what makes it Sendable: `lock` is held throughout.
final class Reader: @unchecked Sendable {
  private let path: String
  private let lock = Mutex(())
  private var connection: Connection?

  init(path: String) { self.path = path }

  func read<Result>(
    _ body: (Connection) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    // `withLock` would ask for a Sendable result, and what is read here need not be one.
    lock._unsafeLock()
    defer { lock._unsafeUnlock() }
    if connection == nil { connection = try Connection(path: path, access: .readOnly) }
    let connection = connection!
    // One snapshot for all of it, and its locks are taken once: of a thousand channels, a statement each.
    try connection.prepared(Self.begin).run()
    do throws(LedgerError) {
      let result = try body(connection)
      try connection.prepared(Self.end).run()
      return result
    } catch {
      connection.resetAll()
      try? connection.prepared(Self.end).run()
      throw error
    }
  }

  private static let begin = Query("BEGIN")
  private static let end = Query("ROLLBACK")
}
