import SluiceCore
import Testing

@testable import SluiceSandbox

struct SeveralEventsTests {
  static func call(_ events: [JSON]) -> JSON {
    ["channelId": "42", "contactId": "+60177872890", "events": .array(events)]
  }

  static let three = call([
    textEvent("a", mID: "M1"), textEvent("b", mID: "M2"), textEvent("b", mID: "M2"),
  ])

  @Test func recordsThemOneByOne() {
    let bench = Bench()
    #expect(bench.platform(Self.three).status == 200)
    #expect(bench.platform(envelope(textEvent("c", mID: "M3"))).status == 200)
    let arrivals = bench.get("arrivals")["entries"]?.array ?? []
    #expect(arrivals.map { $0["request"]?.integer } == [1, 1, 1, 2])
    #expect(arrivals.map { $0["mId"]?.string } == ["M1", "M2", "M2", "M3"])
    #expect(arrivals.map { $0["repeat"]?.bool } == [nil, nil, true, nil])
    #expect(Set(arrivals.compactMap { $0["boot"]?.integer }).count == 1)
    #expect(bench.items("inbox").count == 3)
    let summary = bench.get("arrivals", "summary=1")["channels"]?["sms"]
    #expect(summary?["requests"] == 2 && summary?["events"] == 4)
    #expect(summary?["largestRequest"] == 3 && summary?["mIds"] == 3 && summary?["repeats"] == 1)
  }

  @Test func refusesThemWhereToldSo() {
    let bench = Bench()
    bench.post("options", ["channel": "sms", "maxEvents": 1])
    #expect(bench.platform(Self.three).status == 422)
    #expect(bench.items("inbox").isEmpty)
    #expect(bench.get("violations")["violations"]?[0]?["rule"] == "events")
    #expect(bench.platform(envelope(textEvent("a"))).status == 200)
    bench.post("options", ["maxEvents": 3])
    #expect(bench.platform(Self.three).status == 200)
  }

  @Test func limitsCallsNotEvents() {
    let bench = Bench(limit: 2)
    let answers = (0..<3).map { _ in bench.platform(Self.three).status }
    #expect(answers == [200, 200, 429])
    #expect(bench.get("arrivals", "summary=1")["channels"]?["sms"]?["busiestSecond"] == 3)
  }

  @Test func oneBadEventSpoilsTheCall() {
    let bench = Bench()
    let body = Self.call([textEvent("a"), statusEvent("read", mID: "NONE")])
    #expect(bench.platform(body).status == 400)
    #expect(bench.items("inbox").isEmpty)
  }
}
