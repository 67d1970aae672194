import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-outbound", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let handler = OutboundService(
        context: context, wake: Wiring.wake(context), handlerCarrier: Wiring.carrier(context),
        makeTransport: Wiring.transports(context))
      try Wiring.serve(handler, as: .outbound, context, options)
    }
  }
}
