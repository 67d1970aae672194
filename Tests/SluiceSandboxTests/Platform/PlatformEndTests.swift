import SluiceCore
import Testing

@testable import SluiceSandbox

struct PlatformEndTests {
  @Test func takesAMessageAndShowsIt() throws {
    let bench = Bench()
    #expect(bench.platform(envelope(textEvent("hello"))).status == 200)
    let item = try #require(bench.items("inbox").first)
    #expect(item["text"]?.string == "hello")
    #expect(item["status"]?.string == "received")
    let arrival = try #require(bench.get("arrivals")["entries"]?[0])
    #expect(arrival["boot"]?.integer == 5_000_000_000)
    #expect(arrival["mId"]?.string == "M1")
    #expect(arrival["answer"]?.integer == 200)
  }

  @Test func countsRepeatsAndShowsThemOnce() {
    let bench = Bench()
    for _ in 0..<3 { #expect(bench.platform(envelope(textEvent("hello"))).status == 200) }
    let summary = bench.get("arrivals", "summary=1")["channels"]?["sms"]
    #expect(summary?["mIds"]?.integer == 1)
    #expect(summary?["repeats"]?.integer == 2)
    #expect(summary?["repeated"]?["M1"]?.integer == 2)
    #expect(summary?["texts"]?["+60177872890"] == ["hello"])
    #expect(bench.items("inbox").count == 1)
  }

  @Test func remembersViolations() {
    let bench = Bench()
    #expect(bench.platform(envelope(textEvent("")), token: "wrong").status == 401)
    #expect(bench.platform(envelope(textEvent(""))).status == 400)
    let violations = bench.get("violations", "channel=sms")["violations"]?.array
    #expect(violations?.map { $0["rule"]?.string } == ["token", "message"])
    #expect(bench.items("inbox").isEmpty)
  }

  @Test func keepsToTheLimit() {
    let bench = Bench()
    for number in 0..<25 {
      let response = bench.platform(envelope(textEvent("t", mID: "M\(number)")))
      #expect(response.status == (number < 20 ? 200 : 429))
      if number >= 20 { #expect(response.header("retry-after") == "1") }
    }
    bench.clocks.pass(milliseconds: 1_000)
    #expect(bench.platform(envelope(textEvent("t", mID: "M99"))).status == 200)
    let summary = bench.get("arrivals", "summary=1&texts=0")["channels"]?["sms"]
    #expect(summary?["answers"] == ["200": 21, "429": 5])
    #expect(summary?["busiestSecond"]?.integer == 25)
    #expect(summary?["mIds"]?.integer == 21)
  }

  @Test func followsAMessageOfTheInbox() throws {
    let bench = Bench()
    bench.sluice.answer(.answered(HTTPResponse(status: 200, json: ["mId": "OUT1"])))
    let sent = bench.post("inbox", ["channel": "sms", "contact": "+60177872890", "text": "hi"])
    #expect(sent.body["mId"]?.string == "OUT1")
    let call = try #require(bench.sluice.calls.first)
    #expect(call.url == "http://sluice.test/sluice/sms/message")
    #expect(call.headers.first { $0.name == "authorization" }?.value == "Bearer platform-token")
    #expect(
      try JSONReader.read(call.body) == [
        "channelId": "42", "contactId": "+60177872890",
        "message": ["type": "text", "text": "hi"],
      ])
    #expect(bench.items("inbox").first?["status"]?.string == "sent")
    #expect(bench.platform(envelope(statusEvent("read", mID: "OUT1"))).status == 200)
    #expect(bench.items("inbox").first?["status"]?.string == "read")
    #expect(bench.platform(envelope(statusEvent("delivered", mID: "OUT1"))).status == 400)
    #expect(bench.items("inbox").first?["status"]?.string == "read")
    #expect(bench.platform(envelope(statusEvent("read", mID: "NONE"))).status == 400)
    #expect(
      bench.get("violations")["violations"]?.array?.map { $0["rule"]?.string } == [
        "status-backwards", "status-unknown-mId",
      ])
  }

  @Test func showsWhySluiceRefused() {
    let bench = Bench()
    bench.sluice.answer(.answered(.error(422, "No such number.")), .notSent(reason: "refused"))
    for _ in 0..<2 {
      bench.post("inbox", ["channel": "sms", "contact": "+60177872890", "text": "x"])
    }
    let items = bench.items("inbox")
    #expect(items.map { $0["status"]?.string } == ["failed", "failed"])
    #expect(items[0]["reason"]?.string == "No such number.")
    #expect(items[1]["reason"]?.string == "Sluice cannot be reached: refused")
  }

  @Test func takesAnyStatusWhereSomebodyElseSends() {
    let bench = Bench()
    bench.post("mids", ["channel": "sms", "mIds": ["A"]])
    #expect(bench.platform(envelope(statusEvent("delivered", mID: "A"))).status == 200)
    #expect(bench.platform(envelope(statusEvent("delivered", mID: "B"))).status == 400)
    bench.post("mids", ["channel": "sms", "any": true])
    #expect(bench.platform(envelope(statusEvent("read", mID: "B"))).status == 200)
    #expect(bench.platform(envelope(statusEvent("delivered", mID: "B"))).status == 400)
  }
}
