import SluiceCore

/// Takes in what is accepted as the handlers do: it is kept, and filed later.
struct HandlersLedger: LedgerWrapper {
  let ledger: any Ledger

  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    try waiting { ledger.record(webhook, then: $0) }
  }

  func enqueue(
    _ message: OutboundMessage, leasingFor lease: LeaseTerms?
  ) throws(LedgerError) -> Enqueued {
    if let lease { return try ledger.enqueue(message, leasingFor: lease) }
    return try waiting { ledger.enqueue(message, then: $0) }
  }

  /// For what another thread says.
  private final class Answer<Value: Sendable>: @unchecked Sendable {  // Read after it is announced.
    var outcome: Result<Value, LedgerError>?
    let isThere = CountingSemaphore()
  }

  private func waiting<Value: Sendable>(
    _ begin: (@escaping @Sendable (Result<Value, LedgerError>) -> Void) -> Void
  ) throws(LedgerError) -> Value {
    let answer = Answer<Value>()
    begin {
      answer.outcome = $0
      answer.isThere.signal()
    }
    answer.isThere.wait()
    guard let outcome = answer.outcome else { throw .broken("no answer") }
    return try outcome.get()
  }
}
