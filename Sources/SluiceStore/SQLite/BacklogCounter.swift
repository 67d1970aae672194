import SluiceCore

/// Counts the queue's entries as they come and go, so that a limit costs no counting. Within a
/// transaction the counts are here; ``flush(on:)`` writes each that changed once, before the commit.
final class BacklogCounter {
  struct Key: Hashable {
    let channel: ChannelName
    let queue: Queue
  }

  private var counts: [Key: (stored: Int, now: Int)] = [:]
  /// Rows of the intake, at most.
  private var intake: Int?
  private var hasFiled = false
  /// Whether new work is taken in; `nil` if nobody has looked yet.
  var isAdmitting: Bool?

  func queued(_ key: Key, on connection: Connection) throws(LedgerError) -> Int {
    if let count = counts[key] { return count.now }
    let stored =
      try connection.prepared(Self.select)
      .bind(1, key.channel.description).bind(2, key.queue.rawValue).first { Int($0.integer(0)) }
      ?? 0
    counts[key] = (stored, stored)
    return stored
  }

  func add(_ entries: Int, to key: Key, on connection: Connection) throws(LedgerError) {
    let before = try queued(key, on: connection)
    counts[key]?.now = max(before + entries, 0)
  }

  func flush(on connection: Connection) throws(LedgerError) {
    for (key, count) in counts where count.now != count.stored {
      try connection.prepared(Self.store)
        .bind(1, key.channel.description).bind(2, key.queue.rawValue).bind(3, count.now).run()
    }
    forget()
  }

  /// At the end of a transaction: other processes count too.
  func forget() {
    counts.removeAll(keepingCapacity: true)
    intake = nil
    hasFiled = false
    isAdmitting = nil
  }

  // MARK: The intake

  /// How many rows of the intake are not filed, at most: IDs count them, and some may be missing.
  func unfiled(on connection: Connection) throws(LedgerError) -> Int {
    if let intake { return intake }
    let count = try connection.prepared(Self.intakeSpan).first { Int($0.integer(0)) } ?? 0
    intake = count
    return count
  }

  func append() { intake = intake.map { $0 + 1 } }

  func filed(_ rows: Int, isAll: Bool) {
    intake = isAll ? 0 : intake.map { max($0 - rows, 1) }
  }

  /// `true` once in a transaction.
  func mayFile() -> Bool {
    defer { hasFiled = true }
    return !hasFiled
  }

  private static let intakeSpan = Query(
    """
    SELECT coalesce((SELECT max(id) FROM intake) - (SELECT min(id) FROM intake) + 1, 0)
    """)

  private static let select = Query("SELECT queued FROM backlog WHERE channel = ? AND queue = ?")
  private static let store = Query(
    "INSERT OR REPLACE INTO backlog (channel, queue, queued) VALUES (?,?,?)")
}
