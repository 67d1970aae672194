import SluiceCore

// Channels that rest: what waits in them is not leased.

extension SQLiteLedger {
  package func pause(_ pause: Pause) throws(LedgerError) {
    try write { connection throws(LedgerError) in
      try Self.bind(connection.prepared(Self.insertPause), pause).run()
    }
  }

  package func resume(_ pause: Pause) throws(LedgerError) -> Bool {
    try write { connection throws(LedgerError) in
      try Self.bind(connection.prepared(Self.deletePause), pause).run()
      return connection.changes > 0
    }
  }

  package func pauses() throws(LedgerError) -> [Pause] {
    try read { connection throws(LedgerError) in try Self.pauses(on: connection) }
  }

  static func pauses(on connection: Connection) throws(LedgerError) -> [Pause] {
    let rows = try connection.prepared(selectPauses)
    var pauses: [Pause] = []
    while try rows.step() {
      guard let channel = ChannelName(rows.text(0)),
        let destination = UInt8(exactly: rows.integer(1)).flatMap(Destination.init)
      else { continue }
      pauses.append(Pause(channel: channel, destination: destination))
    }
    return pauses
  }

  static func isPaused(
    _ queue: Queue, of channel: ChannelName, on connection: Connection
  ) throws(LedgerError) -> Bool {
    let pause = Pause(channel: channel, destination: queue.destination)
    return try bind(connection.prepared(selectPause), pause).hasRow()
  }

  private static func bind(_ statement: Statement, _ pause: Pause) -> Statement {
    statement.bind(1, pause.channel.description).bind(2, Int(pause.destination.rawValue))
  }

  private static let insertPause = Query(
    "INSERT OR IGNORE INTO pause (channel, destination) VALUES (?,?)")
  private static let deletePause = Query(
    "DELETE FROM pause WHERE channel = ? AND destination = ?")
  private static let selectPauses = Query(
    "SELECT channel, destination FROM pause ORDER BY channel, destination")
  private static let selectPause = Query(
    "SELECT 1 FROM pause WHERE channel = ? AND destination = ?")
}
