import CSQLite
import Foundation
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceStore

struct BackupTests {
  private let bench: LedgerBench
  private var state: String { bench.directory.path }
  private let elsewhere = TemporaryDirectory()
  private var copy: String { elsewhere.path + "/copy.db" }

  init() throws { bench = try LedgerBench() }

  @Test("what was acknowledged before is in it, whoever writes meanwhile; restored, it is whole")
  func isConsistent() throws {
    let ledger = bench.ledger
    let over = Flag()
    let writers = Background(threads: 3) { thread in
      var number = 0
      while !over.isSet {
        number += 1
        let id = "\(thread).\(number)"
        let message = InboundMessage(
          externalID: id, contact: try ContactID("+6010\(1_000_000 + thread)"),
          content: .text(String(repeating: "x", count: 2_000)))
        _ = try ledger.record(
          WebhookRecord(
            channel: try #require(ChannelName("sms")), receivedAt: 1_760_000_000_000,
            contentType: nil, body: [],
            events: [
              (.message(message), MessageID(high: UInt64(thread), low: UInt64(number)))
            ]))
        over.note(id)
      }
    }
    defer {
      over.set()
      #expect(writers.wait().isEmpty)
    }
    for round in 0..<5 {
      while over.count < (round + 1) * 100 { sched_yield() }
      let before = over.taken
      let path = "\(elsewhere.path)/\(round).db"
      let bytes = try SQLiteLedger.backUp(directory: state, to: path)
      #expect(bytes > 4_096)
      let missing = Set(before).subtracting(try restored(path))
      #expect(missing.isEmpty, "round \(round): \(missing.count) of \(before.count)")
    }
  }

  /// The external IDs of all that a restored copy has, filed or not.
  private func restored(_ path: String) throws -> Set<String> {
    let directory = TemporaryDirectory()
    try FileManager.default.copyItem(atPath: path, toPath: directory.path + "/ledger.db")
    let ledger = try SQLiteLedger(directory: directory.path)
    #expect(
      try SQLiteLedger.diagnosis(directory: directory.path, isThorough: true).damage == [])
    return try ledger.read { connection throws(LedgerError) in
      #expect(try connection.text("PRAGMA journal_mode") == "wal")
      let rows = try connection.prepared(
        Query("SELECT external_id FROM message UNION SELECT external_id FROM intake"))
      var ids: Set<String> = []
      while try rows.step() { ids.insert(rows.text(0)) }
      return ids
    }
  }

  @Test("nobody else may read it, nothing is left beside it, and it replaces nothing")
  func isCareful() throws {
    try bench.receive("a")
    _ = try SQLiteLedger.backUp(directory: state, to: copy)
    var status = stat()
    #expect(stat(copy, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_nlink == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == ["copy.db"])
    #expect(throws: BackupError.exists(copy)) {
      try SQLiteLedger.backUp(directory: state, to: copy)
    }
    let nowhere = elsewhere.path + "/none/copy.db"
    #expect(throws: BackupError.failed(nowhere + ".part", reason: "No such file or directory")) {
      try SQLiteLedger.backUp(directory: state, to: nowhere)
    }
    #expect(throws: LedgerError.self) {
      try SQLiteLedger.backUp(directory: elsewhere.path + "/none", to: copy + "2")
    }
    #expect(access(copy + "2", F_OK) != 0 && access(copy + "2.part", F_OK) != 0)
  }

  @Test("a full disk leaves nothing behind", .enabled(if: SmallDisk.isPossible))
  func fitsOrNot() throws {
    for number in 0..<100 {
      try bench.receive("\(number) \(String(repeating: "x", count: 20_000))")
    }
    let disk = SmallDisk(kilobytes: 512)
    let path = disk.path + "/copy.db"
    #expect(throws: BackupError.self) { try SQLiteLedger.backUp(directory: state, to: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
  }

  @Test("a ledger that lost its mode gets it back, whatever its version")
  func mendsTheMode() throws {
    try bench.receive("a")
    // As VACUUM INTO makes them.
    var database: OpaquePointer?
    #expect(sqlite3_open(state + "/ledger.db", &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, "VACUUM INTO '\(copy)'", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: copy)))[18] == 1)
    #expect(try restored(copy) == ["a"])
  }
}

/// What writers have had acknowledged, and whether they are to end.
private final class Flag: Sendable {
  private let state = Mutex((isSet: false, taken: [String]()))

  var isSet: Bool { state.withLock { $0.isSet } }
  var taken: [String] { state.withLock { $0.taken } }
  var count: Int { state.withLock { $0.taken.count } }
  func set() { state.withLock { $0.isSet = true } }
  func note(_ id: String) { state.withLock { $0.taken.append(id) } }
}
