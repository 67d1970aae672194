import SluiceCore

/// Stands between a ledger and its user; what it does not look at, it passes on.
protocol LedgerWrapper: Ledger {
  var ledger: any Ledger { get }
}

extension LedgerWrapper {
  func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt {
    try ledger.record(webhook)
  }
  func enqueue(
    _ message: OutboundMessage, leasingFor lease: LeaseTerms?
  ) throws(LedgerError) -> Enqueued { try ledger.enqueue(message, leasingFor: lease) }
  func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
    try ledger.exchange(exchange)
  }
  func dueChannels(now: Int64) throws(LedgerError) -> DueChannels {
    try ledger.dueChannels(now: now)
  }
  func hasten(_ delays: LongestDelays) throws(LedgerError) -> Int {
    try ledger.hasten(delays)
  }
  func prune(_ terms: PruneTerms, from mark: PruneMark) throws(LedgerError) -> Pruned {
    try ledger.prune(terms, from: mark)
  }
  func maintain() throws(LedgerError) { try ledger.maintain() }
  func deadLetters(
    _ filter: DeadLetterFilter, limit: Int
  ) throws(LedgerError) -> [DeadLetter] { try ledger.deadLetters(filter, limit: limit) }
  func replay(
    _ filter: DeadLetterFilter, limit: Int, now: Int64
  ) throws(LedgerError) -> Int { try ledger.replay(filter, limit: limit, now: now) }
  func drop(_ filter: DeadLetterFilter, limit: Int) throws(LedgerError) -> Int {
    try ledger.drop(filter, limit: limit)
  }
  func backlog() throws(LedgerError) -> [Backlog] { try ledger.backlog() }
  func pause(_ pause: Pause) throws(LedgerError) { try ledger.pause(pause) }
  func resume(_ pause: Pause) throws(LedgerError) -> Bool { try ledger.resume(pause) }
  func pauses() throws(LedgerError) -> [Pause] { try ledger.pauses() }
}
