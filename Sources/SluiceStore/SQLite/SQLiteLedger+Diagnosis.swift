import CSQLite
import SluiceCore

extension SQLiteLedger {
  /// What can be said of a ledger without changing anything in it.
  package struct Diagnosis: Sendable {
    /// Of the library that this program uses.
    package let libraryVersion: String
    package let schemaVersion: Int
    /// The one that this program writes.
    package let knownVersion: Int
    /// What SQLite finds damaged; `nil` where it was not asked.
    package let damage: [String]?
  }

  /// - Parameter isThorough: Whether SQLite reads all of it, which takes seconds for each gigabyte.
  package static func diagnosis(
    directory: String, isThorough: Bool
  ) throws(LedgerError) -> Diagnosis {
    let connection = try Connection(path: directory + "/ledger.db", access: .readOnly)
    var damage: [String]?
    if isThorough {
      let rows = try connection.prepared(quickCheck)
      var lines: [String] = []
      while try rows.step() { lines.append(rows.text(0)) }
      damage = lines == ["ok"] ? [] : lines
    }
    return Diagnosis(
      libraryVersion: String(cString: sqlite3_libversion()),
      schemaVersion: Int(try connection.integer("PRAGMA user_version") ?? 0),
      knownVersion: Int(Migrations.current), damage: damage)
  }

  private static let quickCheck = Query("PRAGMA quick_check(5)")
}
