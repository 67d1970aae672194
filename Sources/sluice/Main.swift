import ArgumentParser

@main struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Looks after a Sluice installation.",
    discussion: """
      Ends with status 0 if all is well, 1 if there are problems or nothing was found, 64 if the command was not \
      understood, 74 if the ledger fails, 78 if the settings have mistakes.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Messages:",
        subcommands: [
          TraceCommand.self, TailCommand.self, QueueCommand.self, DeadCommand.self,
          QuarantineCommand.self,
        ]),
      CommandGroup(
        name: "Channels:",
        subcommands: [
          ChannelsCommand.self, SendCommand.self, PauseCommand.self, ResumeCommand.self,
        ]),
      CommandGroup(
        name: "Contacts:", subcommands: [ExportCommand.self, EraseCommand.self]),
      CommandGroup(
        name: "Settings:",
        subcommands: [
          InitCommand.self, CheckCommand.self, DoctorCommand.self, ReloadCommand.self,
          BackupCommand.self, ProviderCommand.self, VersionCommand.self,
        ]),
    ])
}
