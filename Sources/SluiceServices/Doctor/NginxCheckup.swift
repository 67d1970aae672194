import SluiceCore

/// Whether nginx is set up as the programs need it.
package struct NginxCheckup {
  /// In the order of the programs; with what stands for the kind of request in its location.
  private static let endpoints = [
    ("sluice-outbound", "/message"), ("sluice-inbound", "/inbound"), ("sluice-status", "/status"),
  ]

  package private(set) var findings: [Finding] = []
  /// The sockets that nginx passes requests to: paths.
  package private(set) var sockets: [String] = []
  /// As whom nginx's workers run; `nil` is the default it was built with.
  package let user: String?

  private let upstreams: [String: [NginxConfiguration.Directive]]

  package init(_ configuration: NginxConfiguration, settings: Settings) {
    user = configuration.directives.last { $0.name == "user" }?.arguments.first
    let http = configuration.directives.filter { $0.name == "http" }.flatMap(\.block)
    // A file that was given alone may be the inside of any of nginx's blocks.
    let inside = http.isEmpty ? configuration.directives : http
    upstreams = Dictionary(
      inside.filter { $0.name == "upstream" }.map { ($0.arguments.first ?? "", $0.block) },
      uniquingKeysWith: { first, _ in first })
    let locations = Self.locations(in: inside, under: [])
    for (program, path) in Self.endpoints {
      let found = locations.filter {
        $0.pattern.firstRange(of: path) != nil && $0.value("fastcgi_pass") != nil
      }
      if found.isEmpty {
        problem(
          "No location passes …\(path) to \(program).",
          "Include nginx/sluice.conf in the server block, and reload nginx.")
      }
      for location in found { judge(location, program, settings) }
    }
    if findings.isEmpty {
      findings.append(.good("nginx", "Its locations pass each kind of request on as they should."))
    }
  }

  private mutating func judge(_ location: Location, _ program: String, _ settings: Settings) {
    let target = location.value("fastcgi_pass") ?? ""
    let upstream = upstreams[target]
    let servers =
      upstream.map { $0.filter { $0.name == "server" }.compactMap(\.arguments.first) } ?? [target]
    let paths = servers.filter { $0.hasPrefix("unix:") }.map { String($0.dropFirst(5)) }
    sockets += paths.filter { !sockets.contains($0) }
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
    judgeBodies(location, program, settings)
    judgeConnections(location, program, upstream ?? [])
    if !location.parameters.contains("SLUICE_CHANNEL") {
      problem(
        "\(program) is not told the channel.",
        "Set fastcgi_param SLUICE_CHANNEL in the location, or leave all fastcgi_param to the one above."
      )
    }
    if servers.count > 1, location.value("fastcgi_next_upstream") != "off" {
      warning(
        "A request that one \(program) may have stored is given to another when it is slow.",
        "Set fastcgi_next_upstream off;")
    }
  }

  private mutating func judgeBodies(_ location: Location, _ program: String, _ settings: Settings) {
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
    _ location: Location, _ program: String, _ upstream: [NginxConfiguration.Directive]
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

/// A location with all that surrounds it.
private struct Location {
  let pattern: String
  /// The blocks that it stands in, its own last.
  let blocks: [[NginxConfiguration.Directive]]

  /// What holds for it: the innermost block's, otherwise the next one's.
  func value(_ name: String) -> String? {
    // Who answers is not inherited.
    let blocks = name == "fastcgi_pass" ? blocks.suffix(1) : blocks[...]
    for block in blocks.reversed() {
      if let directive = block.last(where: { $0.name == name }) { return directive.arguments.first }
    }
    return nil
  }

  /// The names of what the program is told: a block with one such line has none of the outer ones'.
  var parameters: [String] {
    for block in blocks.reversed() {
      let names = block.filter { $0.name == "fastcgi_param" }.compactMap(\.arguments.first)
      if !names.isEmpty { return names }
    }
    return []
  }
}

extension NginxCheckup {
  private static func locations(
    in block: [NginxConfiguration.Directive], under outer: [[NginxConfiguration.Directive]]
  ) -> [Location] {
    let blocks = outer + [block]
    return block.flatMap { directive -> [Location] in
      guard directive.name == "server" || directive.name == "location" else { return [] }
      let own = Location(
        pattern: directive.arguments.last ?? "", blocks: blocks + [directive.block])
      return (directive.name == "location" ? [own] : [])
        + locations(in: directive.block, under: blocks)
    }
  }
}
