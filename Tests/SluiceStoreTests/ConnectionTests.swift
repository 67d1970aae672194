import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceStore

struct ConnectionTests {
  @Test("a file that is no database is refused, with an error that says so")
  func refusesStrangers() {
    let directory = TemporaryDirectory()
    directory.write(String(repeating: "no database ", count: 1_000), to: "ledger.db")
    let result = Result { () throws(LedgerError) in
      try SQLiteLedger(directory: directory.path)
    }
    guard case .failure(.broken(let detail)) = result else {
      Issue.record("the ledger opens, or another error comes")
      return
    }
    #expect(detail.contains("not a database"), "\(detail)")
  }

  @Test("a ledger of the version before is brought up to date, with all that is in it")
  func migrates() throws {
    let directory = TemporaryDirectory()
    let channel = ChannelName("sms")!
    let old = try Connection(path: directory.path + "/ledger.db", access: .readWrite)
    try Migrations.run(on: old, to: 1)
    try old.execute(
      """
      INSERT INTO webhook (channel, received_ms, body, problem) VALUES ('sms', 1, x'41', 'odd');
      INSERT INTO message (id, mid, channel, direction, contact, contact_key, created_ms,
          timestamp_ms, status, status_ms, content)
        VALUES (7, x'0199c5a3d7c000000000000000000001', 'sms', 0, '+60100000001', 1, 1, 1, 4, 2, '{}');
      INSERT INTO attempt (message, queue, part, token, started_ms, finished_ms, outcome, detail)
        VALUES (7, 0, 0, 1, 1, 2, 2, 'no');
      INSERT INTO dead_letter (message, queue, part, channel, died_ms, attempts, reason)
        VALUES (7, 0, 0, 'sms', 2, 1, 'refused');
      """)
    let ledger = try SQLiteLedger(directory: directory.path)
    #expect(try old.integer("PRAGMA user_version") == Migrations.current)
    #expect(
      try ledger.troubles() == [ChannelTroubles(channel: channel, deadLetters: 1, quarantined: 1)])
    let letter = try #require(try ledger.deadLetters(DeadLetterFilter(), limit: 2).first)
    #expect(letter.reason == "refused" && letter.answer == "no")
    #expect(try ledger.trace(letter.id)?.attempts.map(\.account) == [.main])
    #expect(try ledger.quarantine(of: channel, before: nil, limit: 2).map(\.account) == [nil])
    #expect(try ledger.messages(MessageSearch(channel: channel)).messages.map(\.row) == [7])
  }

  @Test("what went wrong half-way through a question leaves nothing standing on a row")
  func endsFailedQuestions() throws {
    let directory = TemporaryDirectory()
    let channel = ChannelName("sms")!
    let ledger = try SQLiteLedger(directory: directory.path)
    let stranger = try Connection(path: directory.path + "/ledger.db", access: .readWrite)
    try stranger.execute("INSERT INTO intake (channel, received_ms, kind) VALUES ('sms', 0, 99)")
    let pause = Pause(channel: channel, destination: .platform)
    #expect(throws: LedgerError.self) {
      try ledger.replay(DeadLetterFilter(), limit: 1, now: 0)
    }
    // Whoever still read what was there before could not write once somebody else has.
    try stranger.execute("INSERT INTO pause (channel, destination) VALUES ('other', 0)")
    try ledger.pause(pause)
    #expect(try stranger.checkpoint(truncating: false))
  }
}
