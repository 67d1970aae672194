/// The `sluice.toml` that `sluice init` writes: one channel, and what everybody sets.
package struct InitialSettings {
  package let stateDirectory: String
  /// Where this host is reached from outside; `nil` leaves it open.
  package let publicURL: String?
  package let channel: ChannelName
  package let provider: String
  /// By the keys of ``questions(provider:)``; what is missing is left out.
  package var answers: [String: String] = [:]

  package init(
    stateDirectory: String, publicURL: String?, channel: ChannelName, provider: String
  ) {
    self.stateDirectory = stateDirectory
    self.publicURL = publicURL
    self.channel = channel
    self.provider = provider
  }

  /// What a channel of that provider cannot do without, in the order of its readers.
  package static func questions(provider: String) -> [SettingsDeclaration] {
    SettingsDeclaration.ofChannel(provider: provider)
      .filter { $0.isRequired && $0.key != "provider" }
  }

  package var text: String {
    let known = SettingsDeclaration.ofChannel(provider: provider)
    func lines(_ isWanted: (SettingsDeclaration) -> Bool, dropping prefix: Int) -> String {
      known.filter(isWanted).compactMap { declaration in
        answers[declaration.key].map {
          "\(declaration.key.dropFirst(prefix)) = \(Self.literal($0, declaration.kind))\n"
        }
      }.joined()
    }
    let account = "\(provider)."
    return """
      # Sluice's settings. Settings.md in its documentation has every key; `sluice check` says what is
      # wrong, and `sluice reload` has running programs take up an edit.

      [server]
      # The one directory of state: the ledger, and copies of media. On a local disk.
      state_dir = \(Self.quoted(stateDirectory))
      # Where IS-Messenger and the providers reach this host, as far as the channels' names.
      \(publicURL.map { "public_url = \(Self.quoted($0))" } ?? "# public_url = \"https://sluice.example.com/sluice\"")

      # A channel. Each further one is a table like this one, or a file channels/NAME.toml without the
      # "channels.NAME." in its headings.
      [channels.\(channel)]
      # From IS-Messenger, where the custom channel was made. Secrets stand in files of their own.
      \(lines({ !$0.key.utf8.contains(UInt8(ascii: ".")) && $0.key != "provider" }, dropping: 0))\
      provider = \(Self.quoted(provider))

      # The account with the provider; its page in the documentation says where each comes from.
      [channels.\(channel).\(provider)]
      \(lines({ $0.key.hasPrefix(account) }, dropping: account.utf8.count))
      """
  }

  private static func literal(_ answer: String, _ kind: SettingsDeclaration.Kind) -> String {
    switch kind {
    // What is no number is the reader's to complain of.
    case .integer, .number, .boolean: answer.utf8.allSatisfy(isBare) ? answer : quoted(answer)
    case .string, .strings, .url, .secret, .choice: quoted(answer)
    }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: ".")
  }

  /// A basic string of TOML, whose escapes are JSON's.
  private static func quoted(_ text: String) -> String { JSON.string(text).text }
}
