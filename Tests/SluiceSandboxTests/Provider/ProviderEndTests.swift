import SluiceCore
import Testing

@testable import SluiceSandbox

struct ProviderEndTests {
  @Test func putsAMessageOnThePhoneAndReports() throws {
    let bench = Bench()
    let response = bench.send("hello")
    let id = try #require(try JSONReader.read(response.body)["id"]?.string)
    #expect(id.hasPrefix("sb-"))
    #expect(bench.items("phone").first?["text"]?.string == "hello")
    bench.pass(milliseconds: 350)
    #expect(bench.sluice.calls.isEmpty)
    bench.pass(milliseconds: 1_300)
    let events = try bench.sluice.calls.map { try JSONReader.read($0.body)["events"]?[0] }
    #expect(events.map { $0?["status"]?.string } == ["delivered", "read"])
    #expect(events.allSatisfy { $0?["id"]?.string == id })
    #expect(bench.sluice.calls[0].url == "http://sluice.test/sluice/sms/status")
  }

  @Test func recognisesARepeatByItsKey() {
    let bench = Bench()
    #expect(bench.send("hello").body == bench.send("hello").body)
    #expect(bench.items("phone").count == 1)
    let summary = bench.get("sends", "summary=1")["channels"]?["sms"]
    #expect(summary?["taken"]?.integer == 1)
    #expect(summary?["repeats"]?.integer == 1)
  }

  @Test func refusesWhatIsWrong() throws {
    let bench = Bench()
    let request = HTTPRequest(
      method: "POST", path: "/sandbox/provider/sms/messages",
      headers: ["content-type": "application/json", "authorization": "Bearer wrong"])
    #expect(bench.service.respond(to: request).status == 401)
    let invalid = bench.send("hello", to: "+15005550101")
    #expect(invalid.status == 422)
    #expect(try JSONReader.read(invalid.body)["error"]?["code"]?.string == "invalid_recipient")
    #expect(bench.send(String(repeating: "x", count: 1_001)).status == 400)
    #expect(bench.items("phone").isEmpty)
  }

  @Test func failsLaterWhereThePhoneIsOff() throws {
    let bench = Bench()
    bench.send("hello", to: "+15005550102")
    bench.pass(milliseconds: 2_000)
    let event = try JSONReader.read(try #require(bench.sluice.calls.first).body)["events"]?[0]
    #expect(bench.sluice.calls.count == 1)
    #expect(event?["status"]?.string == "failed")
    #expect(event?["reason"]?.string == "The phone is switched off or out of reach")
  }

  @Test func signsWhatIsWrittenOnThePhone() throws {
    let bench = Bench()
    #expect(
      bench.post("phone", ["channel": "sms", "contact": "+15005550123", "text": "hi"]).status == 200
    )
    bench.service.deliverDueCallbacks()
    let call = try #require(bench.sluice.calls.first)
    #expect(call.url == "http://sluice.test/sluice/sms/inbound")
    let event = try JSONReader.read(call.body)["events"]?[0]
    #expect(event?["from"]?.string == "+15005550123")
    #expect(event?["timestamp"]?.integer == Bench.now)
    #expect(call.headers.contains { $0.name == "x-sandbox-signature" && $0.value.count == 71 })
    #expect(bench.items("phone").first?["status"]?.string == "taken")
  }

  @Test func hexIsLowerCaseAndPadded() {
    #expect(([0x0A, 0xFF, 0] as [UInt8]).hexadecimal == "0aff00")
  }

