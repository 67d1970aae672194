import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceSandbox

struct FaultTests {
  @Test func hitsTheNextRequestsOfItsTarget() {
    var table = FaultTable()
    table.add(Fault(target: .platform, channel: "sms", kind: .close, remaining: 2))
    func decide(_ target: Fault.Target, _ channel: String) -> FaultDecision {
      table.decide(target, channel: channel) { 0 }
    }
    #expect(decide(.provider, "sms") == FaultDecision())
    #expect(decide(.platform, "other") == FaultDecision())
    for _ in 0..<2 {
      #expect(decide(.platform, "sms").answer == .close)
    }
    #expect(decide(.platform, "sms") == FaultDecision())
    #expect(table.faults.isEmpty)
  }

  @Test func addsDelaysAndLetsOneAnswerWin() {
    var table = FaultTable()
    table.add(Fault(target: .platform, kind: .delay(milliseconds: 5)))
    table.add(Fault(target: .platform, kind: .delay(milliseconds: 7)))
    table.add(Fault(target: .platform, kind: .status(503, retryAfter: 2), isTaken: true))
    table.add(Fault(target: .platform, kind: .close, remaining: 1))
    let decision = table.decide(.platform, channel: "sms") { 0 }
    #expect(decision.delayMilliseconds == 12)
    #expect(decision.answer == .status(503, retryAfter: 2))
    #expect(decision.isTaken)
    #expect(table.faults.count == 4, "what did not hit waits")
  }

  @Test func followsChance() {
    var table = FaultTable()
    table.add(Fault(target: .provider, kind: .close, probability: 0.25))
    let hits = [0.1, 0.24, 0.25, 0.9].map { chance in
      table.decide(.provider, channel: "sms") { chance }.answer == .close
    }
    #expect(hits == [true, true, false, false])
  }

  @Test func holdsBackEveryOtherCallback() {
    var table = FaultTable()
    table.add(Fault(target: .callbacks, kind: .reorder(milliseconds: 9)))
    let delays = (0..<4).map { _ in
      table.decide(.callbacks, channel: "sms") { 0 }.delayMilliseconds
    }
    #expect(delays == [9, 0, 9, 0])
  }

  static let rows: [(label: String, body: JSON, isGood: Bool)] = [
    ("delay", ["target": "platform", "kind": "delay", "milliseconds": 5], true),
    ("delay of nothing", ["target": "platform", "kind": "delay"], false),
    ("status", ["target": "provider", "kind": "status", "status": 503, "retryAfter": 1], true),
    ("status 99", ["target": "provider", "kind": "status", "status": 99], false),
    ("hang", ["target": "lookup", "kind": "hang", "contact": "+1"], true),
    ("hanging callback", ["target": "callbacks", "kind": "hang"], false),
    ("duplicate", ["target": "callbacks", "kind": "duplicate", "count": 1], true),
    ("duplicate of a request", ["target": "platform", "kind": "duplicate"], false),
    ("callbacks are not answered", ["target": "callbacks", "kind": "close"], false),
    ("chance of 2", ["target": "platform", "kind": "close", "probability": 2], false),
    ("no target", ["kind": "close"], false),
    ("unknown channel", ["target": "platform", "kind": "close", "channel": "none"], false),
  ]

  @Test(arguments: rows)
  func reads(label: String, body: JSON, isGood: Bool) {
    let bench = Bench()
    #expect(bench.post("faults", body).status == (isGood ? 200 : 400))
    #expect(bench.get("faults")["faults"]?.array?.count == (isGood ? 1 : 0))
  }

  @Test func letsGoOfWhatItHolds() {
    let bench = Bench()
    bench.post("faults", ["target": "provider", "kind": "hang", "taken": true])
    let began = SystemClocks().boot
    let sending = Background(threads: 1) { _ in bench.send("hello") }
    // The message is on the phone before its answer is held back.
    while bench.items("phone").isEmpty { usleep(1_000) }
    bench.post("release", [:])
    #expect(sending.wait().isEmpty)
    #expect(SystemClocks().boot - began < 30_000_000_000)
  }

  @Test func spoilsAnswers() {
    let bench = Bench()
    let body = envelope(textEvent("hello"))
    bench.post(
      "faults",
      ["target": "platform", "kind": "status", "status": 503, "retryAfter": 3, "count": 1])
    let refused = bench.platform(body)
    #expect(refused.status == 503)
    #expect(refused.header("retry-after") == "3")
    #expect(bench.items("inbox").isEmpty)
    bench.post("faults", ["target": "platform", "kind": "close", "count": 1, "taken": true])
    #expect(bench.platform(body).header("x-accel-redirect") == "/sandbox-closed")
    #expect(bench.items("inbox").count == 1)
    #expect(bench.platform(body).status == 200)
    let summary = bench.get("arrivals", "summary=1")["channels"]?["sms"]
    #expect(summary?["answers"] == ["0": 1, "200": 1, "503": 1])
    #expect(summary?["repeats"]?.integer == 1)
  }
}
