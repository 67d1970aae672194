import SluiceCore
import Testing

@testable import SluiceSandbox

struct LookupTests {
  @Test func findsByReferenceAndByID() {
    let bench = Bench()
    let id = bench.id("hello", reference: "REF.1")
    let found: JSON = ["id": .string(id), "reference": "REF.1", "status": "sent"]
    #expect(bench.lookUp("messages", query: "reference=REF.1") == (200, found))
    #expect(bench.lookUp("messages/\(id)") == (200, found))
    #expect(bench.lookUp("forgetful/messages", query: "reference=REF.1").status == 200)
  }

  @Test func saysWhatBecameOfIt() {
    let bench = Bench()
    _ = bench.id("hello")
    _ = bench.id("hello", to: "+15005550102", reference: "REF.2")
    func status(_ reference: String) -> JSON? {
      bench.lookUp("messages", query: "reference=\(reference)").body["status"]
    }
    #expect(status("REF.1") == "sent")
    bench.clocks.pass(milliseconds: 400)
    #expect(status("REF.1") == "delivered")
    bench.clocks.pass(milliseconds: 1_100)
    #expect(status("REF.1") == "read")
    #expect(status("REF.2") == "failed")
    #expect(
      bench.lookUp("messages", query: "reference=REF.2").body["error"] == [
        "code": "30003", "message": "The phone is switched off or out of reach",
      ])
  }

  @Test func knowsNothingElse() {
    let bench = Bench()
    bench.post("faults", ["target": "provider", "kind": "close", "count": 1])
    bench.send("lost")
    let unknown = bench.lookUp("messages", query: "reference=REF.1")
    #expect(unknown.status == 404)
    #expect(unknown.body["error"]?["code"] == "not_found")
    #expect(bench.lookUp("messages/sb-none").status == 404)
    #expect(bench.lookUp("messages").status == 400)
    #expect(bench.lookUp("messages/sb-none", key: "wrong").status == 401)
    let clickSend = HTTPRequest(method: "GET", path: "/sandbox/clicksend/click/v3/sms/send")
    #expect(bench.service.respond(to: clickSend).status == 404)
  }

  @Test func fails() {
    let bench = Bench()
    _ = bench.id("hello")
    for fault: JSON in [
      ["target": "lookup", "kind": "status", "status": 503, "count": 1],
      ["target": "lookup", "kind": "status", "status": 404, "count": 1],
      ["target": "lookup", "kind": "hang", "milliseconds": 1, "count": 1],
    ] { bench.post("faults", fault) }
    #expect(bench.lookUp("messages", query: "reference=REF.1").status == 503)
    let hidden = bench.lookUp("messages", query: "reference=REF.1")
    #expect(bench.lookUp("messages/sb-none").body == .null)
    #expect(bench.lookUp("messages/sb-none") == hidden, "the same as what is not there")
    bench.post("faults", ["target": "lookup", "kind": "close", "count": 1])
    for _ in 0..<2 { _ = bench.lookUp("messages", query: "reference=REF.1") }
    let log = bench.get("lookups", "channel=sms")["entries"]?.array ?? []
    #expect(log.map { $0["answer"]?.integer } == [503, 404, 0, 404, 0, 200])
    #expect(log.map { $0["found"]?.bool } == [true, true, false, false, true, true])
    #expect(log[0]["reference"] == "REF.1")
    #expect(log[2]["id"] == "sb-none")
  }
}

struct PhoneLogTests {
  @Test func countsCopiesAndForgetsTheOldest() {
    var log = PhoneLog(capacity: 2)
    for (reference, id) in [("A", "1"), ("A", "2"), ("", "3"), ("", "4")] {
      log.arrive(
        ProviderMessage(to: "+1", reference: reference, text: "x"),
        copy: PhoneEntry.Copy(id: id, boot: 0, wall: 0), channel: 7)
    }
    #expect(
      log.counts[7]?.json == ["messages": 3, "arrivals": 4, "doubles": 1, "doubled": 1, "most": 2])
    #expect(log.entry(reference: "A", channel: 7) == nil)
    #expect(log.entry(id: "2", channel: 7) == nil)
    #expect(log.entry(reference: "", channel: 7) == nil, "no reference is nobody's")
    #expect(log.entry(id: "4", channel: 7)?.copies.count == 1)
    #expect(log.entry(id: "4", channel: 8) == nil)
  }
}
