import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

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
}
