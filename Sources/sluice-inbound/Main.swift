import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-inbound", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let wake = Wiring.wake(context)
      try Wiring.serve(context, as: .inbound, options) { context in
        WebhookService(context: context, wake: wake, carrier: Wiring.carrier(context))
      }
    }
  }
}
