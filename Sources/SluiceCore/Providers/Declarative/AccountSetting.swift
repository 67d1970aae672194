/// A key of the account's own table, as the description asks for it.
struct AccountSetting: Sendable {
  enum Kind: String, Sendable, CaseIterable { case string, secret, url, integer }

  let key: String
  let kind: Kind
  let isRequired: Bool
  let defaultValue: String?
  let example: String

  /// Keys that are the channel's own business, or the webhooks' proof.
  static let reserved: Set<String> = [
    "limit_per_second", "timeout_seconds", "max_age_hours", "lookup_after_hours", "verify",
    "webhook_secret", "webhook_secret_previous",
  ]

  init?(_ key: String, reading reader: inout SettingsReader) {
    self.key = key
    kind = reader.choice("type", default: .string)
    defaultValue = Self.text(reader.value("default"))
    isRequired = reader.flag("required", default: true)
    example =
      reader.optionalString("example", example: "…") ?? defaultValue ?? Self.example(kind, key)
    _ = reader.optionalString("note", example: "Where the operator finds it.")
    guard !Self.reserved.contains(key) else {
      reader.problem(nil, "\"\(key)\" has a meaning in every channel. Choose another key.")
      return nil
    }
    if kind == .secret, defaultValue != nil {
      reader.problem("default", "A secret has no default. Remove this line.")
    }
  }

  private static func text(_ json: JSON?) -> String? {
    json?.string ?? json?.integer.map { "\($0)" }
  }

  private static func example(_ kind: Kind, _ key: String) -> String {
    switch kind {
    case .url: "https://api.example.com"
    case .secret: "file:secrets/\(key)"
    case .string, .integer: "…"
    }
  }

  private func declare(as kind: SettingsDeclaration.Kind, to account: inout SettingsReader) {
    account.declare(
      key, kind, default: defaultValue.map { self.kind == .integer ? $0 : "\"\($0)\"" },
      example: example, isRequired: isRequired && defaultValue == nil)
  }

  /// Its value in an account's table; `nil` where there is none, or a mistake, which is left in
  /// `account`.
  func value(in account: inout SettingsReader) -> SettingValue? {
    switch kind {
    case .secret:
      guard isRequired || account.has(key) else { return nil }
      return account.secret(key).map(SettingValue.secret)
    case .url:
      guard isRequired || defaultValue != nil || account.has(key) else { return nil }
      guard let url = account.url(key, example: example, default: defaultValue) else { return nil }
      if url.hasPrefix("http://"), !(url.urlHost ?? "").isLoopbackHost {
        account.warn(
          key,
          "Messages and credentials travel unencrypted to another host. Write https://, if it has it."
        )
      }
      return .text(url.droppingSuffix("/"))
    case .string:
      declare(as: .string, to: &account)
      guard account.has(key) || (isRequired && defaultValue == nil) else {
        return defaultValue.map(SettingValue.text)
      }
      return account.string(key, example: example).map(SettingValue.text)
    case .integer:
      declare(as: .integer(.min ... .max), to: &account)
      guard account.has(key) || (isRequired && defaultValue == nil) else {
        return defaultValue.map(SettingValue.text)
      }
      guard let number = account.value(key)?.integer else {
        account.problem(key, "This is missing or no whole number. Write \(key) = \(example).")
        return nil
      }
      return .text("\(number)")
    }
  }
}

enum SettingValue: Sendable {
  case text(String)
  case secret(Secret)

  var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .secret(let secret): secret.bytes
    }
  }
}
