/// A request as a program receives it: from nginx over FastCGI, or from a web server over CGI.
/// What is in here has passed the listener's checks (one of each header, the body whole and within
/// its limit), but nothing in it has been authenticated.
package struct HTTPRequest: Sendable {
  /// As on the wire: `POST`, `GET`, `HEAD`.
  package let method: String
  /// Decoded path without the query, as the web server normalised it.
  package let path: String
  /// The channel the web server's configuration found in the path (`SLUICE_CHANNEL`), unchecked.
  package let channel: String?
  /// Raw query, without the `?`; empty if there is none.
  package let query: String
  /// Whom the web server talks to, if it says so: an IP address.
  package let remoteAddress: String?
  /// Whether the web server talks HTTPS to them, as far as it says.
  package let isSecure: Bool
  /// By lower-case name with hyphens: `content-type`, `authorization`.
  package let headers: [String: String]
  package let body: [UInt8]
  /// The media type in lower case, without parameters: `application/json`.
  package let contentType: String?

  package init(
    method: String, path: String, channel: String? = nil, query: String = "",
    remoteAddress: String? = nil, isSecure: Bool = false,
    headers: [String: String] = [:], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.channel = channel
    self.query = query
    self.remoteAddress = remoteAddress
    self.isSecure = isSecure
    self.headers = headers
    self.body = body
    contentType = headers["content-type"].map { value in
      let type = value.utf8.prefix { $0 != UInt8(ascii: ";") && $0 > 0x20 }
      return String(
        decoding: type.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
  }

  /// The query without the fields of these names, however their letters are escaped; what is left is as
  /// it came.
  package func query(without names: [String]) -> String {
    guard !names.isEmpty, !query.isEmpty else { return query }
    let fields = query.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
    return fields.filter { field in
      let name = FormBytes.decode(Array(field.prefix { $0 != UInt8(ascii: "=") })[...])
      return !names.contains { $0.utf8.elementsEqual(name) }
    }
    .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "&")
  }
}
