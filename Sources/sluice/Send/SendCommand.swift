import ArgumentParser
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
  @OptionGroup var json: JSONFlag
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
    try reporting {
      let (trial, channel) = try opened()
      let id =
        if let to {
          try trial.send(text, to: to, on: channel)
        } else {
          try trial.receive(text, from: from ?? "", on: channel)
        }
      guard let id, try trial.follow(id, on: channel, seconds: seconds) else {
        throw ExitCode.failure
      }
    }
  }

  private func opened() throws -> (Trial, ChannelSettings) {
    let loaded = try settings.load()
    try ProgramsUser.require(for: loaded.server.stateDirectory)
    let found: ChannelSettings?
    do throws(SettingsError) {
      found = try ChannelName(channel).flatMap { name throws(SettingsError) in
        try loaded.channels.channel(name)
      }
    } catch {
      throw failure("\(error)", status: .settings)
    }
    guard let found else { throw failure("There is no channel \"\(channel)\".") }
    do {
      return (try Trial(loaded, json), found)
    } catch let error as SegmentError {
      throw failure("\(error)", status: .ledger)
    }
  }
}
