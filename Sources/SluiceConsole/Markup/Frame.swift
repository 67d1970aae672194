import SluiceCore
import SluicePages

/// One page: what stands around its content, and the headers that keep it harmless.
struct Frame {
  let title: String
  /// Which of the ``places`` it belongs to; `nil` before somebody signed in.
  var place: Place?
  var status = 200
  /// What was just done, or why it was not.
  var notice: (text: String, tone: Tone)?
  let content: HTML

  enum Place: String, CaseIterable {
    case overview = "Overview"
    case queue = "Queue"
    case messages = "Messages"
    case dead = "Dead letters"
    case quarantine = "Quarantine"

    var path: String {
      switch self {
      case .overview: ""
      case .queue: "queue"
      case .messages: "messages"
      case .dead: "dead"
      case .quarantine: "quarantine"
      }
    }
  }

  func response(_ visit: Visit) -> HTTPResponse {
    HTTPResponse(status: status, headers: Self.headers, body: Array(document(visit).text.utf8))
  }

  private func document(_ visit: Visit) -> HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title) · Sluice console</title>
    <link rel="icon" href="\(Look.icon)">
    <link rel="stylesheet" href="\(visit.base)/\(Style.name)">
    </head>
    <body>
    <a class="skip" href="#content">Skip to the content</a>
    \(header(visit))
    <main id="content" tabindex="-1">
    \(noticeHTML)\(content)
    </main>
    <footer>Times are UTC. This page was made at \(Words.time(visit.now, now: visit.now)). \
    Sluice \(Version.current)</footer>
    </body>
    </html>

    """
  }

  private func header(_ visit: Visit) -> HTML {
    guard let place else {
      return
        "<header class=\"top\"><p class=\"name\">\(Look.mark)Sluice <span>console</span></p></header>"
    }
    let links: [HTML] = Place.allCases.map { item in
      let current: HTML = item == place ? " aria-current=\"page\"" : .none
      return "<li><a href=\"\(visit.base)/\(item.path)\"\(current)>\(item.rawValue)</a></li>"
    }
    return """
      <header class="top"><p class="name">\(Look.mark)Sluice <span>console</span></p>
      <nav aria-label="Console"><ul>\(links)</ul></nav>
      \(Markup.action("sign-out", "Sign out", visit, kind: "quiet"))</header>
      """
  }

  private var noticeHTML: HTML {
    guard let notice else { return .none }
    return "<p class=\"notice \(notice.tone.rawValue)\" role=\"status\">\(notice.text)</p>\n"
  }

  /// Nothing runs, nothing is loaded from elsewhere, nobody frames it, and nobody keeps a copy.
  static let headers: [(name: String, value: String)] = [
    ("content-type", "text/html; charset=utf-8"),
    (
      "content-security-policy",
      "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'"
    ),
    ("cache-control", "no-store"), ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"), ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
  ]
}

/// The style sheet, by a name that changes with it, so that browsers may keep it.
enum Style {
  private static let source = Look.style + PackageResources.console_css

  static let name: String = {
    let digest = Look.digest(source).dropFirst(7).filter { $0.isLetter || $0.isNumber }
    return "style-\(digest.prefix(12)).css"
  }()

  static let response = HTTPResponse(
    status: 200,
    headers: [
      ("content-type", "text/css; charset=utf-8"), ("x-content-type-options", "nosniff"),
      ("cache-control", "private, max-age=31536000, immutable"),
    ], body: source)
}
