import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceConsole

struct ConsoleServiceTests {
  static let pages = ["", "queue", "messages", "dead", "quarantine", "channels/sms"]

  // MARK: Who gets in

  @Test func isOffUnlessTheSettingsSayOtherwise() throws {
    let bench = try ConsoleBench("")
    for path in Self.pages + ["sign-in", Style.name] { #expect(bench.get(path).status == 404) }
  }

  @Test func isForThisHostOnly() throws {
    let bench = try ConsoleBench()
    for path in Self.pages + ["sign-in", Style.name] {
      #expect(bench.get(path, address: "203.0.113.9").status == 403)
    }
    #expect(bench.get("sign-in").status == 200)
  }

  @Test func showsNothingBeforeSomebodySignedIn() throws {
    let bench = try ConsoleBench()
    let id = try bench.inbound("private words")
    for path in Self.pages + ["messages/\(id)", "nothing"] {
      let response = bench.get(path)
      #expect(response.status == 303)
      #expect(response.header("location")?.hasPrefix("/sluice/console/sign-in") == true)
      #expect(response.body.isEmpty)
    }
  }

  @Test func takesThePasswordAndNoOther() throws {
    let bench = try ConsoleBench()
    for wrong in ["", "password-of-the-consol", "password-of-the-console "] {
      let response = bench.signIn(wrong)
      #expect(response.status == 403 && response.text.contains("This is not the password."))
      #expect(bench.get("queue").status == 303)
    }
    let response = bench.signIn()
    #expect(response.status == 303 && response.header("location") == "/sluice/console/")
    let cookie = try #require(response.header("set-cookie"))
    for word in ["HttpOnly", "SameSite=Strict", "Path=/sluice/console"] {
      #expect(cookie.contains(word))
    }
    for path in Self.pages { #expect(bench.get(path).status == 200, "\(path)") }
    bench.clocks.advance(milliseconds: 8 * 3_600_000)
    #expect(bench.get("queue").status == 303, "after console.session_hours")
  }

  @Test func slowsDownWhoTriesPasswords() throws {
    let bench = try ConsoleBench()
    let statuses = (0..<8).map { bench.signIn("guess-number-\($0)").status }
    #expect(statuses.prefix(4).allSatisfy { $0 == 403 } && statuses.last == 429)
    #expect(bench.signIn().status == 429, "the right one has to wait, too")
    bench.clocks.advance(milliseconds: 20_000)
    #expect(bench.signIn().status == 303)
  }

  @Test(arguments: [
    ("/sluice/console/queue?x=1", true), ("https://evil.example/", false),
    ("//evil.example/", false),
    ("/sluice/console/\r\nx: y", false), ("/elsewhere", false), ("/sluice/console/\\evil", false),
  ])
  func goesWhereSomebodyWantedToGo(to: String, isTaken: Bool) throws {
    let location = try ConsoleBench().signIn(to: to).header("location")
    #expect(location == (isTaken ? to : "/sluice/console/"))
  }

  @Test func signsOut() throws {
    let bench = try ConsoleBench()
    _ = bench.signIn()
    _ = bench.get("")
    #expect(bench.post("sign-out").status == 303)
    #expect(bench.get("").status == 303)
  }

  // MARK: What may change something

  @Test func changesNothingForFormsOfOthers() throws {
    let bench = try ConsoleBench()
    let id = try bench.deadLetter()
    _ = bench.signIn()
    _ = bench.get("dead")
    let fields = [(name: "id", value: "\(id)")]
    let filter = DeadLetterFilter(id: id)
    for token in ["", "AAAA", String(repeating: "A", count: 43)] {
      #expect(bench.post("dead/drop", fields, token: token).status == 403)
    }
    #expect(
      bench.post("dead/drop", fields, headers: ["sec-fetch-site": "cross-site"]).status == 403)
    #expect(bench.get("dead/drop", query: "id=\(id)").status == 404, "a link changes nothing")
    #expect(try bench.ledger.deadLetters(filter, limit: 9).count == 1)
    #expect(bench.post("dead/drop", fields).status == 303)
    #expect(try bench.ledger.deadLetters(filter, limit: 9).isEmpty)
  }

  @Test func tokenOfTheSignInPageOpensNothing() throws {
    let bench = try ConsoleBench()
    let id = try bench.deadLetter()
    _ = bench.get("sign-in")
    #expect(bench.post("dead/drop", [("id", "\(id)")]).status == 303)
    #expect(try bench.ledger.deadLetters(DeadLetterFilter(), limit: 9).count == 1)
  }

  @Test func replaysPausesAndResumes() throws {
    let bench = try ConsoleBench()
    let id = try bench.deadLetter()
    _ = bench.signIn()
    _ = bench.get("dead")
    let replayed = bench.post("dead/replay", [("id", "\(id)")])
    #expect(replayed.header("location")?.hasSuffix("messages/\(id)?done=replayed&count=1") == true)
    #expect(try bench.ledger.deadLetters(DeadLetterFilter(), limit: 9).isEmpty)

    let side = [(name: "channel", value: "sms"), (name: "destination", value: "provider")]
    #expect(bench.post("pause", side).status == 303)
    #expect(
      try bench.ledger.pauses() == [Pause(channel: ConsoleBench.channel, destination: .provider)])
    #expect(bench.get("channels/sms").text.contains("provider paused"))
    #expect(bench.get("messages/\(id)").text.contains("paused"), "the trace says why it waits")
    #expect(bench.post("resume", side).status == 303)
    #expect(try bench.ledger.pauses().isEmpty)
  }

