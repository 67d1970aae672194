import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-outbound", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let wake = Wiring.wake(context)
      try Wiring.serve(context, as: .outbound, options) { context in
        OutboundService(
          context: context, wake: wake, handlerCarrier: Wiring.carrier(context),
          makeTransport: Wiring.transports(context))
      }
    }
  }
}
