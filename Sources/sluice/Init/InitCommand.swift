import ArgumentParser
import Glibc
import SluiceCore

/// The first settings of an installation.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Asks a few questions, and writes a commented sluice.toml.",
    discussion: """
      Whatever an option answers is not asked; without a terminal all that is needed has to be \
      answered that way, e.g. --set channel_id=123456 --set token=file:secrets/token \
      --set clicksend.username=me. A secret that is typed goes into a file of its own in secrets/. \
      Nothing that is there is overwritten. Ends with status 0 if sluice check accepts the result.
      """)

  @OptionGroup var settings: SettingsOption
  @OptionGroup var json: JSONFlag
  @Option(help: "The directory of state.") var stateDir: String?
  @Option(help: "Where this host is reached from outside: https://HOST/sluice.")
  var publicURL: String?
  @Option(help: "Your name for the channel.") var channel: String?
  @Option(help: "The provider (sluice provider list).") var provider: String?
  @Option(help: "KEY=VALUE of the channel; a secret as file:PATH or env:NAME.") var set: [String] =
    []

  func run() throws {
    guard access(settings.path, F_OK) != 0 else {
      throw failure(
        "\(settings.path) is there already. Edit it, or name another: --settings.")
    }
    let provider = try self.provider ?? Prompt.ask("Provider (sluice provider list)", "clicksend")
    guard ProviderRegistry.names.contains(provider) else {
      throw failure("\"\(provider)\" is no provider; see sluice provider list.")
    }
    let name = try channel ?? Prompt.ask("Your name for the channel", "sms")
    guard let channel = ChannelName(name) else {
      throw failure("\"\(name)\" is no name of a channel; use \(ChannelName.rule).")
    }
    var initial = InitialSettings(
      stateDirectory: try stateDir ?? Prompt.ask("Directory of state", "/var/lib/sluice"),
      publicURL: try publicURL
        ?? Prompt.ask("Where this host is reached from outside", "https://HOST/sluice"),
      channel: channel, provider: provider)
    initial.answers = try given()
    for question in InitialSettings.questions(provider: provider)
    where initial.answers[question.key] == nil {
      initial.answers[question.key] = try answer(to: question, channel: channel)
    }
    try NewFile.write(initial.text, to: settings.path)
    let report = SettingsReport(checking: settings.path)
    report.print(json)
    tell(initial)
    guard report.problems.isEmpty else { throw ExitCode(1) }
  }

  private func given() throws -> [String: String] {
    var answers: [String: String] = [:]
    for pair in set {
      guard let equals = pair.firstIndex(of: "=") else {
        throw ValidationError("--set takes KEY=VALUE.")
      }
      answers[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    return answers
  }

  private func answer(
    to question: SettingsDeclaration, channel: ChannelName
  ) throws -> String {
    guard case .secret = question.kind else {
      return try Prompt.ask(question.key, question.example ?? "")
    }
    let isOurs = question.key.hasSuffix(".webhook_secret")
    var secret = try Prompt.askSecretly(question.key + (isOurs ? " (Enter makes one)" : ""))
    if secret.isEmpty, isOurs { secret = Self.newSecret() }
    let name = "\(channel)-\(question.key.split(separator: ".").last ?? "")"
    let directory = settings.path.lastIndex(of: "/").map { String(settings.path[...$0]) } ?? ""
    mkdir("\(directory)secrets", 0o700)
    try NewFile.write(secret + "\n", to: "\(directory)secrets/\(name)")
    return "file:secrets/\(name)"
  }

  /// 32 letters and digits of the system's cryptographic generator.
  private static func newSecret() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return String((0..<32).map { _ in letters[Int.random(in: 0..<letters.count)] })
  }

  private func tell(_ initial: InitialSettings) {
    let url = "\(initial.publicURL ?? "https://HOST/sluice")/\(initial.channel)"
    let object: JSON = [
      "file": .string(settings.path), "baseUrl": .string(url),
      "inboundUrl": .string("\(url)/inbound"), "statusUrl": .string("\(url)/status"),
    ]
    json.print(
      object,
      """
      wrote \(settings.path)

      In IS-Messenger, the custom channel's base URL:
        \(url)
      At the provider (its page in the documentation says where, and whether a secret goes along):
        messages   \(url)/inbound
        statuses   \(url)/status
      """)
  }
}
