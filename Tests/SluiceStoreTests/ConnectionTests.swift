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