  /// A filter that cannot be must never mean everything.
  @Test(arguments: ["id", "channel", "contact"])
  func doesNotTakeABrokenFilterForNone(field: String) throws {
    let bench = try ConsoleBench()
    _ = try bench.deadLetter()
    _ = bench.signIn()
    _ = bench.get("dead")
    #expect(bench.post("dead/drop", [(field, "No Such Thing!")]).status == 404)
    #expect(try bench.ledger.deadLetters(DeadLetterFilter(), limit: 9).count == 1)
  }

  // MARK: What is shown

  @Test func keepsEveryPageHarmless() throws {
    let bench = try ConsoleBench()
    let text = "<script>alert(1)</script>\"'&"
    let id = try bench.inbound(text)
    _ = try bench.deadLetter()
    try bench.quarantine()
    _ = bench.signIn()
    for path in Self.pages + ["messages/\(id)", "nothing"] {
      let response = bench.get(path, query: "q=\(FormFields.percent(text))&channel=%22%3E%3Cb%3E")
      let policy = try #require(response.header("content-security-policy"))
      #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
      #expect(response.header("cache-control") == "no-store")
      #expect(response.header("x-content-type-options") == "nosniff")
      let page = response.text
      #expect(!page.contains("<script") && !page.contains("<b>\"") && !page.contains("style=\""))
      #expect(!page.contains("hidden\"}") && !page.contains(ConsoleBench.password))
    }
    #expect(bench.get("messages/\(id)").text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
  }

  @Test func answersWhyAMessageDidNotArrive() throws {
    let bench = try ConsoleBench()
    let id = try bench.deadLetter(to: "+15005550177")
    _ = bench.signIn()
    let found = bench.get("messages", query: "q=%2B15005550177").text
    #expect(found.contains("/sluice/console/messages/\(id)"))
    let trace = bench.get("messages/\(id)").text
    #expect(trace.contains("no such number") && trace.contains("HTTP 400"))
    #expect(trace.contains("[redacted]") && !trace.contains("hidden&quot;"))
    #expect(bench.get("messages/01J00000000000000000000000").status == 404)
  }

  @Test func showsWebhooksAsReceivedWithoutTheirSecrets() throws {
    let bench = try ConsoleBench()
    let id = try bench.inbound("hello")
    try bench.quarantine()
    _ = bench.signIn()
    let trace = bench.get("messages/\(id)").text
    #expect(trace.contains("as received") && trace.contains("[redacted]"))
    let page = bench.get("quarantine").text
    #expect(page.contains("type is missing") && page.contains("[redacted]"))
    #expect(!(trace + page).contains("&quot;hidden&quot;"))
  }

  @Test func findsByWhatIsLookedFor() throws {
    let bench = try ConsoleBench()
    let (cat, dog) = (try bench.inbound("a cat"), try bench.inbound("a dog"))
    _ = bench.signIn()
    let page = bench.get("messages", query: "text=cat&direction=inbound&status=queued").text
    #expect(page.contains("\(cat)") && !page.contains("\(dog)"))
    #expect(bench.get("messages", query: "channel=No+Channel").text.contains("is no channel"))
  }
}
