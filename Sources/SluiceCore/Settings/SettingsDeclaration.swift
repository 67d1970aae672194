/// A key that a reader has asked for: what may stand there. The reader's own calls are what the
/// reference of all settings, and the questions of `sluice init`, are made from.
package struct SettingsDeclaration: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case string, url, boolean
    /// One, or several.
    case strings
    /// - Parameter atLeast: Bytes.
    case secret(atLeast: Int)
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case choice([String])
  }

  /// Dotted: `server.threads`.
  package let key: String
  package let kind: Kind
  /// What holds where it is missing, as TOML; `nil` where nothing does.
  package let fallback: String?
  /// What might stand there.
  package let example: String?
  /// Whether nothing works without it.
  package internal(set) var isRequired: Bool

  /// All that can stand in `sluice.toml`, but for its channels.
  package static func ofSettings() -> [SettingsDeclaration] {
    all(in: "") { reader, file in _ = Settings(reading: &reader, of: file) }
  }

  /// All that can stand in a channel of that provider.
  package static func ofChannel(provider: String) -> [SettingsDeclaration] {
    guard let file = try? SettingsFile(path: "sluice.toml", text: ""),
      let name = ChannelName("channel")
    else { return [] }
    var root = SettingsReader(file)
    let platform = Settings(reading: &root, of: file).platform
    return all(in: "provider = \"\(provider)\"") { reader, _ in
      _ = ChannelSettings(
        name: name, reading: &reader, platform: platform, publicURL: "https://sluice.example.com",
        descriptions: ProviderDescriptions(directory: "/nonexistent"))
    }
  }

  /// Read once as a file that has nothing, which shows what is required, and once as one that has
  /// everything, which shows what else is asked for then.
  private static func all(
    in text: String, _ read: (inout SettingsReader, SettingsFile) -> Void
  ) -> [SettingsDeclaration] {
    guard let file = try? SettingsFile(path: "sluice.toml", text: text) else { return [] }
    var declarations: [SettingsDeclaration] = []
    for assumesAll in [false, true] {
      var reader = SettingsReader(file, declaring: true, assumingAll: assumesAll)
      read(&reader, file)
      for var declaration in reader.declarations ?? []
      where !declarations.contains(where: { $0.key == declaration.key }) {
        declaration.isRequired = declaration.isRequired && !assumesAll
        declarations.append(declaration)
      }
    }
    return declarations
  }
}
