import SluiceCore

/// The settings' own report as findings.
package enum SettingsCheckup {
  package static func findings(of report: SettingsReport) -> [Finding] {
    // A complaint ends with its remedy.
    let problems = report.problems.map {
      Finding.problem("settings", "\($0)", remedy: "Correct it, then: sluice reload.")
    }
    let warnings = report.warnings.map {
      Finding.warning("settings", "\($0)", remedy: "If it is meant, leave it.")
    }
    guard problems.isEmpty else { return problems + warnings }
    return [.good("settings", "All is understood; channels: \(report.channels.count).")] + warnings
  }
}

/// Where an installation's calls go.
package enum Origins {
  /// `https://host:port` of the platform and the providers of all channels, each once.
  package static func of(_ channels: [ChannelSettings]) -> [String] {
    guard let contact = try? ContactID("+60100000000") else { return [] }
    var origins: Set<String> = []
    for channel in channels {
      let calls = [channel.main, channel.fallback].compactMap { account in
        account?.provider.call(sending: .text("x"), to: contact, reference: "0.0", now: 0)
      }
      for url in [channel.webhookURL] + calls.map(\.url) {
        if let origin = origin(of: url) { origins.insert(origin) }
      }
    }
    return origins.sorted()
  }

  /// - Returns: `nil` for what is no absolute URL, or names a user.
  static func origin(of url: String) -> String? {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    guard !authority.isEmpty, !authority.contains("@") else { return nil }
    return url[..<scheme.upperBound] + String(authority)
  }
}
