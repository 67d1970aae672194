import Logging
import SluiceCore

/// The relay: a carrier, and the ledger's housekeeping.
package final class RelayService {
  private let context: ServiceContext
  private let carrier: Carrier

  package init(context: ServiceContext, transport: any CallTransport) {
    self.context = context
    carrier = Carrier(
      context: context, transport: transport,
      wake: WakeListener(stateDirectory: context.settings.server.stateDirectory))
  }

  /// Carries until a stop is asked for.
  package func run() throws {
    context.log.notice("relay starts")
    let (ledger, clocks, retention) = (context.ledger, context.clocks, context.settings.retention)
    Thread.start { RelayService.keepHouse(ledger, clocks: clocks, days: retention.days) }
    try carrier.run(.forever)
    context.log.notice("relay ends")
  }

  /// Carries until nothing is due, or for `seconds`.
  package func runOnce(seconds: Double) throws {
    try carrier.run(.untilIdle(deadline: context.clocks.boot + UInt64(seconds * 1e9)))
    try prune()
  }

  private func prune() throws(LedgerError) {
    _ = try context.ledger.prune(
      before: Self.horizon(context.clocks, days: context.settings.retention.days),
      limit: Self.pruneBatch)
  }

  /// A little now and then, so that nobody waits for it.
  private static func keepHouse(_ ledger: any Ledger, clocks: any Clocks, days: Double) {
    while !StopSignal.isRequested {
      do throws(LedgerError) {
        let deleted = try ledger.prune(
          before: horizon(clocks, days: days), limit: pruneBatch)
        if deleted >= pruneBatch { continue }
        try ledger.maintain()
      } catch {
        // The carrier meets the same error, and says so.
      }
      StopSignal.wait(seconds: 60)
    }
  }

  private static func horizon(_ clocks: any Clocks, days: Double) -> Int64 {
    clocks.wall - Int64(days * 86_400_000)
  }

  private static let pruneBatch = 200
}
