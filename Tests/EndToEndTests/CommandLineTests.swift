import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// `sluice` beside running programs: it finds, holds up, brings back and forgets.
  @Suite(.serialized) struct CommandLineTests {
    @Test("trace tells the story of a message by each of its names, for people and for programs")
    func traces() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      let mId = try send("hello there", stack, sandbox)
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 2) == ["delivered", "read"])
      let trace = try #require(try lines(stack, "trace", mId).first)
      #expect(trace["mId"]?.string == mId)
      #expect(trace["status"]?.string == "read")
      #expect(trace["verdict"]?.string?.hasPrefix("Read at ") == true)
      #expect(trace["content"]?["text"]?.string == "hello there")
      let sides = Set((trace["steps"]?.array ?? []).compactMap { $0["side"]?.string })
      #expect(sides == ["platform", "provider"])
      let external = try #require(trace["parts"]?[0]?["externalId"]?.string)
      #expect(try lines(stack, "trace", external).map { $0["mId"]?.string } == [mId])
      #expect(try lines(stack, "trace", Sandbox.contact).map { $0["mId"]?.string } == [mId])
      let (output, status) = try run(stack, "trace", mId)
      #expect(status == 0)
      #expect(output.contains("Read at") && output.contains("sends “hello there”"), "\(output)")
      #expect(!output.contains("\u{1B}"), "colours are for terminals")
      #expect(!output.contains(Stack.token) && !output.contains(Stack.apiKey))
      #expect(try run(stack, "trace", "nothing").status == 1)
    }

    @Test("why a message failed, in one sentence")
    func explains() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      try sandbox.fault(["target": "provider", "kind": "status", "status": 400, "count": 1])
      #expect(stack.message(Stack.text("refuse me"))?.status == 422)
      let (output, _) = try run(stack, "trace", Sandbox.contact)
      #expect(output.contains("Failed: ") && output.contains("rejected (HTTP 400)"), "\(output)")
      let dead = try lines(stack, "dead", "list")
      #expect(dead.map { $0["queue"]?.string } == ["outbound"])
      #expect(try run(stack, "dead", "drop", "--dry-run", "--yes").output.contains("1 would be"))
      #expect(
        try lines(stack, "dead", "drop", "--dry-run") == [["deadLetters": 1, "done": false]])
      #expect(try lines(stack, "dead", "list", "--since", "1h").count == 1)
      #expect(try lines(stack, "dead", "list", "--until", "1h").isEmpty)
      let trace = try #require(try lines(stack, "trace", Sandbox.contact).first)
      #expect(trace["attempts"]?[0]?["httpStatus"]?.integer == 400)
      #expect(trace["deadLetters"]?[0]?["mId"] == trace["mId"])
      #expect(try run(stack, "dead", "drop", "--yes").output == "1 dropped\n")
    }

    @Test("a paused channel accepts and holds, says so, and lets go when it is resumed")
    func pauses() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      #expect(
        try lines(stack, "pause", "demo", "--direction", "outbound")
          == [["channel": "demo", "direction": "outbound"]])
      #expect(stack.message(Stack.text("held"))?.status == 200)
      let lane = try #require(try lines(stack, "queue", "demo").first)
      #expect(lane["why"]?.string == "calls to the provider are paused on this channel")
      #expect(
        try lines(stack, "channels").map { $0["state"]?.string } == ["outbound paused"])
      #expect(try lines(stack, "pause").map { $0["direction"]?.string } == ["outbound"])
      #expect(try sandbox.sends(on: "demo").isEmpty)
      #expect(
        try lines(stack, "resume", "demo") == [["channel": "demo", "direction": "outbound"]])
      #expect(try sandbox.send(on: "demo") { $0["text"]?.string == "held" } != nil)
      #expect(try run(stack, "resume", "demo").status == 1)
    }

    @Test("a backup while programs run replaces nothing, and can be restored")
    func backsUp() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      let mId = try send("keep this", stack, sandbox)
      let copy = "\(stack.path)/copy.db"
      let report = try #require(try lines(stack, "backup", copy).first)
      #expect(report["file"]?.string == copy && report["bytes"]?.integer ?? 0 > 0, "\(report)")
      let again = try run(stack, "backup", copy)
      #expect(again.status == 1 && again.output.contains("replaces nothing"), "\(again.output)")
      // As Operations.md says it: everything stops, and the log goes with the old ledger.
      for name in ["inbound-0", "outbound-0", "status-0", "relay-0"] { stack[name].stop() }
      for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        unlink("\(stack.stateDirectory)/\(name)")
      }
      try FileManager.default.copyItem(atPath: copy, toPath: "\(stack.stateDirectory)/ledger.db")
      for kind in ["inbound", "outbound", "status", "relay"] { try stack.start(kind) }
      #expect(try lines(stack, "trace", mId).first?["content"]?["text"]?.string == "keep this")
      #expect(stack.message(Stack.text("goes on"))?.status == 200)
      #expect(LedgerProbe(stack).count("message") == 2)
    }

    @Test("quarantine: shown as it came, and read once more with today's adapter")
    func replaysQuarantine() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      let probe = LedgerProbe(stack)
      for (body, problem) in [
        (#"{"events":[{"type":"message","id":"q1","from":"+60123456789","text":"late"}]}"#, "new"),
        (#"{"events":7}"#, "odd"),
      ] {
        probe.run(
          """
          INSERT INTO webhook (channel, received_ms, content_type, body, problem)
            VALUES ('demo', \(SystemClocks().wall), 'application/json', CAST('\(body)' AS BLOB), '\(problem)')
          """)
      }
      let listed = try lines(stack, "quarantine", "list")
      #expect(listed.map { $0["problem"]?.string } == ["odd", "new"])
      let id = "\(listed.last?["id"]?.integer ?? 0)"
      #expect(
        try lines(stack, "quarantine", "show", id).first?["body"]?.string?.contains("late") == true)
      let trial = try run(stack, "quarantine", "replay", "--dry-run")
      #expect(
        trial.output.contains("would be understood: 1, with 1 new events; left in quarantine: 1"))
      let (output, status) = try run(stack, "quarantine", "replay")
      #expect(status == 1, "one is left")
      #expect(
        output.contains("understood: 1, with 1 new events; left in quarantine: 1"), "\(output)")
      #expect(try sandbox.arrival(on: "demo") { $0["text"]?.string == "late" } != nil)
      #expect(try lines(stack, "quarantine", "list").count == 1)
    }

    @Test("a contact is exported, erased, and then unknown")
    func erases() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      try sandbox.phone("forget me")
      #expect(try sandbox.arrival(on: "demo") { $0["text"]?.string == "forget me" } != nil)
      let probe = LedgerProbe(stack)
      #expect(probe.count("webhook") == 1)
      for body in ["{\"events\":7,\"from\":\"\(Sandbox.contact)\"}", "{\"from\":\"+1\"}"] {
        probe.run(
          """
          INSERT INTO webhook (channel, received_ms, content_type, body, problem)
            VALUES ('demo', \(SystemClocks().wall), 'application/json', CAST('\(body)' AS BLOB), 'odd')
          """)
      }
      let export = try lines(stack, "export", Sandbox.contact)
      #expect(export.map { $0["content"]?["text"]?.string } == ["forget me", nil])
      #expect(export.map { $0["webhook"]?["problem"]?.string } == [nil, "odd"])
      #expect(
        try lines(stack, "erase", Sandbox.contact)
          == [["messages": 1, "webhooks": 2, "done": false]])
      let (erased, status) = try run(stack, "erase", Sandbox.contact, "--yes")
      #expect(status == 0 && erased == "erased: 1 messages, 2 webhooks\n", "\(erased)")
      #expect(try run(stack, "trace", Sandbox.contact).status == 1)
      #expect(try run(stack, "export", Sandbox.contact).status == 1)
      #expect(probe.count("webhook") == 1, "another contact's")
    }

    @Test("tail prints what happens as it happens, until it is interrupted")
    func follows() throws {
      let stack = try Stack()
      let log = stack.path + "/log/tail.out"
      let tail = try Program(
        "tail", path: Products.path("sluice"),
        arguments: ["tail", "--json", "--settings", stack.settingsPath], log: log)
      defer { tail.kill9() }
      try Sandbox(stack).phone("watch this")
      let isTold = eventually { () -> Bool? in
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.contains("watch this") && text.contains("\"event\":\"attempt\"") ? true : nil
      }
      #expect(isTold == true)
    }

    @Test("of a contact with more messages than are shown, it is said that there are more")
    func limits() throws {
      let stack = try Stack()
      for number in 1...3 { _ = stack.message(Stack.text("number \(number)")) }
      let (output, _) = try run(stack, "trace", Sandbox.contact, "--limit", "2")
      #expect(output.contains("Trace one of the 2") && output.contains("There are older ones"))
      #expect(output.contains("number 3") && !output.contains("number 1"), "\(output)")
      let all = try run(stack, "trace", Sandbox.contact, "--since", "1h", "--limit", "3").output
      #expect(all.contains("number 1") && !all.contains("older"), "\(all)")
      #expect(try run(stack, "trace", Sandbox.contact, "--until", "1h").status == 1)
      #expect(try run(stack, "trace", Sandbox.contact, "--since", "yesterday").status == 64)
    }

    @Test("what others wrote does not move the terminal's cursor")
    func isHarmless() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      let probe = LedgerProbe(stack)
      let evil = "\u{1B}[2J\u{9B}31m\u{202E}evil"
      try sandbox.phone(evil)
      #expect(
        try sandbox.arrival(on: "demo") { $0["text"]?.string?.hasSuffix("evil") == true } != nil)
      #expect(probe.count("message") == 1)
      probe.run(
        """
        INSERT INTO webhook (channel, received_ms, content_type, body, problem)
          VALUES ('demo', 1, '\(evil)', CAST('a\nb\(evil)' AS BLOB), '\(evil)');
        INSERT INTO dead_letter (message, queue, part, channel, died_ms, attempts, reason)
          SELECT id, 1, 0, 'demo', 1, 1, '\(evil)' FROM message;
        UPDATE attempt SET detail = '\(evil)'
        """)
      let mId = try #require(try lines(stack, "trace", Sandbox.contact).first?["mId"]?.string)
      let id = "\(try lines(stack, "quarantine").first?["id"]?.integer ?? 0)"
      for words in [
        ["trace", mId], ["dead", "list"], ["dead", "show", mId], ["quarantine", "list"],
        ["quarantine", "show", id],
      ] {
        let (output, status) = try run(stack, words)
        #expect(status == 0 && output.contains("evil"), "\(words): \(output)")
        let obeyed: Set<Unicode.Scalar> = ["\u{1B}", "\u{9B}", "\u{202E}"]
        #expect(obeyed.isDisjoint(with: output.unicodeScalars), "\(words): \(output)")
        let json = try run(stack, words + ["--json"]).output
        #expect(!json.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" }, "\(json)")
      }
      #expect(try run(stack, "quarantine", "show", id).output.contains("\na\nb"))
    }

    // MARK: Steps

    private func send(_ text: String, _ stack: Stack, _ sandbox: Sandbox) throws -> String {
      let response = try #require(stack.message(Stack.text(text)))
      let mId = try #require(try JSONReader.read(response.body)["mId"]?.string)
      try sandbox.learn(mId, channel: "demo")
      return mId
    }

    private func lines(_ stack: Stack, _ arguments: String...) throws -> [JSON] {
      let (output, _) = try run(stack, arguments + ["--json"])
      return try output.split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) }
    }

    private func run(_ stack: Stack, _ arguments: String...) throws -> (
      output: String, status: Int32
    ) { try run(stack, arguments) }

    private func run(_ stack: Stack, _ arguments: [String]) throws -> (
      output: String, status: Int32
    ) {
      let log = "\(stack.path)/log/sluice-\(UUID().uuidString)"
      let program = try Program(
        "sluice", path: Products.path("sluice"), arguments: arguments,
        environment: ["SLUICE_SETTINGS": stack.settingsPath], log: log)
      let status = program.wait()
      return (try String(contentsOfFile: log, encoding: .utf8), status)
    }
  }
}
