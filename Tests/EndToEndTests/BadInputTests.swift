import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// What `/message` refuses, through nginx: the right status, the platform's error shape, nothing
  /// stored, and no secret in an answer or a log.
  @Suite(.serialized) struct BadInputTests {
    struct Row {
      let label: String
      let status: Int
      var method = "POST"
      var path = "/sluice/demo/message"
      var token: String? = Stack.token
      var type: String? = "application/json"
      var more: [(name: String, value: String)] = []
      var body = Array(Stack.text("hi").bytes)
    }

    static func json(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func contact(_ id: String) -> [UInt8] {
      (["contactId": .string(id), "message": ["type": "text", "text": "hi"]] as JSON).bytes
    }

    static let rows: [Row] = [
      Row(label: "wrong method", status: 405, method: "PUT"),
      Row(label: "GET", status: 405, method: "GET", body: []),
      Row(label: "unknown channel", status: 404, path: "/sluice/none/message"),
      Row(label: "illegal channel", status: 404, path: "/sluice/NONE/message"),
      Row(label: "unknown endpoint", status: 404, path: "/sluice/demo/other"),
      Row(label: "no token", status: 401, token: nil),
      Row(label: "wrong token", status: 401, token: "token-of-the-channel-5f2b"),
      Row(label: "token's beginning", status: 401, token: "token"),
      Row(label: "empty token", status: 401, token: ""),
      Row(label: "wrong content type", status: 415, type: "text/plain"),
      Row(label: "no content type", status: 415, type: nil),
      Row(label: "too large", status: 413, body: Array(repeating: 0x20, count: (1 << 20) + 1)),
      Row(label: "empty", status: 400, body: []),
      Row(label: "truncated", status: 400, body: json(#"{"contactId": "+60123456789", "mess"#)),
      Row(
        label: "nested over 32", status: 400,
        body: json(String(repeating: "[", count: 33) + String(repeating: "]", count: 33))),
      Row(
        label: "invalid UTF-8", status: 400, body: json(#"{"contactId": ""#) + [0xFF] + json(#""}"#)
      ),
      Row(
        label: "duplicate keys", status: 400,
        body: json(
          #"{"contactId":"+60123456789","contactId":"+60123456780","message":{"type":"text","text":"hi"}}"#
        )),
      Row(
        label: "trailing comma", status: 400,
        body: json(#"{"contactId":"+60123456789","message":{"type":"text","text":"hi",}}"#)),
      Row(label: "no object", status: 400, body: json(#"["hi"]"#)),
      Row(
        label: "repeated header", status: 400, more: [("x-request-id", "1"), ("x-request-id", "2")]),
      Row(
        label: "no contact", status: 422, body: json(#"{"message":{"type":"text","text":"hi"}}"#)),
      Row(label: "no message", status: 422, body: json(#"{"contactId":"+60123456789"}"#)),
      Row(
        label: "no text", status: 422,
        body: json(#"{"contactId":"+60123456789","message":{"type":"text"}}"#)),
      Row(
        label: "text too long", status: 422,
        body: Stack.text(String(repeating: "x", count: 7_001)).bytes),
      Row(
        label: "contact too long", status: 422,
        body: contact("+" + String(repeating: "1", count: 50))
      ),
      Row(label: "illegal contact", status: 422, body: contact("+60 123-456")),
      Row(label: "contact is no number", status: 422, body: contact("somebody")),
      Row(
        label: "unknown type", status: 422,
        body: json(#"{"contactId":"+60123456789","message":{"type":"rating","text":"hi"}}"#)),
      Row(
        label: "wrong channel ID", status: 422,
        body: json(
          #"{"channelId":"other","contactId":"+60123456789","message":{"type":"text","text":"hi"}}"#
        )),
    ]

    @Test("bad input is refused with a reason, and leaves nothing behind")
    func refuses() throws {
      var options = Stack.Options()
      options.relays = 0
      let stack = try Stack(options)
      for row in Self.rows {
        var headers = row.more
        if let token = row.token { headers.append(("authorization", "Bearer \(token)")) }
        if let type = row.type {
          headers.append(("content-type", type))
        } else {
          headers.append(("content-type", ""))
        }
        let response = stack.call(row.method, row.path, headers: headers, body: row.body)
        #expect(response?.status == row.status, "\(row.label)")
        let reason = try? JSONReader.read(response?.body ?? [])["error"]?["message"]?.string
        #expect(!(reason ?? "").isEmpty, "\(row.label) has no reason in the platform's shape")
        expectNoSecret(in: String(decoding: response?.body ?? [], as: UTF8.self), row.label)
      }
      // Webhooks that prove nothing are turned away, whatever they hold.
      for path in ["/sluice/demo/inbound", "/sluice/demo/status"] {
        for signature in ["", "sha256=00", "sha256=" + String(repeating: "0", count: 64)] {
          let response = stack.call(
            "POST", path,
            headers: [("content-type", "application/json"), ("x-sandbox-signature", signature)],
            body: Self.json(#"{"events":[]}"#))
          #expect(response?.status == 401, "\(path) \(signature)")
        }
      }
      // Still alive, and nothing was kept of all that.
      #expect(stack.message(Stack.text("good"))?.status == 200)
      for (name, program) in stack.programs { #expect(program.isRunning, "\(name) died") }
      let ledger = LedgerProbe(stack)
      #expect(ledger.count("message") == 1)
      #expect(ledger.count("webhook") == 0)
      expectNoSecret(in: stack.logs(), "the logs")
    }

    @Test("a program that is not there: 503, when to try again, and a reason for the agent")
    func programIsGone() throws {
      let stack = try Stack()
      // Nothing to connect to, which nginx by itself calls 502.
      for name in ["outbound", "inbound"] { unlink("\(stack.path)/run/\(name).sock") }
      let answers = [
        stack.message(Stack.text("nobody there")),
        stack.call("POST", "/sluice/demo/inbound", headers: []),
      ]
      for answer in answers {
        #expect(answer?.status == 503 && answer?.header("retry-after") == "5")
        let reason = try JSONReader.read(answer?.body ?? [])["error"]?["message"]?.string
        #expect(reason == "The bridge does not answer at the moment. Try again.")
      }
      #expect(stack.call("GET", "/sluice/demo/status", headers: [])?.status == 405, "the others do")
    }

    @Test("a flood of requests that prove nothing is no flood of lines, over all processes")
    func logsWithMeasure() throws {
      var options = Stack.Options()
      (options.processes, options.console) = (
        2, "enabled = true\npassword = \"file:secrets/password\""
      )
      let stack = try Stack(options)
      let webhook = Array(#"{"events":[]}"#.utf8)
      for _ in 0..<200 {
        #expect(stack.message(Stack.text("x"), token: "wrong-token")?.status == 401)
        let answer = stack.call(
          "POST", "/sluice/demo/inbound", headers: [("content-type", "application/json")],
          body: webhook)
        #expect(answer?.status == 401 || answer?.status == 403)
      }
      for line in ["token refused", "webhook not authenticated"] {
        let count = stack.logs().components(separatedBy: line).count - 1
        // A minute may end meanwhile: the fifth, tenth and hundredth, twice.
        #expect((7...14).contains(count), "\(line): \(count)")
      }
      #expect(stack.logs().contains("times_this_minute=100"))
    }

    @Test("while an outsider holds the ledger there is no acknowledgement")
    func refusesWhileLocked() throws {
      var options = Stack.Options()
      options.relays = 0
      let stack = try Stack(options)
      let ledger = LedgerProbe(stack)
      ledger.run("BEGIN IMMEDIATE")
      let response = stack.message(Stack.text("while locked"))
      #expect(response?.status == 503)
      #expect(response?.header("retry-after") != nil)
      #expect(throws: NotAcknowledged.self) { try post(stack, "demo", id: "a", contact: 1) }
      ledger.run("ROLLBACK")
      #expect(ledger.count("message") == 0)
      try post(stack, "demo", id: "a", contact: 1)
      #expect(ledger.count("message") == 1)
    }

    @Test("on a full disk there is no acknowledgement", .enabled(if: SmallDisk.isPossible))
    func refusesWhenFull() throws {
      let disk = SmallDisk(kilobytes: 6_144)
      var options = Stack.Options()
      options.relays = 0
      options.stateDirectory = disk.path + "/state"
      options.server = "reserve_mb = 1"
      let stack = try Stack(options)
      var acknowledged = 0
      let filler = String(repeating: "x", count: 6_000)
      var refused: HTTPResponse?
      for number in 0..<2_000 where refused == nil {
        let response = stack.message(Stack.text("\(number) \(filler)"))
        if response?.status == 200 { acknowledged += 1 } else { refused = response }
      }
      #expect(refused?.status == 503)
      #expect(acknowledged > 10)
      #expect(throws: NotAcknowledged.self) {
        try post(stack, "demo", id: "a", contact: 1, text: filler)
      }
      #expect(LedgerProbe(stack).count("message") == acknowledged)
      for (name, program) in stack.programs { #expect(program.isRunning, "\(name) died") }
    }

    private func expectNoSecret(in text: String, _ label: String) {
      for secret in [Stack.token, Stack.apiKey, Stack.webhookSecret] {
        #expect(!text.contains(secret), "\(label) holds a secret")
      }
    }
  }
}
