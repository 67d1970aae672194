import Foundation
import SluiceCore
import Testing

/// The reference of all settings is made from what the readers ask for; only what each key is for is
/// written down here, and held to be complete.
struct SettingsReferenceTests {
  private static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("Sources/SluiceCore/Documentation.docc/Settings.md")

  @Test("the page is as the readers are; run with SLUICE_WRITE_SETTINGS=1 to write it anew")
  func isCurrent() throws {
    let current = Self.text
    if ProcessInfo.processInfo.environment["SLUICE_WRITE_SETTINGS"] != nil {
      try current.write(to: Self.page, atomically: true, encoding: .utf8)
    } else {
      #expect(try String(contentsOf: Self.page, encoding: .utf8) == current)
    }
  }

  @Test("each key has a meaning, and each meaning a key")
  func saysWhatEachIsFor() {
    let keys = Set(Self.settings.map(\.key) + Self.channel.map(\.key))
    let described = Set(SettingsMeanings.all.keys)
    #expect(keys.subtracting(described).isEmpty, "without a meaning")
    #expect(described.subtracting(keys).isEmpty, "without a key")
  }

  @Test("what is required is known, and what is not")
  func knowsWhatIsRequired() {
    let required = (Self.settings + Self.channel).filter(\.isRequired).map(\.key)
    #expect(required == ["server.state_dir", "channel_id", "token", "webhook_url", "provider"])
    let account = SettingsDeclaration.ofChannel(provider: "clicksend").filter(\.isRequired)
    #expect(
      account.map(\.key).suffix(3)
        == ["clicksend.username", "clicksend.api_key", "clicksend.webhook_secret"])
  }

  @Test(
    "keys that only some values of a choice ask for are there, and nobody else has to write them")
  func knowsWhatDepends() throws {
    let keys = SettingsDeclaration.ofChannel(provider: "messagebird")
    for (key, values) in [
      ("api_key", ["bird"]), ("from", ["bird"]), ("workspace_id", ["channels"]),
      ("channel_id", ["channels"]), ("category", ["bird"]),
    ] {
      let key = try #require(keys.first { $0.key == "messagebird.\(key)" }, "\(key) is missing")
      #expect(key.condition?.key == "api" && key.condition?.values == values, "\(key)")
      #expect(!key.isRequired)
    }
    let described = SettingsDeclaration.ofChannel(provider: "jasmin").map(\.key)
    #expect(described.contains("jasmin.webhook_secret"), "\(described)")
  }

  // MARK: The page

  private static let settings = SettingsDeclaration.ofSettings()

  /// A channel's own keys, and with PROVIDER for its name those that every account has.
  private static let channel: [SettingsDeclaration] = {
    let own = ["limit_per_second", "timeout_seconds", "max_age_hours", "lookup_after_hours"]
    return SettingsDeclaration.ofChannel(provider: "sandbox").filter { declaration in
      let words = declaration.key.split(separator: ".").map(String.init)
      return words.first != "sandbox" || own.contains(words.last ?? "")
    }
  }()

  private static var text: String {
    var text = """
      # Settings

      What can stand in `sluice.toml` and in a channel's file. This page is made from the code that reads them.

      A mistake in `sluice.toml` keeps a program from starting (exit status 78); `sluice check` lists all, each with file,
      line and remedy. `sluice reload` has running programs take up what was edited. Times and sizes have their unit in the
      key's name. A *secret* is a reference to one: `"file:PATH"`, relative to the file it stands in, or `"env:NAME"`.


      """
    for table in ["server", "platform", "relay", "media", "retention", "log", "console"] {
      text += "## `[\(table)]`\n\n" + head
      for declaration in settings where declaration.key.hasPrefix("\(table).") {
        text += row(declaration, name: String(declaration.key.dropFirst(table.count + 1)))
      }
      text += "\n"
    }
    text += """
      ## A channel

      `channels/NAME.toml` beside `sluice.toml`, or a table `[channels.NAME]` in it. PROVIDER is the provider's name.


      """
    text += head
    for declaration in channel {
      let name =
        declaration.key.hasPrefix("sandbox.")
        ? "PROVIDER." + declaration.key.dropFirst(8) : declaration.key
      text += row(declaration, name: name)
    }
    text += """

      ## Providers

      Their pages say where each comes from. `verify = "none"` believes anybody, and is warned of. *with* names the value of
      another key for which a key is there, or has that default.

      """
    for type in ProviderRegistry.all { text += account(of: type.name) }
    text += """

      ## Described providers

      Each is a file in the program; `sluice provider show NAME` prints it, with where it is from. Your own, in `providers/`,
      have the keys that they describe (<doc:Declarative>), and `verify`, `webhook_secret` and `webhook_secret_previous`.

      """
    for name in ProviderDescriptions.shippedNames { text += account(of: name) }
    return text
  }

  /// The keys of a provider's table, but for those that every account has.
  private static func account(of provider: String) -> String {
    let known = Set(
      channel.map { $0.key.replacingOccurrences(of: "sandbox.", with: "\(provider).") })
    var text =
      "\n### `[\(provider)]`\n\n| key | type | default | range | example |\n| --- | --- | --- | --- | --- |\n"
    for declaration in SettingsDeclaration.ofChannel(provider: provider)
    where declaration.key.hasPrefix("\(provider).") && !known.contains(declaration.key) {
      let name = declaration.key.dropFirst(provider.count + 1)
      let example =
        declaration.kind == .boolean || declaration.example == "…"
        ? "" : declaration.example.map { "`\($0)`" } ?? ""
      text += cells([
        "`\(name)`", typeName(declaration), fallback(declaration), range(declaration), example,
      ])
    }
    return text
  }

  private static let head = "| key | type | default | range | |\n| --- | --- | --- | --- | --- |\n"

  private static func row(_ declaration: SettingsDeclaration, name: String) -> String {
    cells([
      "`\(name)`", typeName(declaration), fallback(declaration), range(declaration),
      SettingsMeanings.all[declaration.key] ?? "",
    ])
  }

  private static func cells(_ cells: [String]) -> String {
    "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined() + "\n"
  }

  private static func fallback(_ declaration: SettingsDeclaration) -> String {
    let isRequired = declaration.isRequired || declaration.condition?.isRequired == true
    let value = isRequired ? "required" : declaration.fallback.map { "`\(plain($0))`" } ?? ""
    guard let condition = declaration.condition else { return value }
    let values = condition.values.map { "`\"\($0)\"`" }.joined(separator: " or ")
    return value + (value.isEmpty ? "" : " ") + "with `\(condition.key)` \(values)"
  }

  private static func typeName(_ declaration: SettingsDeclaration) -> String {
    switch declaration.kind {
    case .string, .choice: "string"
    case .url: "URL"
    case .strings: "strings"
    case .boolean: "boolean"
    case .secret: "secret"
    case .integer: "integer"
    case .number: "number"
    }
  }

  private static func range(_ declaration: SettingsDeclaration) -> String {
    switch declaration.kind {
    case .string, .strings, .url, .boolean: ""
    case .choice(let values): values.map { "`\"\($0)\"`" }.joined(separator: ", ")
    case .secret(let bytes): bytes > 1 ? "\(bytes) bytes or more" : ""
    case .integer(let range) where range == .min ... .max: ""
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "\(plain("\(range.lowerBound)")) to \(plain("\(range.upperBound)"))"
    }
  }

  /// Without a fraction that says nothing.
  private static func plain(_ number: String) -> String {
    number.hasSuffix(".0") ? String(number.dropLast(2)) : number
  }
}
