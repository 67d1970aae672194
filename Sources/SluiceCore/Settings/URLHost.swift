extension String {
  /// The host of an absolute URL (RFC 3986, 3.2), without port and user; `nil` if there is none.
  var urlHost: String? {
    guard let scheme = firstRange(of: "://") else { return nil }
    var authority = self[scheme.upperBound...].prefix { !"/?#".contains($0) }
    if let at = authority.lastIndex(of: "@") {
      authority = authority[authority.index(after: at)...]
    }
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }

  /// Whether a host is this machine, by the names that cannot be anybody else.
  var isLoopbackHost: Bool {
    self == "::1" || lowercased() == "localhost" || hasPrefix("127.") && allSatisfy(\.isAddress)
  }
}

extension Character {
  /// `127.evil.example` begins with 127 too.
  fileprivate var isAddress: Bool { self == "." || ("0"..."9").contains(self) }
}
