import Logging
import SluiceCore

/// What a ledger needs now and then: old rows go, and space is set aside again. A little at a time,
/// so that nobody waits for it.
struct Housekeeping: Sendable {
  private let context: ServiceContext

  init(_ context: ServiceContext) { self.context = context }

  /// Until a stop is asked for.
  func run() {
    while !StopSignal.isRequested {
      do throws(LedgerError) {
        if try prune() >= Self.batch { continue }
        try context.ledger.maintain()
      } catch {
        // The carrier meets the same error, and says so.
      }
      StopSignal.wait(seconds: 60)
    }
  }

  /// - Returns: How many rows went.
  func prune() throws(LedgerError) -> Int {
    let retention = context.settings.retention
    let now = context.clocks.wall
    let pruned = try context.ledger.prune(
      before: now - Int64(retention.days * 86_400_000),
      parkedBefore: now - Int64(retention.parkedHours * 3_600_000), limit: Self.batch)
    for parked in pruned.expired {
      context.log.warning(
        "a status came for a message that nobody sent; it has expired",
        metadata: [
          "channel": "\(parked.channel)", "external_id": "\(parked.externalID)",
          "status": "\(parked.status)",
        ])
    }
    return pruned.deleted
  }

  private static let batch = 200
}
