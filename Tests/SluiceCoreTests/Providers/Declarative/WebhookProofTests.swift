import SluiceTesting
import Testing

@testable import SluiceCore

/// How descriptions have webhooks proven; the vectors are the survey's, made with openssl.
struct WebhookProofTests {
  private static let body = #"{"from":"+46700000001","text":"Hej då"}"#
  private static let secret = "generic-secret"

  /// A provider with that proof, and the secret in its settings.
  private static func provider(_ proof: String, more: String = "") throws -> DeclaredProvider {
    let text =
      ProviderDescription.startingText.replacing(
        "[[webhooks.message]]\nwhen = { \"/type\" = \"inbound\" }\nid = \"/id\"",
        with: "proof = \(proof)\n[[webhooks.message]]\nid_from = [\"/from\", \"/text\"]")
    let read = ProviderDescription.read(
      try SettingsFile(path: "a.toml", text: text), name: "a")
    #expect(read.problems == [])
    var reader = SettingsReader(try SettingsFile(path: "s.toml", text: more))
    reader.givenSecrets = ["api_key": "key-4711", "webhook_secret": secret]
    reader.channelURL = "https://sluice.example.com/sluice/demo"
    reader.description = read.description
    return try #require(DeclaredProvider(settings: &reader))
  }

  private static func isProven(
    _ proof: String, query: String = "", headers: [String: String] = [:], body: String = body,
    now: Int64 = 1_767_225_600_000
  ) throws -> Bool {
    let request = HTTPRequest(
      method: "POST", path: "/sluice/demo/inbound", query: query,
      headers: headers.merging(["content-type": "application/json"]) { one, _ in one },
      body: Array(body.utf8))
    let provider = try provider(proof)
    do throws(WebhookError) {
      return try provider.events(in: request, now: now).count == 1
    } catch {
      #expect(error == .unauthenticated)
      return false
    }
  }

  @Test func aParameter() throws {
    let proof = #"{ type = "query", name = "token" }"#
    #expect(try Self.isProven(proof, query: "a=b&token=generic-secret"))
    #expect(try !Self.isProven(proof, query: "token=generic-secreT"))
    #expect(try !Self.isProven(proof, query: "secret=generic-secret"))
    #expect(try !Self.isProven(proof, query: "token"))
    // What else stands in the query is not the proof's business (Kannel leaves unknown codes in it).
    #expect(try Self.isProven(proof, query: "a=%N&%FF&token=generic-secret"))
  }

  @Test func aHeader() throws {
    let proof = #"{ type = "header", name = "Authorization", prefix = "Bearer " }"#
    #expect(try Self.isProven(proof, headers: ["authorization": "bearer generic-secret"]))
    #expect(try !Self.isProven(proof, headers: ["authorization": "generic-secret"]))
    #expect(try !Self.isProven(proof))
  }

  @Test func basic() throws {
    let proof = #"{ type = "basic", user = "bridge" }"#
    #expect(
      try Self.isProven(proof, headers: ["authorization": "Basic YnJpZGdlOmdlbmVyaWMtc2VjcmV0"]))
    #expect(try !Self.isProven(proof, headers: ["authorization": "Basic YnJpZGdlOg=="]))
  }

  static let digest = "ef46f2b2d2a95b4b3aed0dcf5d06d545d1338180076eeaf336b5a43fc3236bf2"

  @Test func aSignatureOfTheBody() throws {
    let proof = #"{ type = "signature", at = "header:x-signature|strip:sha256=", over = "{body}" }"#
    #expect(try Self.isProven(proof, headers: ["x-signature": "sha256=\(Self.digest)"]))
    #expect(try Self.isProven(proof, headers: ["x-signature": Self.digest.uppercased()]))
    for wrong in ["", "00", Self.digest + "00", String(Self.digest.dropLast(2)), "zz"] {
      #expect(try !Self.isProven(proof, headers: ["x-signature": wrong]))
    }
    #expect(
      try !Self.isProven(
        proof, headers: ["x-signature": Self.digest], body: Self.body + " "))
  }

  @Test func aSignatureWithATimeGetsOld() throws {
    let proof = """
      { type = "signature", at = "header:x-signature", over = "{header.x-time}.{body}", \
      encoding = "base64", time = { at = "header:x-time", format = "seconds" }, tolerance_seconds = 60 }
      """
    let headers = [
      "x-time": "1767225600", "x-signature": "Ca3XI2B062ZgWKInJiUFfBwaNVlju/sk0ec8uQcvaZg=",
    ]
    #expect(try Self.isProven(proof, headers: headers))
    #expect(try Self.isProven(proof, headers: headers, now: 1_767_225_660_000))
    #expect(try !Self.isProven(proof, headers: headers, now: 1_767_225_660_001))
    #expect(try !Self.isProven(proof, headers: headers, now: 1_767_225_539_999))
    var later = headers
    later["x-time"] = "1767225601"  // It is signed too.
    #expect(try !Self.isProven(proof, headers: later))
  }

  /// `printf 'https://…/inbound?a=1generic-secret' | md5sum`
  @Test func aHashOverTheURLAndTheSecret() throws {
    let proof = #"{ type = "signature", at = "?sign", over = "{url}{secret}", hash = "md5" }"#
    let url = "https://sluice.example.com/sluice/demo/inbound?a=1"
    #expect(try !Self.isProven(proof, query: "a=1&sign=00"))
    let header =
      #"{ type = "signature", at = "header:sign", over = "{url}{secret}", hash = "md5" }"#
    let digest = DigestRule(algorithm: .md5, encoding: .hex)
      .text(of: Array("\(url)generic-secret".utf8), key: [])
    #expect(digest == "549b6c6e6b1ae1adbaeeff553fa87816")
    #expect(try Self.isProven(header, query: "a=1", headers: ["sign": digest]))
  }

  @Test func nobodyHasToProveAnythingOnlyWhereThatIsWritten() throws {
    let provider = try Self.provider(
      #"{ type = "header", name = "x-secret" }"#, more: "verify = \"none\"")
    let request = HTTPRequest(
      method: "POST", path: "/", headers: ["content-type": "application/json"],
      body: Array(Self.body.utf8))
    #expect(try provider.events(in: request, now: 0).count == 1)
  }
}
