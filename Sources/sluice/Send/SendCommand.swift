import ArgumentParser
import Glibc
import SluiceCore

/// A message to try a channel with.
struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Sends a test message through a channel, and follows it to its end.",
    discussion: """
      sluice send sms-uk --to +447700900100 "Hello" does what IS-Messenger's call of /message does; \
      with --from instead the contact seems to write, and the message goes to IS-Messenger. Each call \
      is shown with the answer it got. Run it as the programs' user. Ends with status 0 once the \
      message is delivered or taken, with 1 where it was refused, or nothing came within the time.
      """)

  @OptionGroup var settings: SettingsOption
  @Argument(help: "The channel.") var channel: String
  @Argument(help: "The text.") var text: String
  @Option(help: "The contact that gets it.") var to: String?
  @Option(help: "The contact that seems to write it.") var from: String?
  @Option(help: "How long to follow it.") var seconds = 60.0

  func validate() throws {
    guard (to == nil) != (from == nil) else {
      throw ValidationError("Write --to CONTACT or --from CONTACT.")
    }
  }

  func run() throws {
    do {
      let (trial, channel) = try opened()
      let id =
        if let to {
          try trial.send(text, to: to, on: channel)
        } else {
          try trial.receive(text, from: from ?? "", on: channel)
        }
      guard let id, try trial.follow(id, on: channel, seconds: seconds) else { throw ExitCode(1) }
    } catch let code as ExitCode {
      throw code
    } catch {
      throw failure("\(error)")
    }
  }

  private func opened() throws -> (Trial, ChannelSettings) {
    let loaded = try Settings.load(path: settings.path)
    var status = stat()
    guard stat(loaded.server.stateDirectory, &status) == 0, status.st_uid == geteuid() else {
      throw failure(
        "\(loaded.server.stateDirectory) is not this user's. Run this as the programs' user:"
          + " runuser -u sluice sluice send …")
    }
    guard let name = ChannelName(channel), let found = try loaded.channels.channel(name) else {
      throw failure("There is no channel \"\(channel)\".")
    }
    return (try Trial(loaded), found)
  }
}
