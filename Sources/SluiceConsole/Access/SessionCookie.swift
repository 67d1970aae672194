import SluiceCore

/// How the session travels, and what is left in a browser that had one (RFC 6265).
enum SessionCookie {
  private static let name = "sluice_console"
  private static let familiarName = "sluice_console_familiar"

  /// - Returns: `nil` where the request brings none.
  static func value(in request: HTTPRequest) -> String? { value(of: name, in: request) }

  static func familiarity(in request: HTTPRequest) -> String? {
    value(of: familiarName, in: request)
  }

  private static func value(of name: String, in request: HTTPRequest) -> String? {
    for pair in (request.headers["cookie"] ?? "").split(separator: ";") {
      let pair = pair.drop { $0 == " " }
      if pair.hasPrefix("\(name)=") { return String(pair.dropFirst(name.utf8.count + 1)) }
    }
    return nil
  }

  /// Scripts do not see it, other sites' links and forms do not bring it along, and only the console
  /// gets it. It ends with the browser, or with the session.
  static func header(
    _ value: String, _ base: String, isSecure: Bool
  ) -> (name: String, value: String) {
    ("set-cookie", "\(name)=\(value); \(attributes(base, isSecure: isSecure))")
  }

  /// It stays for half a year after the last sign-in.
  static func familiarityHeader(
    _ value: String, _ base: String, isSecure: Bool
  ) -> (name: String, value: String) {
    (
      "set-cookie",
      "\(familiarName)=\(value); \(attributes(base, isSecure: isSecure)); Max-Age=15552000"
    )
  }

  private static func attributes(_ base: String, isSecure: Bool) -> String {
    "Path=\(base); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
  }

  static func removal(_ base: String, isSecure: Bool) -> (name: String, value: String) {
    let (header, value) = header("", base, isSecure: isSecure)
    return (header, "\(value); Max-Age=0")
  }
}
