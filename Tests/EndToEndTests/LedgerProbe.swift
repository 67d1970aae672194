import CSQLite
import Foundation
import Testing

/// The ledger's file, as an outsider with SQLite sees it.
final class LedgerProbe {
  private var database: OpaquePointer?

  init(_ stack: Stack) {
    let code = sqlite3_open(stack.stateDirectory + "/ledger.db", &database)
    #expect(code == SQLITE_OK)
    sqlite3_busy_timeout(database, 5_000)
    sluice_sqlite_no_checkpoint_on_close(database)
  }

  deinit { sqlite3_close(database) }

  func run(_ sql: String) {
    let code = sqlite3_exec(database, sql, nil, nil, nil)
    #expect(code == SQLITE_OK, "\(sql): \(String(cString: sqlite3_errmsg(database)))")
  }

  /// Rows, once what was accepted is filed.
  func count(_ table: String, where condition: String = "1") -> Int {
    _ = eventually(within: 10) { rows("intake", where: "1") == 0 ? true : nil }
    return rows(table, where: condition)
  }

  private func rows(_ table: String, where condition: String) -> Int {
    var statement: OpaquePointer?
    sqlite3_prepare_v2(
      database, "SELECT count(*) FROM \(table) WHERE \(condition)", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    guard sqlite3_step(statement) == SQLITE_ROW else { return -1 }
    return Int(sqlite3_column_int64(statement, 0))
  }
}
