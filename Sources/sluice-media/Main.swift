import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-media", options: [.socket, .threads]) { context, options in
      try Wiring.serveMedia(context, options)
    }
  }
}
