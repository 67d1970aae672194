extension Settings {
  /// The operators' pages.
  package struct Console: Sendable {
    /// What an operator signs in with; `nil` where the console is off.
    package let password: Secret?
    /// How long a session lasts.
    package let sessionMilliseconds: Int64
    /// Who may see as much as the sign-in page, beside this host itself.
    package let allowed: [NetworkBlock]
  }
}

extension Settings.Console {
  init(reading root: inout SettingsReader) {
    var reader = root.reader("console")
    let isEnabled = reader.flag("enabled", default: false)
    let secret =
      isEnabled || reader.has("password") ? reader.secret("password", atLeast: 12) : nil
    password = isEnabled ? secret : nil
    sessionMilliseconds = Int64(
      reader.number("session_hours", default: 8, in: 0.01...168) * 3_600_000)
    var allowed: [NetworkBlock] = []
    for text in reader.strings("allow", example: "192.168.1.0/24") ?? [] {
      if let block = NetworkBlock(text) {
        allowed.append(block)
      } else {
        reader.problem(
          "allow",
          "\"\(text.escaped)\" is no address or network. Write 192.168.1.7, 192.168.1.0/24 or fd00::/8."
        )
      }
    }
    self.allowed = allowed
    root.finish(reader)
  }
}
