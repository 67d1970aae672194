import SluiceConsole
import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-console", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let ledger = try Wiring.inspectable(context)
      try Wiring.serve(context, as: .console, options) { context in
        OperatorRouter(
          console: ConsoleService(context: context),
          others: [
            "healthz": HealthService(),
            "readyz": ReadinessService(context: context, ledger: ledger),
            "metrics": MetricsService(context: context, ledger: ledger),
          ])
      }
    }
  }
}
