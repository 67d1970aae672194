import SluiceCore
import Testing

@testable import SluiceSandbox

/// What becomes of a send whose answer Sluice never sees, with and without idempotency.
struct AnswerLostTests {
  static let rows: [(label: String, fault: JSON, answers: Int64, arrives: Bool)] = [
    ("closed after", ["kind": "close", "taken": true], 0, true),
    ("closed before", ["kind": "close"], 0, false),
    ("silent after", ["kind": "hang", "taken": true, "milliseconds": 1], 0, true),
    ("silent before", ["kind": "hang", "milliseconds": 1], 0, false),
    ("late", ["kind": "delay", "milliseconds": 1], 200, true),
    ("an error after", ["kind": "status", "status": 502, "taken": true], 502, true),
    ("an error before", ["kind": "status", "status": 502], 502, false),
  ]

  @Test(arguments: rows)
  func losesTheAnswer(label: String, fault: JSON, answers: Int64, arrives: Bool) {
    let bench = Bench()
    bench.post(
      "faults",
      .object((fault.members ?? []) + [.init("target", "provider"), .init("count", 1)]))
    bench.send("hello")
    #expect(bench.get("sends")["entries"]?[0]?["answer"]?.integer == answers)
    #expect(bench.items("phone").count == (arrives ? 1 : 0))
    #expect(bench.send("hello").status == 200)
    #expect(
      bench.get("messages", "summary=1")["channels"]?["sms"]
        == ["messages": 1, "arrivals": 1, "doubles": 0, "doubled": 0, "most": 1],
      "the key makes the repeat harmless")
  }

  @Test func choosesTheContact() {
    let bench = Bench()
    bench.post("faults", ["target": "provider", "kind": "close", "contact": "+15005550124"])
    #expect(bench.send("a").recordedStatus == 200)
    #expect(bench.send("b", to: "+15005550124", reference: "B").recordedStatus == 0)
  }

  @Test(arguments: ["forgetful/messages", "messages"])
  func doublesWhereKeysAreForgotten(path: String) throws {
    let bench = Bench()
    if path == "messages" { bench.post("options", ["channel": "sms", "forgetful": true]) }
    let answers = try (0..<3).map { _ in
      try #require(try JSONReader.read(bench.send("hello", path: path).body)["id"]?.string)
    }
    bench.send("once", reference: "REF.2", path: path)
    #expect(Set(answers).count == 3)
    #expect(bench.items("phone").count == 4)
    let doubles = bench.get("messages", "doubles=1")["entries"]?.array ?? []
    #expect(doubles.count == 1)
    #expect(doubles.first?["times"]?.integer == 3)
    #expect(doubles.first?["ids"] == .array(answers.map { .string($0) }))
    #expect(bench.get("messages", "reference=REF.2")["entries"]?[0]?["times"]?.integer == 1)
    #expect(
      bench.get("messages", "summary=1")["channels"]?["sms"]
        == ["messages": 2, "arrivals": 4, "doubles": 2, "doubled": 1, "most": 3])
    #expect(bench.lookUp("messages/\(answers[0])").body["id"]?.string == answers[0])
    #expect(bench.lookUp("messages", query: "reference=REF.1").body["id"]?.string == answers[2])
  }

  @Test func wantsNoKeyWhereItForgets() {
    let bench = Bench()
    let request = { (path: String) in
      HTTPRequest(
        method: "POST", path: "/sandbox/provider/sms/\(path)",
        headers: ["content-type": "application/json", "authorization": "Bearer provider-key"],
        body: (["to": "+15005550123", "reference": "R", "text": "x"] as JSON).bytes)
    }
    #expect(bench.service.respond(to: request("messages")).status == 400)
    #expect(bench.service.respond(to: request("forgetful/messages")).status == 200)
  }
}
