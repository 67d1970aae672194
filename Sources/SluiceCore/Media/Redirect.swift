/// The next call of a redirected one (RFC 9110, 15.4), for calls that carry credentials: they go to
/// nobody but whom they were meant for.
package enum Redirect {
  /// - Parameter location: The answer's `Location`.
  /// - Returns: `nil` where it is not to be followed: it is missing or malformed, leaves HTTPS, names a
  ///   user or a port that is neither its scheme's nor the call's, or answers something other than a GET.
  package static func call(after call: HTTPCall, to location: String?) -> HTTPCall? {
    guard call.method == "GET", let location, let base = WebAddress(call.url),
      let target = base.resolving(location),
      target.isSecure || !base.isSecure, target.hasUsualPort || target.port == base.port
    else { return nil }
    // Any header may be a credential, so none goes to another host.
    return HTTPCall(
      method: "GET", url: target.text, headers: target.hasOrigin(of: base) ? call.headers : [])
  }

  package static func isRedirect(_ status: Int) -> Bool {
    [301, 302, 303, 307, 308].contains(status)
  }
}

/// An absolute `http` or `https` URL in its parts (RFC 3986, 3), as strict as a parser must be whose
/// reading of a host has to be libcurl's too.
private struct WebAddress {
  let isSecure: Bool
  /// Host and port, in lower case; no user.
  let authority: String
  /// From the path on, without fragment.
  let rest: String

  init?(_ text: String) {
    guard text.utf8.count <= MessageContent.maximumURLBytes, text.utf8.allSatisfy(Self.isLegal),
      let colon = text.firstIndex(of: ":")
    else { return nil }
    switch text[..<colon].lowercased() {
    case "https": isSecure = true
    case "http": isSecure = false
    default: return nil
    }
    let afterScheme = text[text.index(after: colon)...]
    guard afterScheme.hasPrefix("//") else { return nil }
    let hierarchy = afterScheme.dropFirst(2).prefix { $0 != "#" }
    let authority = hierarchy.prefix { $0 != "/" && $0 != "?" }
    guard !authority.isEmpty, !authority.hasPrefix(":"), !authority.contains("@") else {
      return nil
    }
    self.authority = authority.lowercased()
    let rest = hierarchy[authority.endIndex...]
    self.rest = rest.hasPrefix("/") ? String(rest) : "/\(rest)"
  }

  var text: String { "\(isSecure ? "https" : "http")://\(authority)\(rest)" }

  func hasOrigin(of other: WebAddress) -> Bool {
    isSecure == other.isSecure && origin.utf8.elementsEqual(other.origin.utf8)
  }

  /// As written; a malformed one is nobody's.
  var port: Substring { origin[(origin.lastIndex(of: ":") ?? origin.startIndex)...].dropFirst() }

  var hasUsualPort: Bool { port == (isSecure ? "443" : "80") }

  private var origin: String {
    // An IPv6 address has colons of its own, in brackets.
    let afterAddress = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority[...]
    return afterAddress.contains(":") ? authority : authority + (isSecure ? ":443" : ":80")
  }

  /// RFC 3986, 5.2, but for dot segments, which libcurl resolves.
  func resolving(_ reference: String) -> WebAddress? {
    let scheme = isSecure ? "https:" : "http:"
    let root = "\(scheme)//\(authority)"
    let path = rest.prefix { $0 != "?" }
    if reference.isEmpty { return nil }
    if reference.hasPrefix("//") { return WebAddress(scheme + reference) }
    if reference.hasPrefix("/") { return WebAddress(root + reference) }
    if reference.hasPrefix("?") { return WebAddress("\(root)\(path)\(reference)") }
    let hasScheme = reference.prefix { !"/?#".contains($0) }.contains(":")
    if hasScheme { return WebAddress(reference) }
    let directory = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
    return WebAddress("\(root)\(directory)\(reference)")
  }

  /// Printable, and none of those that parsers disagree about.
  private static func isLegal(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !Array("\"<>\\^`{|}".utf8).contains(byte)
  }
}