  @Test func triesAgainUntilItIsTaken() {
    let bench = Bench()
    bench.sluice.answer(
      .notSent(reason: "refused"), .answered(HTTPResponse(status: 500)),
      .answered(HTTPResponse(status: 204)))
    bench.post("phone", ["channel": "sms", "contact": "+15005550123", "text": "hi"])
    bench.service.deliverDueCallbacks()
    #expect(bench.items("phone").first?["status"]?.string == "sending")
    bench.pass(milliseconds: 450)
    #expect(bench.sluice.calls.count == 1)
    bench.pass(milliseconds: 2_000)
    #expect(bench.sluice.calls.count == 3)
    #expect(Set(bench.sluice.calls.map(\.body)).count == 1, "the same bytes each time")
    #expect(bench.items("phone").first?["status"]?.string == "taken")
    #expect(
      bench.get("callbacks")["sms"] == [
        "posted": 3, "accepted": 1, "retried": 2, "abandoned": 0, "pending": 0,
      ])
  }

  @Test func givesUpAfterTenRetries() {
    let bench = Bench()
    for _ in 0..<20 { bench.sluice.answer(.answered(HTTPResponse(status: 500))) }
    bench.post("phone", ["channel": "sms", "contact": "+15005550123", "text": "hi"])
    bench.pass(milliseconds: 60_000, step: 250)
    #expect(bench.sluice.calls.count == 11)
    #expect(bench.items("phone").first?["status"]?.string == "failed")
    #expect(bench.get("callbacks")["sms"]?["abandoned"]?.integer == 1)
  }

  @Test func doublesAndSwapsCallbacks() throws {
    let bench = Bench()
    bench.post("faults", ["target": "callbacks", "kind": "duplicate", "count": 1])
    bench.send("a", reference: "A")
    bench.pass(milliseconds: 2_000)
    #expect(bench.sluice.calls.count == 3)
    bench.post("faults", ["target": "callbacks", "kind": "reorder", "count": 2])
    bench.send("b", reference: "B")
    bench.pass(milliseconds: 4_000)
    let statuses = try bench.sluice.calls.map {
      try JSONReader.read($0.body)["events"]?[0]?["status"]?.string
    }
    #expect(statuses == ["delivered", "delivered", "read", "read", "delivered"])
  }
}

struct ClickSendPlayTests {
  func send(_ bench: Bench, _ messages: JSON, key: String = "ZGVtbzpjbGljay1rZXk=") -> HTTPResponse
  {
    bench.service.respond(
      to: HTTPRequest(
        method: "POST", path: "/sandbox/clicksend/click/v3/sms/send",
        headers: ["content-type": "application/json", "authorization": "Basic \(key)"],
        body: (["messages": messages] as JSON).bytes))
  }

  @Test func answersPerMessageInsideA200() throws {
    let bench = Bench()
    let response = send(
      bench,
      [
        ["to": "+61411111111", "body": "hello", "custom_string": "R1"],
        ["to": "+15005550101", "body": "hello", "custom_string": "R2"],
      ])
    #expect(response.status == 200)
    let data = try JSONReader.read(response.body)["data"]
    #expect(data?["queued_count"]?.integer == 1)
    #expect(data?["messages"]?[0]?["status"]?.string == "SUCCESS")
    #expect(data?["messages"]?[0]?["message_id"]?.string?.count == 36)
    #expect(data?["messages"]?[1]?["status"]?.string == "INVALID_RECIPIENT")
  }

  @Test func wantsBasicCredentials() throws {
    let response = send(Bench(), [], key: "x")
    #expect(response.status == 401)
    #expect(try JSONReader.read(response.body)["response_code"]?.string == "UNAUTHORIZED")
  }

  @Test func knowsNoIdempotency() {
    let bench = Bench()
    for _ in 0..<2 {
      _ = send(bench, [["to": "+61411111111", "body": "hello", "custom_string": "R1"]])
    }
    #expect(bench.items("phone").count == 2)
    #expect(bench.get("sends", "summary=1")["channels"]?["click"]?["repeats"]?.integer == 1)
  }

  @Test func reportsInFormsAndNeverRead() throws {
    let bench = Bench()
    _ = send(bench, [["to": "+61411111111", "body": "hello", "custom_string": "R1"]])
    bench.pass(milliseconds: 3_000)
    let call = try #require(bench.sluice.calls.first)
    #expect(bench.sluice.calls.count == 1)
    #expect(call.url == "http://sluice.test/sluice/click/status?secret=click%20secret")
    let fields = try #require(FormFields(call.body))
    #expect(fields["status_code"] == "201")
    #expect(fields["custom_string"] == "R1")
  }

  @Test func passesOnWhatIsWritten() throws {
    let bench = Bench()
    bench.post("phone", ["channel": "click", "contact": "+61411111111", "text": "Yes & no"])
    bench.service.deliverDueCallbacks()
    let call = try #require(bench.sluice.calls.first)
    #expect(call.url == "http://sluice.test/sluice/click/inbound?secret=click%20secret")
    let fields = try #require(FormFields(call.body))
    #expect(fields["body"] == "Yes & no")
    #expect(fields["from"] == "+61411111111")
    #expect(fields["timestamp"] == "1790000000")
  }
}
