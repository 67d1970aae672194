import SluiceCore
import Testing

struct RedirectTests {
  static let base = "https://api.example/v1/media/ME1?x=1"

  private func next(_ location: String?, from url: String = base, method: String = "GET")
    -> HTTPCall?
  {
    Redirect.call(
      after: HTTPCall(
        method: method, url: url, headers: [("authorization", "Bearer key"), ("x-key", "1")]),
      to: location)
  }

  static let followed: [(location: String, url: String, hasCredentials: Bool)] = [
    ("https://api.example/v2/a", "https://api.example/v2/a", true),
    ("HTTPS://API.example:443/v2/a", "https://api.example:443/v2/a", true),
    ("/v2/a?b#c", "https://api.example/v2/a?b", true),
    ("b", "https://api.example/v1/media/b", true),
    ("../b:c", "https://api.example/v1/media/../b:c", true),
    ("?y=2", "https://api.example/v1/media/ME1?y=2", true),
    ("https://api.example", "https://api.example/", true),
    (
      "https://cdn.example/signed?a=https://api.example/",
      "https://cdn.example/signed?a=https://api.example/", false
    ),
    ("//cdn.example/a", "https://cdn.example/a", false),
    ("https://cdn.example:443/a", "https://cdn.example:443/a", false),
    ("https://api.example.evil/a", "https://api.example.evil/a", false),
    ("https://sub.api.example/a", "https://sub.api.example/a", false),
    ("https://[2606:4700::1111]/a", "https://[2606:4700::1111]/a", false),
  ]
  @Test("credentials go where they were meant to go, and nowhere else", arguments: followed)
  func follows(location: String, url: String, hasCredentials: Bool) throws {
    let call = try #require(next(location))
    #expect(call.method == "GET" && call.url == url && call.body.isEmpty)
    #expect(call.headers.count == (hasCredentials ? 2 : 0))
  }

  static let refused: [String?] = [
    "https://api.example:8443/a", "https://cdn.example:22/a", "https://cdn.example:/a",
    "https://cdn.example:0443/a", "https://[2606:4700::1111]:6379/a", "https://cdn.example:80/a",
    nil, "", "http://api.example/a", "http://cdn.example/a", "ftp://cdn.example/a",
    "file:///etc/passwd", "gopher://127.0.0.1:25/", "javascript:alert(1)", "data:,x",
    "https://", "https:///a", "https:a", "https://:443/a", "https://key@cdn.example/a",
    "https://api.example@evil.example/", "https://evil.example\\@api.example/",
    "https://cdn.example/a b", "https://cdn.example/\r\nx: y", "https://cdn.example/é",
    "https://cdn.example/" + String(repeating: "a", count: 2_048),
  ]
  @Test(arguments: refused)
  func refuses(location: String?) { #expect(next(location) == nil) }

  @Test func staysUnencryptedOnlyWhereItWas() {
    #expect(next("http://b.example/", from: "http://a.example/")?.headers.isEmpty == true)
    #expect(next("https://a.example/", from: "http://a.example/")?.headers.isEmpty == true)
    #expect(next("http://a.example:80/", from: "http://a.example/")?.headers.count == 2)
  }

  /// Where the settings have the provider at a port of its own, it may redirect to that.
  @Test func keepsTheProvidersPort() {
    let base = "https://api.example:8443/a"
    #expect(next("/b", from: base)?.headers.count == 2)
    #expect(next("https://cdn.example:8443/b", from: base)?.headers.isEmpty == true)
    #expect(next("https://api.example/b", from: base)?.headers.isEmpty == true)
    #expect(next("https://api.example:8444/b", from: base) == nil)
    #expect(next("http://a.example:6379/b", from: "http://a.example:8080/a") == nil)
  }

  @Test func followsNothingButGET() { #expect(next("/a", method: "POST") == nil) }
}
