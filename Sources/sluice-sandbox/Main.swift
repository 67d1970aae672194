import SluiceCore
import SluicePrograms
import SluiceSandbox
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-sandbox", options: [.socket, .threads]) { options in
      let clocks = SystemClocks()
      let sandbox = SandboxService(
        configuration: try SandboxConfiguration.load(path: options.settingsPath), clocks: clocks,
        makeClient: Wiring.clients(clocks))
      sandbox.start()
      // Faults hold answers back, and the inbox waits for Sluice's: more threads than a CPU needs.
      try Wiring.serve(sandbox, options, threads: 64, maximumBodyBytes: 4 << 20)
    }
  }
}
