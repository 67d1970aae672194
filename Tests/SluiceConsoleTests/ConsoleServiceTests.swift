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

  /// Somebody else who tries passwords from the same address.
  @Test func letsNobodyKeepAKnownBrowserOut() throws {
    let bench = try ConsoleBench()
    #expect(bench.signIn().status == 303)
    let stranger = try ConsoleBench(sharing: bench)
    for number in 0..<8 { _ = stranger.signIn("guess-number-\(number)") }
    #expect(stranger.signIn().status == 429)
    bench.forgetSession()
    #expect(bench.get("queue").status == 303, "what it has left opens nothing")
    #expect(bench.signIn().status == 303)
    // It is slowed down by its own tries.
    for number in 0..<8 { _ = bench.signIn("guess-number-\(number)") }
    #expect(bench.signIn().status == 429)
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

  /// What goes by either account is paused together, and nothing pretends otherwise.
  @Test func pausesNoAccountAlone() throws {
    let bench = try ConsoleBench(hasFallback: true)
    _ = bench.signIn()
    let page = bench.get("channels/sms").text
    #expect(page.contains("To the fallback") && page.contains("The pause holds both accounts."))
    #expect(page.contains("Pause calls to the provider"))
    #expect(!page.contains("Pause calls to the fallback"))
    let side = [(name: "channel", value: "sms"), (name: "destination", value: "fallback")]
    #expect(bench.post("pause", side).status == 404)
    #expect(try bench.ledger.pauses().isEmpty)
  }

  @Test func replaysAllOfQuarantine() throws {
    let bench = try ConsoleBench()
    for _ in 0..<3 { try bench.quarantine() }
    _ = bench.signIn()
    #expect(bench.get("quarantine").text.contains("This reads all 3 webhooks of all channels"))
    #expect(bench.post("quarantine/replay-all", [("channel", "No Channel!")]).status == 404)
    let response = bench.post("quarantine/replay-all", [("channel", "sms"), ("after", "")])
    let location = try #require(response.header("location"))
    #expect(location.hasSuffix("quarantine?channel=sms&done=read&count=0&left=3"))
    let shown = bench.get("quarantine", query: "done=read&count=0&left=3").text
    #expect(shown.contains("0 webhooks understood") && shown.contains("3 stay: not understood"))
    #expect(try bench.ledger.countQuarantine(of: ConsoleBench.channel) == 3)
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
    let (before, at) = ("2025-10-09T08:53", "2025-10-09T08:54")
    #expect(bench.get("messages", query: "from=\(before)&to=\(at)").text.contains("\(cat)"))
    for query in ["from=\(at)", "to=\(before)"] {
      #expect(!bench.get("messages", query: query).text.contains("\(cat)"), "\(query)")
    }
    #expect(bench.get("messages", query: "from=yesterday").text.contains("is no time"))
  }

  /// Every list goes on, or says where it ends.
  @Test func endsNoListSilently() throws {
    let bench = try ConsoleBench()
    let contact = "+15005550123"
    var (messages, letters): (Set<String>, Set<String>) = ([], [])
    for number in 0..<55 {
      messages.insert("\(try bench.inbound("number \(number)", from: contact))")
      letters.insert("\(try bench.deadLetter(to: "+1500555\(1_000 + number)"))")
      try bench.quarantine()
    }
    _ = bench.signIn()
    for (path, query, all) in [
      ("messages", "q=%2B15005550123", messages), ("dead", "", letters),
      ("dead", "channel=sms", letters),
    ] {
      var (found, next, pages): (Set<String>, String?, Int) = ([], query, 0)
      while let query = next, pages < 9 {
        let page = bench.get(path, query: query).text
        pages += 1
        found.formUnion(page.matches(of: /console\/messages\/([0-9A-Z]{26})/).map { String($0.1) })
        next = page.firstMatch(of: /href="[^"]*\/(?:messages|dead)\?([^"]*before=[^"]*)"/)
          .map { $0.1.split(separator: "&amp;").joined(separator: "&") }
      }
      #expect(pages == 2 && found == all, "\(path)?\(query): \(pages) pages")
    }
    #expect(bench.get("dead").text.contains("50 of 55 on this page"))
    #expect(bench.get("quarantine").text.contains("25 of 55 on this page"))
    let narrowed = bench.get("messages", query: "q=%2B15005550123&text=number+7").text
    #expect(narrowed.contains("number 7") && !narrowed.contains("number 8"))
  }

  @Test func explainsWhatWaitsForTheSecondAccount() throws {
    let bench = try ConsoleBench(hasFallback: true)
    let id = try bench.failedOver()
    for _ in 0..<5 {
      bench.limiter.note(
        success: false, isProbe: false, .fallback, of: ConsoleBench.channel, now: bench.clocks.boot)
    }
    _ = bench.signIn()
    let trace = bench.get("messages/\(id)").text
    #expect(trace.contains("call 1, by the main account: rejected (HTTP 402)"))
    #expect(trace.contains("the fallback failed several calls in a row"))
    #expect(bench.get("queue").text.contains("The fallback failed several calls in a row"))
    #expect(bench.get("channels/sms").text.contains("The fallback failed several calls in a row"))
  }
}
