import ArgumentParser

@main struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Looks after a Sluice installation.",
    subcommands: [
      CheckCommand.self, DoctorCommand.self, ReloadCommand.self, QueueCommand.self,
      DeadCommand.self,
      ProviderCommand.self, VersionCommand.self,
    ])
}
