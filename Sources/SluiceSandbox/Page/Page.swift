import FoundationEssentials
import SluiceCore
import SluicePages

/// The page as one document: style and script stand inside it, and the policy names their digests, so
/// that nothing else runs in it whatever a message says.
struct Page: Sendable {
  private let document: HTTPResponse

  init() {
    let (style, script) = (Look.style + PackageResources.page_css, PackageResources.page_js)
    let html = String(decoding: PackageResources.page_html, as: UTF8.self)
      .replacing("/* icon */", with: Look.icon)
      .replacing("/* page.css */", with: String(decoding: style, as: UTF8.self))
      .replacing("/* page.js */", with: String(decoding: script, as: UTF8.self))
    let policy = [
      "default-src 'none'", "style-src '\(Look.digest(style))'",
      "script-src '\(Look.digest(script))'", "connect-src 'self'", "img-src data:",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")
    document = HTTPResponse(
      status: 200,
      headers: [
        ("content-type", "text/html; charset=utf-8"), ("content-security-policy", policy),
        ("cache-control", "no-cache"), ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
      ], body: Array(html.utf8))
  }

  func respond(to request: HTTPRequest) -> HTTPResponse {
    guard request.method == "GET" || request.method == "HEAD" else {
      return HTTPResponse.error(405, "Send GET.")
    }
    return document
  }
}
