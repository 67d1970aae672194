import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-inbound", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let handler = WebhookService(
        context: context, wake: Wiring.wake(context), carrier: Wiring.carrier(context))
      try Wiring.serve(handler, as: .inbound, context, options)
    }
  }
}
