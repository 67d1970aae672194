import SluiceCore

/// A kind of request that nginx passes on, and what its location has to have.
struct NginxEndpoint {
  let program: String
  /// What stands for it in its location's pattern.
  let path: String
  /// Whether messages are lost or late without it.
  var isNeeded = true
  var isOfChannel = false
  var takesBodies = false
  /// Whether it is for this host, or whom an `allow` lets in.
  var isPrivate = false

  /// In the order of the programs.
  /// - Parameter needsMedia: Whether a channel's provider has media that only our account may fetch.
  static func all(_ settings: Settings, needsMedia: Bool) -> [NginxEndpoint] {
    var all = [
      ("sluice-outbound", "/message"), ("sluice-inbound", "/inbound"), ("sluice-status", "/status"),
    ]
    .map { NginxEndpoint(program: $0, path: $1, isOfChannel: true, takesBodies: true) }
    // Links to media are made where there is something to put before them.
    if settings.server.publicURL != nil {
      all.append(NginxEndpoint(program: "sluice-media", path: "/media/", isNeeded: needsMedia))
    }
    let hasPages = settings.console.password != nil
    if hasPages {
      all.append(NginxEndpoint(program: console, path: "/console", isNeeded: hasPages))
    }
    // Health and metrics are served whether or not the pages are.
    all.append(NginxEndpoint(program: console, path: "healthz", isNeeded: hasPages))
    for path in ["readyz", "metrics"] {
      all.append(NginxEndpoint(program: console, path: path, isNeeded: hasPages, isPrivate: true))
    }
    return all
  }

  private static let console = "sluice-console"
}
