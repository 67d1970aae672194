import SluiceCore
import Testing

@testable import SluiceSandbox

struct CallbackStepTests {
  static let rows: [(label: String, step: JSON, isGood: Bool)] = [
    ("status", ["status": "delivered"], true),
    ("unknown status", ["status": "teleported"], true),
    ("no status", [:], false),
    ("echo", ["type": "echo", "when": "before"], true),
    ("unknown type", ["type": "typing"], false),
    ("unknown moment", ["status": "read", "when": "never"], false),
    ("misspelt", ["status": "read", "delay": 5], false),
    ("never posted", ["status": "queued", "times": 0], true),
    ("too often", ["status": "read", "times": 101], false),
    ("reference is a number", ["status": "read", "reference": 5], false),
    ("no object", "read", false),
  ]

  @Test(arguments: rows)
  func reads(label: String, step: JSON, isGood: Bool) {
    let bench = Bench()
    #expect(bench.post("script", ["steps": [step]]).status == (isGood ? 200 : 400))
    #expect(
      bench.get("options")["channels"]?["sms"]?["script"] == (isGood ? .integer(1) : .null))
  }

  @Test func followsAScriptInsteadOfTheUsualReports() {
    let bench = Bench()
    bench.post(
      "script",
      [
        "channel": "sms",
        "steps": [
          ["status": "read", "milliseconds": 50],
          ["status": "failed", "code": "7", "reason": "No", "milliseconds": 100],
          ["status": "delivered", "milliseconds": 150, "times": 2],
          ["status": "teleported", "milliseconds": 200, "reference": false],
          ["status": "delivered", "milliseconds": 250, "id": "sb-other", "reference": "THEIRS"],
        ],
      ])
    let id = bench.id("hello")
    bench.pass(milliseconds: 2_000)
    #expect(
      bench.events.map { $0["status"]?.string } == [
        "read", "failed", "delivered", "delivered", "teleported", "delivered",
      ])
    #expect(bench.events.map { $0["id"]?.string } == Array(repeating: id, count: 5) + ["sb-other"])
    #expect(
      bench.events.map { $0["reference"]?.string }
        == Array(repeating: "REF.1", count: 4) + [nil, "THEIRS"])
    #expect(bench.events[1]["code"] == "7" && bench.events[1]["reason"] == "No")
    #expect(bench.lookUp("messages/\(id)").body["status"] == "delivered")
    bench.post("script", ["channel": "sms"])
    _ = bench.id("again", reference: "REF.2")
    bench.pass(milliseconds: 2_000)
    #expect(bench.events.count == 8)
  }

  @Test func leavesOutTheReferenceWhereToldSo() {
    let bench = Bench()
    bench.post("options", ["channel": "sms", "reference": false, "echo": "after"])
    _ = bench.id("hello")
    bench.pass(milliseconds: 2_000)
    #expect(bench.events.count == 3)
    #expect(bench.events.allSatisfy { $0["reference"] == nil })
  }

  @Test func postsBeforeTheAnswer() throws {
    let bench = Bench()
    bench.post("script", ["steps": [["status": "delivered", "when": "before"]]])
    bench.post("options", ["echo": "before"])
    let id = bench.id("hello")
    #expect(
      bench.events.map { $0["type"]?.string } == ["echo", "status"], "and it has been posted")
    #expect(
      bench.events[0] == [
        "type": "echo", "id": .string(id), "to": "+15005550123", "reference": "REF.1",
        "timestamp": .integer(Bench.now), "text": "hello",
      ])
    let attempts = bench.get("attempts", "channel=sms")["entries"]?.array ?? []
    #expect(attempts.map { $0["type"]?.string } == ["echo", "status"])
    #expect(attempts.map { $0["answer"]?.integer } == [200, 200])
    #expect(bench.get("callbacks")["sms"]?["pending"]?.integer == 0)
  }

  @Test func triesAgainAfterTheAnswerWhatFailedBefore() {
    let bench = Bench()
    bench.post("script", ["steps": [["type": "echo", "when": "before", "retries": 1]]])
    bench.sluice.answer(.notSent(reason: "refused"), .answered(HTTPResponse(status: 500)))
    _ = bench.id("hello")
    #expect(bench.events.count == 1)
    bench.pass(milliseconds: 3_000)
    #expect(bench.events.count == 2)
    #expect(bench.get("callbacks")["sms"]?["abandoned"]?.integer == 1)
  }

  @Test func postsAfterTheAnswer() throws {
    let bench = Bench()
    bench.post("script", ["steps": []])
    bench.post("options", ["echo": "after"])
    let request = HTTPRequest(
      method: "POST", path: "/sandbox/provider/sms/messages",
      headers: [
        "content-type": "application/json", "authorization": "Bearer provider-key",
        "idempotency-key": "R",
      ], body: (["to": "+15005550123", "reference": "R", "text": "x"] as JSON).bytes)
    let reply = bench.service.reply(to: request)
    bench.pass(milliseconds: 1_000)
    #expect(bench.events.isEmpty, "the answer has not left")
    reply.afterwards?()
    bench.service.deliverDueCallbacks()
    #expect(bench.events.map { $0["type"]?.string } == ["echo"])
  }

  @Test func echoesAttachments() {
    let bench = Bench()
    bench.post("script", ["steps": [["type": "echo", "when": "before"]]])
    let attachment: JSON = [
      "type": "image", "url": "https://example.com/a.jpg", "description": "A",
    ]
    _ = bench.service.respond(
      to: HTTPRequest(
        method: "POST", path: "/sandbox/provider/sms/messages",
        headers: [
          "content-type": "application/json", "authorization": "Bearer provider-key",
          "idempotency-key": "R",
        ],
        body: (["to": "+15005550123", "reference": "R", "attachment": attachment] as JSON).bytes))
    #expect(bench.events.first?["attachment"]?["url"] == attachment["url"])
  }

  @Test func postsWhatIsOrdered() {
    let bench = Bench()
    bench.post("script", ["steps": []])
    let id = bench.id("hello")
    let weeks: Int64 = 21 * 86_400_000
    let ordered = bench.post(
      "callbacks",
      [
        "channel": "sms", "reference": "REF.1",
        "steps": [
          ["status": "delivered", "ageMilliseconds": .integer(weeks)], ["type": "echo"],
        ],
      ])
    #expect(ordered.status == 200 && ordered.body["scheduled"] == 2)
    bench.post(
      "callbacks",
      ["channel": "sms", "steps": [["status": "read", "id": "sb-unknown", "times": 2]]])
    bench.service.deliverDueCallbacks()
    let byID = Dictionary(grouping: bench.events) { $0["id"]?.string ?? "" }
    #expect(byID[id]?.map { $0["type"]?.string } == ["status", "echo"])
    #expect(byID[id]?[0]["timestamp"]?.integer == Bench.now - weeks)
    #expect(byID["sb-unknown"]?.count == 2)
    #expect(bench.lookUp("messages/\(id)").body["status"] == "delivered")
  }

  @Test func ordersOnlyWhatThereIs() {
    let bench = Bench()
    let unknown: JSON = ["channel": "sms", "id": "sb-none", "steps": [["status": "read"]]]
    #expect(bench.post("callbacks", unknown).status == 404)
    for body: JSON in [
      ["channel": "sms", "steps": [["status": "read"]]],
      ["channel": "sms", "steps": [["type": "echo", "id": "x"]]],
      ["channel": "sms", "id": "x"],
    ] { #expect(bench.post("callbacks", body).status == 400) }
  }

  @Test func onlyTellsWhereItIsNotPosted() {
    let bench = Bench()
    bench.post("script", ["steps": [["status": "queued", "times": 0]]])
    let id = bench.id("hello")
    bench.pass(milliseconds: 100)
    #expect(bench.events.isEmpty)
    #expect(bench.lookUp("messages/\(id)").body["status"] == "queued")
    #expect(bench.get("messages", "id=\(id)")["entries"]?[0]?["status"] == "queued")
  }

  @Test func refusesOptionsItDoesNotKnow() {
    let bench = Bench()
    for body: JSON in [
      ["echo": "loud"], ["forgetful": 1], ["maxEvents": 0], ["channel": "none"],
    ] { #expect(bench.post("options", body).status == 400) }
    #expect(
      bench.get("options")["channels"]?["sms"] == [
        "reference": true, "forgetful": false, "echo": "none", "maxEvents": 100, "script": .null,
      ])
  }
}
