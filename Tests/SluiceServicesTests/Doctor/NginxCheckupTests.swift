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
    _ changes: [(String, String)] = [], server: String = ""
  ) throws -> NginxCheckup {
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
    var settings = SettingsText()
    settings.server = server
    let directory = TemporaryDirectory()
    return NginxCheckup(configuration, settings: try settings.load(in: directory))
  }

  @Test("what ships is as it should be")
  func acceptsWhatShips() throws {
    let checkup = try checkup()
    #expect(checkup.findings.map(\.grade) == [.good], "\(checkup.findings)")
    #expect(checkup.user == "www-data")
    #expect(
      checkup.sockets == ["outbound", "inbound", "status"].map { "/run/sluice/\($0).sock" })
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
  ]

  @Test(arguments: mistakes)
  func finds(label: String, old: String, new: String, part: String) throws {
    let findings = try checkup([(old, new)]).findings
    #expect(findings.contains { $0.message.contains(part) && $0.remedy != nil }, "\(findings)")
    #expect(!findings.contains { $0.grade == .good })
  }

  @Test func comparesWithTheSettings() throws {
    let findings = try checkup(server: "max_body_bytes = 65536").findings
    #expect(findings.count == 3 && findings.allSatisfy { $0.grade == .warning })
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
