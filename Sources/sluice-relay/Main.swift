import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-relay", options: [.once, .seconds], openLedger: Wiring.ledger) {
      context, options in
      let relay = RelayService(context: context, transport: try Wiring.transport(context))
      if options.isOnce {
        try relay.runOnce(seconds: options.seconds ?? 50)
      } else {
        try relay.run()
      }
    }
  }
}
