import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// Delivery that can be trusted, behaviour by behaviour, behind a real nginx.
  @Suite(.serialized) struct TrustTests {
    /// A provider that does not recognise repeats, and answers or is given up within a second.
    static func forgetful(_ account: String = "", _ channel: String = "") -> Stack.Options {
      var options = Stack.Options()
      options.account = "idempotent = false\ntimeout_seconds = 1\n" + account
      options.channel = channel
      options.server = "first_attempt_seconds = 0"
      return options
    }

    /// A stack whose provider ignores repeats' keys, and says nothing of its own accord.
    private func start(
      _ options: Stack.Options, reference: Bool = false, script: [Sandbox.Step]? = []
    ) throws -> (Stack, Sandbox) {
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      try sandbox.options(reference: reference, forgetful: options.account.contains("= false"))
      try sandbox.script(script)
      return (stack, sandbox)
    }

    @discardableResult
    private func send(
      _ stack: Stack, _ text: String, to contact: String = Sandbox.contact
    ) throws -> String {
      let response = try #require(stack.message(Stack.text(text, to: contact)))
      #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
      return try #require(try JSONReader.read(response.body)["mId"]?.string)
    }

    // MARK: 1, unknown outcomes

    @Test("unknown, 1: the provider is asked, had taken it, and nothing is sent again")
    func lookupFinds() throws {
      let (stack, sandbox) = try start(
        Self.forgetful(), script: [.status("delivered", after: 8_000)])
      try sandbox.loseAnswers(isTaken: true)
      let mId = try send(stack, "once")
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 1) == ["delivered"], "\(stack.logs())"
      )
      #expect(try sandbox.phoneCounts().arrivals == 1)
      #expect(try sandbox.lookups().count == 1)
    }

    @Test("unknown, 2: the provider is asked, had not taken it, and it is sent for the first time")
    func lookupFindsNothing() throws {
      let (stack, sandbox) = try start(Self.forgetful())
      try sandbox.loseAnswers(isTaken: false)
      try send(stack, "once")
      #expect(try sandbox.message { $0.text == "once" } != nil, "\(stack.logs())")
      #expect(try sandbox.phoneCounts().arrivals == 1)
    }

    @Test("unknown, 3: a callback that names our reference tells; the lane goes on at once")
    func callbackTells() throws {
      var options = Self.forgetful("lookup = false", "unknown_wait_seconds = 3600")
      options.relays = 1
      let (stack, sandbox) = try start(
        options, reference: true, script: [.status("delivered", after: 1_500)])
      try sandbox.loseAnswers(isTaken: true)
      let mId = try send(stack, "first")
      try send(stack, "second")
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 1) == ["delivered"], "\(stack.logs())"
      )
      #expect(try sandbox.message { $0.text == "second" } != nil, "\(stack.logs())")
      #expect(try sandbox.messages().map(\.text) == ["first", "second"])
      #expect(try sandbox.phoneCounts().doubles == 0)
    }

    @Test("unknown, 4: nobody tells, and the channel's setting is fail: the agent is told so")
    func failsWhenUnknown() throws {
      let (stack, sandbox) = try start(
        Self.forgetful("lookup = false", "unknown_wait_seconds = 1"))
      try sandbox.loseAnswers(isTaken: true)
      let mId = try send(stack, "perhaps")
      let failed = try #require(
        try sandbox.arrival(on: "demo") { $0["status"]?.string == "failed" }, "\(stack.logs())")
      #expect(failed["mId"]?.string == mId)
      #expect(failed["text"]?.string?.contains("It is not known whether") == true, "\(failed)")
      #expect(try sandbox.phoneCounts().arrivals == 1)
    }

    @Test("unknown, 5: nobody tells, and the channel's setting is repeat: it is sent again")
    func repeatsWhenUnknown() throws {
      let (stack, sandbox) = try start(
        Self.forgetful("lookup = false", "unknown_wait_seconds = 1\nwhen_unknown = \"repeat\""))
      try sandbox.loseAnswers(isTaken: true)
      try send(stack, "twice")
      #expect(try sandbox.message { $0.times == 2 } != nil, "\(stack.logs())")
    }

    @Test("unknown, 6: a provider that recognises repeats gets the same key again")
    func repeatsWithKey() throws {
      var options = Stack.Options()
      options.account = "timeout_seconds = 1"
      options.platform = "retry_base_seconds = 0.1"
      let (stack, sandbox) = try start(options)
      try sandbox.loseAnswers(count: 2, isTaken: true)
      let mId = try send(stack, "once")
      let part = try #require(try sandbox.message { $0.text == "once" })
      #expect(part.reference == "\(mId).0")
      #expect(
        try eventually { try sandbox.sends(on: "demo").count >= 3 ? true : nil } == true,
        "\(stack.logs())")
      #expect(try sandbox.phoneCounts().doubles == 0)
    }

    @Test("unknown, 7: a message that stays sent is asked about")
    func asksAboutSent() throws {
      var options = Stack.Options()
      options.account = "lookup_after_hours = 0.0003"
      let (stack, sandbox) = try start(options)
      // Delivered, by the provider's own account; but the callback never comes.
      var lost = Sandbox.Step.status("delivered")
      lost.times = 0
      try sandbox.script([lost])
      let mId = try send(stack, "quiet")
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 1) == ["delivered"], "\(stack.logs())"
      )
    }

    // MARK: 2, parts

    @Test("parts: only the part that was not taken is sent again")
    func repeatsOnePart() throws {
      var options = Stack.Options()
      options.account = "max_characters = 20"
      options.platform = "retry_base_seconds = 0.1"
      let (stack, sandbox) = try start(options, script: nil)
      let text = (1...9).map { "word\($0)word" }.joined(separator: " ")
      try sandbox.fault([
        "target": "provider", "kind": "status", "status": 503, "channel": "demo", "count": 2,
      ])
      let mId = try send(stack, text)
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 2) == ["delivered", "read"],
        "\(stack.logs())")
      let counts = try sandbox.phoneCounts()
      #expect(counts.messages > 3)
      #expect(counts.doubles == 0)
      #expect(try sandbox.messages().map(\.text).joined() == text)
    }

    @Test("parts: a part that is refused fails the message, and the reason names it")
    func namesPart() throws {
      var options = Stack.Options()
      options.account = "max_characters = 20"
      options.server = "first_attempt_seconds = 0"
      let (stack, sandbox) = try start(options)
      // The first part is on the phone, and its answer still on its way, when the fault is set.
      try sandbox.delayAnswers(milliseconds: 1_500)
      let mId = try send(stack, "aaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbb cccccccccccccccccc")
      #expect(try sandbox.message { $0.text.hasPrefix("aaa") } != nil, "\(stack.logs())")
      try sandbox.fault([
        "target": "provider", "kind": "status", "status": 400, "channel": "demo", "count": 1,
      ])
      let failed = try #require(
        try sandbox.arrival(on: "demo") { $0["status"]?.string == "failed" }, "\(stack.logs())")
      #expect(failed["mId"]?.string == mId)
      #expect(failed["text"]?.string?.hasPrefix("Part 2 of 3 failed: ") == true, "\(failed)")
      #expect(try sandbox.messages().map { $0.text.prefix(3) } == ["aaa"])
    }

    // MARK: 3, echoes

    @Test(
      "echoes: our own sends never come back, the business's own do",
      arguments: [Sandbox.Echoes.after, .before])
    func tellsEchoesApart(echoes: Sandbox.Echoes) throws {
      let (stack, sandbox) = try start(Stack.Options(), script: nil)
      try sandbox.options(reference: false, echoes: echoes)
      let mId = try send(stack, "ours")
      #expect(try sandbox.statuses(of: mId, channel: "demo", count: 1).first == "delivered")
      try sandbox.app("from the app")
      let echo = try sandbox.arrival(on: "demo") { $0["type"]?.string == "message_echo" }
      #expect(echo?["text"]?.string == "from the app", "\(stack.logs())")
      #expect(echo?["contact"]?.string == Sandbox.contact)
      let echoed = try sandbox.arrivals(on: "demo").filter {
        $0["type"]?.string == "message_echo"
      }
      #expect(echoed.count == 1)
      #expect(try sandbox.violations().isEmpty)
    }

    // MARK: 4 and 5, callbacks

    @Test("callbacks: early, twice, out of order, unknown and late ones only move forward")
    func movesForward() throws {
      let (stack, sandbox) = try start(Stack.Options())
      // Later than a relay needs that was not woken: otherwise it would replace the first.
      var twice = Sandbox.Step.status("read", after: 2_500)
      twice.times = 2
      try sandbox.script([
        .status("delivered", when: .before), .status("teleported", after: 200), twice,
        .status("delivered", after: 2_800), .status("failed", after: 3_000),
        .status("sent", after: 3_100),
      ])
      let mId = try send(stack, "forward")
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 2) == ["delivered", "read"],
        "\(stack.logs())")
      #expect(
        try eventually { try sandbox.attempts().count >= 7 ? true : nil } == true,
        "\(stack.logs())")
      #expect(try sandbox.statuses(of: mId, channel: "demo", count: 2) == ["delivered", "read"])
      #expect(stack.logs().contains("teleported"))
      #expect(try sandbox.violations().isEmpty)
    }

    @Test("coalescing: a status that waits is replaced by the newer one")
    func coalesces() throws {
      var options = Stack.Options()
      options.relays = 0
      let (stack, sandbox) = try start(
        options, script: [.status("delivered"), .status("read", after: 100)])
      let mId = try send(stack, "both")
      #expect(try eventually { try sandbox.attempts().count >= 2 ? true : nil } == true)
      try stack.start("relay", 0)
      #expect(try sandbox.statuses(of: mId, channel: "demo", count: 1) == ["read"])
    }

    @Test("events_per_call: what waits of one contact goes in one call")
    func packs() throws {
      var options = Stack.Options()
      options.relays = 0
      options.platform = "events_per_call = 10"
      let (stack, sandbox) = try start(options)
      for number in 0..<6 { try sandbox.phone("n \(number)") }
      #expect(eventually { LedgerProbe(stack).count("message") == 6 ? true : nil } == true)
      try stack.start("relay", 0)
      #expect(try eventually { try sandbox.taken(on: "demo") == 6 ? true : nil } == true)
      #expect(try sandbox.texts()[Sandbox.contact] == (0..<6).map { "n \($0)" })
      #expect(try sandbox.totals().calls == 1)
    }

    // MARK: 7, the breaker

    @Test("breaker: a dead provider is left alone, and attempts are not used up meanwhile")
    func leavesDeadProviderAlone() throws {
      var options = Stack.Options()
      options.server = "first_attempt_seconds = 0"
      options.platform = "retry_base_seconds = 0.01"
      let (stack, sandbox) = try start(options)
      try sandbox.fault([
        "target": "provider", "kind": "status", "status": 503, "channel": "demo", "count": 6,
      ])
      for number in 0..<12 { try send(stack, "n \(number)", to: "+6012345678\(number % 10)") }
      // Five failures in a row open it; the sixth answer is for the first probe, seconds later.
      #expect(
        try eventually(within: 60) { try sandbox.phoneCounts().messages == 12 ? true : nil }
          == true,
        "\(stack.logs())")
      let attempts = LedgerProbe(stack).count("attempt", where: "outcome = 1")
      #expect(attempts == 6)
    }

    @Test("429: everyone pauses as long as asked, and it is no attempt")
    func obeysRetryAfter() throws {
      var options = Stack.Options()
      options.server = "first_attempt_seconds = 0"
      options.relays = 2
      let (stack, sandbox) = try start(options)
      try sandbox.fault([
        "target": "provider", "kind": "status", "status": 429, "retryAfter": 2, "channel": "demo",
        "count": 1,
      ])
      for number in 0..<6 { try send(stack, "n \(number)", to: "+6012345678\(number)") }
      #expect(
        try eventually { try sandbox.phoneCounts().messages == 6 ? true : nil } == true,
        "\(stack.logs())")
      #expect(LedgerProbe(stack).count("attempt", where: "outcome = 1 AND http_status = 429") == 1)
    }

    // MARK: 8 and 9, what is refused

    @Test("repeat_window: the same body within the window is the same message")
    func recognisesRepeats() throws {
      var options = Stack.Options()
      options.channel = "repeat_window_seconds = 60"
      let (stack, sandbox) = try start(options)
      let first = try send(stack, "same")
      #expect(try send(stack, "same") == first)
      #expect(try send(stack, "other") != first)
      #expect(try sandbox.message { $0.text == "other" } != nil)
      #expect(try sandbox.phoneCounts().arrivals == 2)
    }

    @Test("max_queued: beyond it nothing is taken, and whoever asked is told when to ask again")
    func refusesBeyondLimit() throws {
      var options = Stack.Options()
      options.relays = 0
      options.channel = "max_queued = 3"
      options.server = "first_attempt_seconds = 0"
      let (stack, _) = try start(options)
      for number in 0..<3 { try send(stack, "n \(number)") }
      let refused = try #require(stack.message(Stack.text("one too many")))
      #expect(refused.status == 503)
      #expect(refused.header("retry-after") == "60")
      let sender = try WebhookSender(base: stack.base)
      for number in 0..<3 { try sender.post("demo", id: "a\(number)", contact: number) }
      #expect(throws: NotAcknowledged.self) { try sender.post("demo", id: "b", contact: 9) }
      #expect(LedgerProbe(stack).count("message") == 6)
      #expect(LedgerProbe(stack).count("webhook") == 3)
    }

    // MARK: 10, dead letters

    @Test("dead letters: listed with the last answer, replayed by filter")
    func replays() throws {
      var options = Stack.Options()
      options.server = "first_attempt_seconds = 0"
      let (stack, sandbox) = try start(options)
      try sandbox.fault([
        "target": "provider", "kind": "status", "status": 400, "channel": "demo", "count": 2,
      ])
      for number in 0..<2 { try send(stack, "n \(number)", to: "+6012345678\(number)") }
      #expect(
        eventually { LedgerProbe(stack).count("dead_letter") == 2 ? true : nil } == true,
        "\(stack.logs())")
      let list = try Program.output(
        Products.path("sluice"), ["dead", "list", "--settings", stack.settingsPath, "--json"])
      #expect(list.split(separator: "\n").count == 2, "\(list)")
      #expect(list.contains("\"httpStatus\":400"), "\(list)")
      let done = try Program.output(
        Products.path("sluice"),
        ["dead", "replay", "--settings", stack.settingsPath, "--channel", "demo", "--yes"])
      #expect(done.contains("2 replayed"), "\(done)")
      #expect(
        try eventually { try sandbox.phoneCounts().messages == 2 ? true : nil } == true,
        "\(stack.logs())")
      #expect(LedgerProbe(stack).count("dead_letter") == 0)
    }
  }
}
