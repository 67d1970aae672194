extension Settings {
  /// What is logged, how and where.
  package struct Log: Sendable {
    package enum Level: String, Sendable, CaseIterable {
      case debug, info, notice, warning, error
    }

    package enum Format: String, Sendable, CaseIterable { case logfmt, json }

    package enum Contacts: String, Sendable, CaseIterable {
      /// `+49...789`.
      case masked
      case shown
    }

    package let level: Level
    package let format: Format
    /// `nil` is standard error.
    package let file: String?
    package let contacts: Contacts
  }
}

extension Settings.Log {
  init(reading root: inout SettingsReader) {
    var reader = root.reader("log")
    level = reader.choice("level", default: .info)
    format = reader.choice("format", default: .logfmt)
    contacts = reader.choice("contacts", default: .masked)
    let name = reader.optionalString("file", example: "/var/log/sluice/sluice.log")
    file = name.map { $0.hasPrefix("/") ? $0 : "\(root.directory)/\($0)" }
    root.finish(reader)
  }
}
