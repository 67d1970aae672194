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
      exchanger: PipelinedExchanger(ledger: context.ledger),
      wake: WakeListener(stateDirectory: context.settings.server.stateDirectory))
  }

  /// Carries until a stop is asked for.
  package func run() throws {
    context.log.notice("relay starts")
    Thread.start { [context] in
      var housekeeping = Housekeeping(context)
      housekeeping.run()
    }
    try carrier.run(.forever)
    context.log.notice("relay ends")
  }

  /// Carries until nothing is due, or for `seconds`.
  package func runOnce(seconds: Double) throws {
    var housekeeping = Housekeeping(context)
    try housekeeping.hasten()
    let deadline = context.clocks.boot + UInt64(seconds * 1e9)
    try carrier.run(.untilIdle(deadline: deadline))
    while try housekeeping.prune(), context.clocks.boot < deadline {}
    housekeeping.sweepMedia()
  }
}
