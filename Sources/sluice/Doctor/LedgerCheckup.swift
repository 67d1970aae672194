import SluiceServices
import SluiceStore

/// What a ledger's diagnosis means.
enum LedgerCheckup {
  static func finding(_ diagnosis: SQLiteLedger.Diagnosis, path: String) -> Finding {
    if let damage = diagnosis.damage, let first = damage.first {
      return .problem(
        "ledger", "\(path) is damaged: \(first).",
        remedy: "Stop the programs, keep a copy, and restore the last backup (README).")
    }
    if diagnosis.schemaVersion > diagnosis.knownVersion {
      return .problem(
        "ledger",
        "\(path) has schema version \(diagnosis.schemaVersion), and this program knows"
          + " \(diagnosis.knownVersion).", remedy: "Use the newer programs.")
    }
    let read = diagnosis.damage == nil ? "; too large to be read through (--thorough)" : ", sound"
    return .good(
      "ledger",
      "Schema version \(diagnosis.schemaVersion), SQLite \(diagnosis.libraryVersion)\(read).")
  }
}
