import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

/// Every ledger that there is; the contract suite runs on each.
enum LedgerKind: String, CaseIterable, Sendable {
  case sqlite = "SQLiteLedger"
  case inMemory = "InMemoryLedger"

  /// The one that the running test is to use.
  @TaskLocal static var current = LedgerKind.sqlite

  /// A fresh one.
  func open(_ directory: String) throws -> any Ledger {
    switch self {
    case .sqlite: try SQLiteLedger(directory: directory)
    case .inMemory: InMemoryLedger()
    }
  }

  /// The same ledger as another process sees it.
  func reopen(_ ledger: any Ledger, _ directory: String) throws -> any Ledger {
    self == .inMemory ? ledger : try open(directory)
  }
}

/// Runs each test of a suite once per ledger, each time with an instance of its own.
struct OnEveryLedger: SuiteTrait, TestTrait, TestScoping {
  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    for kind in LedgerKind.allCases {
      await LedgerKind.$current.withValue(kind) {
        do {
          try await function()
        } catch {
          Issue.record(error, "with \(kind.rawValue)")
        }
      }
    }
  }
}

extension Trait where Self == OnEveryLedger {
  static var onEveryLedger: Self { OnEveryLedger() }
}
