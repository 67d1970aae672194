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
  /// Where it is asked for with some values of another key only: that key, and those values.
  package internal(set) var condition: Condition?

  package struct Condition: Equatable, Sendable {
    package let key: String
    package internal(set) var values: [String]
    /// Whether nothing works without it then.
    package let isRequired: Bool
  }

  /// All that can stand in `sluice.toml`, but for its channels.
  package static func ofSettings() -> [SettingsDeclaration] {
    all(in: "") { reader, file in _ = Settings(reading: &reader, of: file) }
  }

  /// All that can stand in a channel of that provider: as it is read with the defaults, then what other
  /// values of a choice ask for instead.
  package static func ofChannel(provider: String) -> [SettingsDeclaration] {
    let head = "provider = \"\(provider)\"\n"
    var declarations = channel(head)
    for choice in declarations {
      guard case .choice(let values) = choice.kind, choice.key.hasPrefix("\(provider).") else {
        continue
      }
      let key = choice.key.dropFirst(provider.utf8.count + 1)
      for value in values where "\"\(value)\"" != choice.fallback {
        for declaration in channel("\(head)[\(provider)]\n\(key) = \"\(value)\"\n") {
          add(declaration, where: String(key), is: value, to: &declarations)
        }
      }
    }
    return declarations
  }

  private static func channel(_ text: String) -> [SettingsDeclaration] {
    guard let file = try? SettingsFile(path: "sluice.toml", text: ""),
      let name = ChannelName("channel")
    else { return [] }
    var root = SettingsReader(file)
    let platform = Settings(reading: &root, of: file).platform
    return all(in: text) { reader, _ in
      _ = ChannelSettings(
        name: name, reading: &reader, platform: platform, publicURL: "https://sluice.example.com",
        descriptions: ProviderDescriptions(directory: "/nonexistent"))
    }
  }

  /// What is there already with the same default is no news.
  private static func add(
    _ declaration: SettingsDeclaration, where key: String, is value: String,
    to declarations: inout [SettingsDeclaration]
  ) {
    let same = declarations.firstIndex {
      $0.key == declaration.key && $0.fallback == declaration.fallback
    }
    if let same {
      guard declarations[same].condition?.key == key,
        declarations[same].condition?.values.contains(value) == false
      else { return }
      declarations[same].condition?.values.append(value)
      return
    }
    var declaration = declaration
    declaration.condition = Condition(
      key: key, values: [value], isRequired: declaration.isRequired)
    // Nobody has to write it who leaves the choice as it is.
    declaration.isRequired = false
    declarations.append(declaration)
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
