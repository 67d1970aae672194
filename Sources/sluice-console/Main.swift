import SluiceConsole
import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-console", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let handler = OperatorRouter(
        console: ConsoleService(context: context), others: [:])
      try Wiring.serve(handler, as: .console, context, options)
    }
  }
}
