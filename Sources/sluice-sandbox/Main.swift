import SluiceCore
import SluiceFastCGI
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
      let listener =
        if let path = options.socketPath { try Listener(path: path) } else { Listener.inherited() }
      guard let listener else { throw NoListener() }
      // Faults hold answers back, and the inbox waits for Sluice's: the threads that are left must
      // still answer, however few the options ask for.
      FastCGIServer(
        listener: listener, threads: max(options.threads ?? 0, 128), maximumBodyBytes: 4 << 20,
        handler: sandbox
      ).run()
    }
  }
}

/// What the sandbox remembers, it remembers in one process: a request per process would not do.
private struct NoListener: Error, CustomStringConvertible {
  let description = "There is no socket to listen on. Name one: --socket PATH."
}
