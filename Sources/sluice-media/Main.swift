import SluicePrograms
import SluiceServices

@main enum Main {
  static func main() {
    Daemon.run("sluice-media", options: [.socket, .threads]) { context, options in
      let handler = MediaService(
        context: context, makeDownloader: Wiring.downloaders(context))
      try Wiring.serve(handler, context, options)
    }
  }
}
