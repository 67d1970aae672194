import SluiceConsole
import SluiceCore
import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-console", options: [.socket, .threads], openLedger: Wiring.ledger) {
      context, options in
      let ledger = try Wiring.inspectable(context)
      let live = SharedStatus(context.settings.server, clocks: context.clocks)
      try Wiring.serve(context, as: .console, options) { context in
        OperatorRouter(
          console: ConsoleService(
            context: context, ledger: ledger, live: live, wake: Wiring.wake(context)),
          open: ["healthz": HealthService()],
          guarded: [
            "readyz": ReadinessService(context: context, ledger: ledger),
            "metrics": MetricsService(context: context, ledger: ledger),
          ], allowed: context.settings.console.allowed)
      }
    }
  }
}
