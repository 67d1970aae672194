import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct NginxCheckupTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../nginx").standardizedFileURL.path

  private static func shipped(_ name: String) -> String {
    (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
  }

  private func checkup(
    _ changes: [(String, String)] = [], server: String = Self.publicURL, console: String = ""
  ) throws -> NginxCheckup {
    let directory = TemporaryDirectory()
    var text = SettingsText()
    (text.server, text.console) = (server, console)
    let settings = try text.load(in: directory)
    let changes = [("/var/lib/sluice", settings.server.stateDirectory)] + changes
    let files = ["sluice.conf", "sluice-upstreams.conf"].map { name in
      var text = Self.shipped(name)
      for (old, new) in changes { text = text.replacingOccurrences(of: old, with: new) }
      return "# configuration file /etc/nginx/\(name):\n\(text)"
    }
    let main = """
      nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
      # configuration file /etc/nginx/nginx.conf:
      user www-data;
      http {
        include /etc/nginx/sluice-up*.conf;
        server { include sluice.conf; }
      }

      """
    let configuration = NginxConfiguration(main + files.joined(separator: "\n")) { _ in [] }
    return NginxCheckup(configuration, settings: settings)
  }

  private static let publicURL = "public_url = \"https://sluice.example.com/sluice\""
  private static let withPages = "enabled = true\npassword = \"file:secrets/password\""

  @Test("what ships is as it should be")
  func acceptsWhatShips() throws {
    let checkup = try checkup()
    #expect(checkup.findings.map(\.grade) == [.good], "\(checkup.findings)")
    #expect(checkup.user == "www-data")
    #expect(
      checkup.sockets.map(\.path)
        == ["outbound", "inbound", "status", "media", "console"].map { "/run/sluice/\($0).sock" })
    #expect(checkup.sockets.map(\.isNeeded) == [true, true, true, false, false])
    let pages = try self.checkup(console: Self.withPages)
    #expect(pages.findings.map(\.grade) == [.good] && pages.sockets.last?.isNeeded == true)
  }

  @Test("media is nobody's business where no links are made")
  func leavesOutMedia() throws {
    let checkup = try checkup([("/sluice-media/", "/x/"), ("/media/", "/x/")], server: "")
    #expect(checkup.findings.map(\.grade) == [.good], "\(checkup.findings)")
    #expect(!checkup.sockets.contains { $0.path.hasSuffix("media.sock") })
  }

  static let mistakes: [(label: String, old: String, new: String, part: String)] = [
    ("no location", "/message\\z", "/massage\\z", "No location passes …/message"),
    (
      "no buffering", "fastcgi_request_buffering on", "fastcgi_request_buffering off",
      "as they come"
    ),
    ("another body limit", "client_max_body_size 1m", "client_max_body_size 8m", "bodies of 8m"),
    ("kept, and no pool", "fastcgi_keep_conn off", "fastcgi_keep_conn on", "keeps no connections"),
    (
      "a pool, and not kept", "status.sock; }", "status.sock; keepalive 4; }",
      "fastcgi_keep_conn is off"
    ),
    ("no channel", "fastcgi_param SLUICE_CHANNEL", "# fastcgi_param", "not told the channel"),
    ("by TCP", "unix:/run/sluice/status.sock", "127.0.0.1:9000", "reached by TCP"),
    ("no upstream", "upstream sluice_status", "upstream sluice_state", "is no upstream"),
    (
      "a parameter that hides the others", "fastcgi_pass sluice_status",
      "fastcgi_param A b; fastcgi_pass sluice_status", "not told the channel"
    ),
    ("no media", "^/sluice/media/", "^/sluice/medium/", "No location passes …/media/"),
    ("no console", "/sluice/console(", "/sluice/panel(", "No location passes …/console"),
    ("no health", "/sluice/healthz", "/sluice/health", "No location passes …healthz"),
    ("no metrics", "(readyz|metrics)", "readyz", "No location passes …metrics"),
    ("metrics for all", "deny all;", "", "Everybody may ask …metrics"),
    ("metrics for all, said first", "allow 127.0.0.1;", "allow all;", "Everybody may ask …readyz"),
    ("no copies", "/sluice-media/", "/copies/", "No location /sluice-media/"),
    ("copies elsewhere", "{ default ", "{ default /srv", "looks for the copies of media in /srv/"),
    (
      "a place that is not in the map", "alias $sluice_media_files/", "alias /srv/media/",
      "looks for the copies of media in /srv/media/"
    ),
    ("no place", "alias $sluice_media_files/;", "", "looks for the copies of media elsewhere"),
    (
      "copies for all", "^~ /sluice-media/ {\n  internal;", "^~ /sluice-media/ {",
      "without a link"
    ),
  ]

  @Test(arguments: mistakes)
  func finds(label: String, old: String, new: String, part: String) throws {
    let findings = try checkup([(old, new)], console: Self.withPages).findings
    #expect(findings.contains { $0.message.contains(part) && $0.remedy != nil }, "\(findings)")
    #expect(!findings.contains { $0.grade == .good })
  }

  @Test("a console that is off is no problem, only a pity")
  func weighsWhatIsOff() throws {
    let findings = try checkup([("readyz|metrics", "readyz")]).findings
    #expect(findings.map(\.grade) == [.warning], "\(findings)")
    let guarded = try checkup([("deny all;", "auth_basic metrics;")]).findings
    #expect(guarded.map(\.grade) == [.good], "\(guarded)")
  }

  @Test func comparesWithTheSettings() throws {
    let findings = try checkup(server: "max_body_bytes = 65536").findings
    #expect(findings.count == 3 && findings.allSatisfy { $0.grade == .warning })
  }

  static let variables: [(text: String, expanded: String?)] = [
    ("/a", "/a"), ("$m/", "/v/"), ("${m}x", "/vx"), ("$s", "/w"), ("$none", nil), ("${m", nil),
    ("", ""),
  ]

  @Test(arguments: variables)
  func expands(text: String, expanded: String?) {
    let configuration = NginxConfiguration(
      "map \"\" $m { default /v; } server { location / { set $s /w; } }"
    ) { _ in [] }
    #expect(NginxVariables(configuration.directives).expand(text) == expanded)
  }

  static let texts: [(label: String, text: String, names: [String])] = [
    ("empty", "", []),
    ("comments and quotes", "a 'b; c'; # d;\n\"e\" f;", ["a", "e"]),
    ("braces in quotes", "a \"x{2}\" { b; } c;", ["a", "c"]),
    ("a variable's braces", "a ${b}c; d;", ["a", "d"]),
    ("ends too early", "a { b; c {", ["a"]),
    ("closes too often", "a; } b;", ["a"]),
  ]

  @Test(arguments: texts)
  func reads(label: String, text: String, names: [String]) {
    #expect(NginxConfiguration(text) { _ in [] }.directives.map(\.name) == names)
  }

  @Test("a file that includes itself ends")
  func includesItself() {
    let configuration = NginxConfiguration("a; include x;") { _ in ["b; include x;"] }
    #expect(configuration.directives.first?.name == "a")
    #expect(configuration.directives.count < 40)
  }

  @Test("whatever it is given, it ends")
  func readsAnything() {
    var random = SplitMix64(seed: 11)
    let pieces = [
      "{", "}", ";", "\"", "'", "\\", "#", "\n", " ", "server", "location", "a", "${", "é",
    ]
    for _ in 0..<500 {
      let text = (0..<40).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      _ = NginxConfiguration(text) { _ in [] }
    }
  }
}
