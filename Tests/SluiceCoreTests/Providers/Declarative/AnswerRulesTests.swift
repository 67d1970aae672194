import Testing

@testable import SluiceCore

/// What an answer means where checks, HTTP status and defaults meet.
struct AnswerRulesTests {
  private static func rules(_ text: String) throws -> AnswerRules {
    var reader = SettingsReader(try SettingsFile(path: "a.toml", text: text))
    let rules = AnswerRules(reading: &reader)
    reader.finish()
    #expect(reader.problems == [])
    return rules
  }

  private static let checked = """
    id = "/id"
    detail = "/why"
    [[check]]
    at = "/status"
    values = { "ok" = "accepted", "busy" = "deferred", "slow" = "throttled", "off" = "account" }
    [[check]]
    at = "/error"
    values = { "10-19" = "invalid_number", "*" = "refused" }
    [http]
    "200-299" = "unknown"
    "402" = "no_credit"
    "503" = "deferred"
    """

  static let answers: [(status: Int, body: String, outcome: SendOutcome)] = [
    (200, #"{"status":"ok","id":"7"}"#, .accepted(externalID: "7")),
    (201, #"{"status":"OK"}"#, .accepted(externalID: nil)),
    (200, #"{"status":"ok","id":"a\u0000"}"#, .accepted(externalID: nil)),
    // A success inside a failure is none.
    (
      500, #"{"status":"ok","id":"7"}"#,
      .unknown(reason: "Acme's answer does not say what became of the message (HTTP 500).")
    ),
    (404, #"{"status":"ok"}"#, .rejected(reason: "Acme refused the message (HTTP 404).")),
    (
      200, #"{"status":"busy","why":"Later.\n"}"#,
      .deferred(reason: "Acme did not take the message: Later (busy).", after: 5)
    ),
    (
      400, #"{"status":"new","error":12}"#,
      .rejected(reason: "The number is not one that Acme can send to (12).")
    ),
    (200, #"{"error":"x"}"#, .rejected(reason: "Acme refused the message (x).")),
    (
      402, "no JSON",
      .accountRefused(
        reason: "The Acme account has no credit left; ask your administrator to top it up"
          + " (HTTP 402).")
    ),
    (503, "", .deferred(reason: "Acme did not take the message (HTTP 503).", after: 5)),
    (408, "", .deferred(reason: "Acme did not take the message (HTTP 408).", after: 5)),
    (
      200, "{}",
      .unknown(reason: "Acme's answer does not say what became of the message (HTTP 200).")
    ),
    (
      302, "",
      .unknown(reason: "Acme's answer does not say what became of the message (HTTP 302).")
    ),
    (
      429, #"{"status":"ok","id":"7"}"#,
      .throttled(
        reason: "Acme gets too many requests from this account (HTTP 429).", after: 5)
    ),
  ]
  @Test(arguments: answers)
  func decides(status: Int, body: String, outcome: SendOutcome) throws {
    let response = HTTPResponse(
      status: status, headers: [("retry-after", "5")], body: Array(body.utf8))
    #expect(
      try Self.rules(Self.checked).outcome(of: response, title: "Acme", redacting: { $0 })
        == outcome)
  }

  @Test func itsOwnWordsPassThroughTheRedaction() throws {
    let response = HTTPResponse(status: 400, body: Array(#"{"why":"Key k-4711?"}"#.utf8))
    let outcome = try Self.rules(Self.checked).outcome(
      of: response, title: "Acme", redacting: { $0.replacing("k-4711", with: "[redacted]") })
    #expect(outcome == .rejected(reason: "Acme refused the message: Key [redacted]? (HTTP 400)."))
  }
}
