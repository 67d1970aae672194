import SluiceCore

/// Whether nginx is set up as the programs need it.
package struct NginxCheckup {
  package private(set) var findings: [Finding] = []
  /// The sockets that nginx passes requests to.
  package private(set) var sockets: [Socket] = []
  /// As whom nginx's workers run; `nil` is the default it was built with.
  package let user: String?

  /// A socket's path, and whether its program has to run.
  package struct Socket: Equatable, Sendable {
    package let path: String
    package let isNeeded: Bool
  }

  private let upstreams: [String: [NginxConfiguration.Directive]]

  /// - Parameter channels: Those that can be used.
  package init(
    _ configuration: NginxConfiguration, settings: Settings, channels: [ChannelSettings] = []
  ) {
    user = configuration.directives.last { $0.name == "user" }?.arguments.first
    let http = configuration.directives.filter { $0.name == "http" }.flatMap(\.block)
    // A file that was given alone may be the inside of any of nginx's blocks.
    let inside = http.isEmpty ? configuration.directives : http
    upstreams = Dictionary(
      inside.filter { $0.name == "upstream" }.map { ($0.arguments.first ?? "", $0.block) },
      uniquingKeysWith: { first, _ in first })
    let locations = NginxLocation.all(in: inside)
    let needsMedia = channels.flatMap { [$0.main, $0.fallback] }
      .contains { $0?.provider.hasPrivateMedia == true }
    for endpoint in NginxEndpoint.all(settings, needsMedia: needsMedia) {
      let found = locations.filter {
        $0.pattern.firstRange(of: endpoint.path) != nil && $0.value("fastcgi_pass") != nil
      }
      if found.isEmpty { judgeMissing(endpoint) }
      for location in found { judge(location, endpoint, settings) }
    }
    if settings.server.publicURL != nil {
      findings += MediaCheckup.findings(locations, variables: NginxVariables(inside), settings)
    }
    if findings.isEmpty {
      findings.append(.good("nginx", "Its locations pass each kind of request on as they should."))
    }
  }

  private mutating func judgeMissing(_ endpoint: NginxEndpoint) {
    let message = "No location passes …\(endpoint.path) to \(endpoint.program)."
    let remedy = "Include nginx/sluice.conf in the server block, and reload nginx."
    if endpoint.isNeeded { problem(message, remedy) } else { warning(message, remedy) }
  }

  private mutating func judge(
    _ location: NginxLocation, _ endpoint: NginxEndpoint, _ settings: Settings
  ) {
    let program = endpoint.program
    let target = location.value("fastcgi_pass") ?? ""
    let upstream = upstreams[target]
    let servers =
      upstream.map { $0.filter { $0.name == "server" }.compactMap(\.arguments.first) } ?? [target]
    let paths = servers.filter { $0.hasPrefix("unix:") }.map { String($0.dropFirst(5)) }
    for path in paths where !sockets.contains(where: { $0.path == path }) {
      sockets.append(Socket(path: path, isNeeded: endpoint.isNeeded))
    }
    if paths.count < servers.count {
      problem(
        "\(program) is reached by TCP (\(target)): whoever reaches the port can claim to be anybody.",
        "Pass to a socket: server unix:/run/sluice/….sock; in the upstream.")
    }
    if upstream == nil, paths.isEmpty, !target.contains(":") {
      problem(
        "\(target), where \(program) should be, is no upstream.",
        "Copy nginx/sluice-upstreams.conf into the http block.")
    }
    if endpoint.takesBodies { judgeBodies(location, program, settings) }
    judgeConnections(location, program, upstream ?? [])
    if endpoint.isOfChannel, !location.parameters.contains("SLUICE_CHANNEL") {
      problem(
        "\(program) is not told the channel.",
        "Set fastcgi_param SLUICE_CHANNEL in the location, or leave all fastcgi_param to the one above."
      )
    }
    if endpoint.isPrivate, !location.isGuarded {
      problem(
        "Everybody may ask …\(endpoint.path), which says how much is going on and for whom, and costs some"
          + " work.", "Write allow 127.0.0.1; allow ::1; deny all; into its location.")
    }
    if servers.count > 1, location.value("fastcgi_next_upstream") != "off" {
      warning(
        "A request that one \(program) may have stored is given to another when it is slow.",
        "Set fastcgi_next_upstream off;")
    }
  }

  private mutating func judgeBodies(
    _ location: NginxLocation, _ program: String, _ settings: Settings
  ) {
    if location.value("fastcgi_request_buffering") == "off" {
      problem(
        "nginx passes bodies to \(program) as they come: a slow sender holds it up.",
        "Set fastcgi_request_buffering on;")
    }
    let text = location.value("client_max_body_size") ?? "1m"
    let limit = settings.server.maximumBodyBytes
    // 0 is no limit to nginx.
    guard let bytes = Self.bytes(text), bytes != limit else { return }
    warning(
      "nginx takes bodies of \(text) for \(program), and server.max_body_bytes is \(limit).",
      "Make both the same: client_max_body_size \(limit);")
  }

  private mutating func judgeConnections(
    _ location: NginxLocation, _ program: String, _ upstream: [NginxConfiguration.Directive]
  ) {
    let isKept = location.value("fastcgi_keep_conn") == "on"
    let hasPool = upstream.contains { $0.name == "keepalive" }
    if isKept && !hasPool {
      warning(
        "fastcgi_keep_conn is on, and the upstream of \(program) keeps no connections.",
        "Add keepalive 4; to the upstream, or set fastcgi_keep_conn off;")
    } else if hasPool && !isKept {
      warning(
        "The upstream of \(program) is to keep connections, and fastcgi_keep_conn is off.",
        "Set fastcgi_keep_conn on; or remove keepalive.")
    }
  }

  private mutating func problem(_ message: String, _ remedy: String) {
    findings.append(.problem("nginx", message, remedy: remedy))
  }

  private mutating func warning(_ message: String, _ remedy: String) {
    findings.append(.warning("nginx", message, remedy: remedy))
  }

  /// `1m`, `512k`, `1048576`.
  static func bytes(_ size: String) -> Int? {
    let shift =
      switch size.last {
      case "k", "K": 10
      case "m", "M": 20
      case "g", "G": 30
      default: 0
      }
    return Int(shift == 0 ? size[...] : size.dropLast()).map { $0 << shift }
  }
}
