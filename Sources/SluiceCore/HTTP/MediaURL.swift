extension String {
  /// Whether this is an `https` URL fit to stand in a message, as a provider gives one for media.
  var isMediaURL: Bool {
    utf8.count <= MessageContent.maximumURLBytes && hasPrefix("https://")
      && utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Whether this is such a URL, of a host that may see our credentials, and short enough to go into
  /// a link as a reference. Only what cannot be read in two ways counts as a host: no user, no port,
  /// no capitals.
  /// - Parameter domain: With the dot before it: `.example.com`.
  func isMediaURL(below domain: String) -> Bool {
    let host = utf8.dropFirst("https://".utf8.count).prefix { $0 != UInt8(ascii: "/") }
    return isMediaURL && utf8.count <= 1_000
      && String(decoding: host, as: UTF8.self).hasSuffix(domain)
      && host.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}
