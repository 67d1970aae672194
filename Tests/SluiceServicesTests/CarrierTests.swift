import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct CarrierTests {
  private static func answer(_ status: Int, retryAfter: String? = nil) -> CallResult {
    .answered(
      HTTPResponse(
        status: status, headers: retryAfter.map { [("retry-after", $0)] } ?? [],
        body: Array(#"{"id":"sb-1"}"#.utf8)))
  }

  private static func quick() -> SettingsText {
    var text = SettingsText()
    text.platform = "limit_per_second = 1000000"
    return text
  }

  @Test("what is queued is carried, each once, and the carrier knows that it is done")
  func carries() throws {
    let bench = try CarrierBench(Self.quick())
    try bench.receive(30)
    try bench.send(30)
    try bench.carrier.run(.untilIdle(deadline: bench.clocks.boot + 60_000_000_000))
    #expect(bench.carrier.isIdle)
    #expect(bench.transport.begun.count == 60)
    #expect(
      Set(bench.transport.begun.map { String(decoding: $0.call.body, as: UTF8.self) }).count == 60)
    #expect(try bench.queued(.inbound) == 0)
    #expect(try bench.queued(.outbound) == 0)
    #expect(try bench.letters().isEmpty)
  }

  @Test("the limit holds for what the carrier begins")
  func keepsTheLimit() throws {
    let bench = try CarrierBench()
    try bench.receive(70)
    let start = bench.clocks.boot
    try bench.run(milliseconds: 5_000)
    let departures = bench.transport.departures(since: start)
    #expect(departures.count == 70)
    for (first, last) in zip(departures, departures.dropFirst(20)) {
      #expect(last - first >= 1_000)
    }
  }

  @Test("who takes long to answer gets the whole limit all the same", arguments: [10, 500, 3_000])
  func doesNotWaitForAnswers(milliseconds: Int64) throws {
    let bench = try CarrierBench()
    bench.transport.answer = { _ in (Self.answer(200), milliseconds) }
    try bench.receive(100)
    let start = bench.clocks.boot
    try bench.run(milliseconds: 5_000)
    let departures = bench.transport.departures(since: start)
    #expect(departures.count >= 97)
    for (first, last) in zip(departures, departures.dropFirst(20)) {
      #expect(last - first >= 1_000)
    }
  }

  @Test("a side that never answers leaves hands for whoever comes later")
  func leavesHandsForLater() throws {
    var text = SettingsText()
    text.relay = "in_flight = 24"
    text.channels = ["hangs", "answers"].map { SettingsText.Channel(name: $0) }
    let bench = try CarrierBench(text)
    bench.transport.answer = { call in
      call.url.hasSuffix("hangs") ? nil : (Self.answer(200), 10)
    }
    try bench.receive(50, on: "hangs")
    try bench.run(milliseconds: 3_000)
    #expect(bench.transport.begun.count == 18)
    try bench.receive(5, on: "answers")
    try bench.run(milliseconds: 2_000)
    #expect(bench.transport.begun.count == 23)
  }

  @Test("few calls wait for a connection, since they would leave all at once")
  func waitsForConnections() throws {
    let bench = try CarrierBench()
    bench.transport.connecting = 2_000
    try bench.receive(100)
    try bench.run(milliseconds: 1_900)
    #expect((1...3).contains(bench.transport.begun.count))
  }

  @Test("an open breaker: leases are given back, no attempt is used up, exactly one call probes")
  func breaks() throws {
    let bench = try CarrierBench(Self.quick())
    bench.transport.answer = { _ in (.notSent(reason: "refused"), 1) }
    try bench.receive(200)
    try bench.run(milliseconds: 3_000)
    let failed = bench.transport.begun.count
    // The four failures before it opened, and what was under way then.
    #expect(failed <= 4 + bench.settings.relay.inFlight)
    let start = bench.clocks.boot
    try bench.run(milliseconds: 4_000)
    #expect(bench.transport.departures(since: start).count == 1, "the probe after five seconds")
    try bench.run(milliseconds: 9_000)
    #expect(bench.transport.departures(since: start).count == 1, "ten seconds after that")
    #expect(try bench.queued(.inbound) == 200)
    // Given back: whatever was not called is as it was.
    let called = bench.transport.begun.map { String(decoding: $0.call.body, as: UTF8.self) }
    bench.transport.answer = { _ in nil }
    let channel = ChannelName("sms")!
    let leases = try bench.ledger.exchange(
      Exchange(
        settlements: [], requests: [LeaseRequest(channel: channel, queue: .inbound, count: 500)],
        terms: LeaseTerms(now: bench.clocks.wall + 600_000, until: bench.clocks.wall + 700_000))
    ).leases
    #expect(leases.count == 200)
    #expect(leases.count { $0.attempt == 1 } == 200 - Set(called).count)
    #expect(leases.allSatisfy { !$0.isTakenOver })
  }

  @Test("a probe that succeeds lets the rest go at once, not when its window ends")
  func recovers() throws {
    let bench = try CarrierBench(Self.quick())
    bench.transport.answer = { _ in (.notSent(reason: "refused"), 1) }
    try bench.receive(100)
    try bench.run(milliseconds: 4_000)
    bench.transport.answer = { _ in (Self.answer(200), 10) }
    let start = bench.clocks.boot
    // The breaker is open for five seconds, retries come within some, and all of it is well before
    // the thirty of a probe's window.
    try bench.run(milliseconds: 10_000)
    #expect(try bench.queued(.inbound) == 0)
    #expect(bench.transport.departures(since: start).count == 100)
  }

  @Test("a destination that does not answer leaves hands for the others")
  func sharesHands() throws {
    var text = Self.quick()
    text.relay = "in_flight = 8"
    text.channels = [.init(name: "dead"), .init(name: "live")]
    let bench = try CarrierBench(text)
    bench.transport.answer = { call in
      call.url.hasSuffix("/dead") ? nil : (Self.answer(200), 10)
    }
    try bench.receive(100, on: "dead")
    try bench.receive(100, on: "live")
    try bench.run(milliseconds: 3_000)
    #expect(try bench.queued(.inbound, on: "live") == 0)
    #expect(bench.transport.underWay <= 8)
    #expect(bench.transport.underWay >= 1)
  }

  @Test("429 pauses everyone, and is no attempt")
  func pauses() throws {
    let bench = try CarrierBench()
    bench.transport.answer = { _ in (Self.answer(429, retryAfter: "20"), 10) }
    try bench.receive(10)
    try bench.run(milliseconds: 19_000)
    let before = bench.transport.begun.count
    #expect(before <= 2, "one, and what had its slot already")
    bench.transport.answer = { _ in (Self.answer(200), 10) }
    let start = bench.clocks.boot
    try bench.run(milliseconds: 10_000)
    #expect(try bench.queued(.inbound) == 0)
    #expect(try bench.letters().isEmpty)
    let departures = bench.transport.departures(since: start)
    #expect(departures.count == 10)
    #expect(departures.allSatisfy { $0 >= 900 })
    let counted = bench.status.counter(.throttled, .inbound, of: ChannelName("sms")!)
    #expect(counted == UInt64(before))
    // The provider's side never stopped.
    #expect(
      bench.limiter.admission(.provider, of: ChannelName("sms")!, now: bench.clocks.boot)
        == .admitted)
  }

  @Test("what grows too old in a queue that nobody may call for becomes a dead letter")
  func expires() throws {
    var text = Self.quick()
    text.platform += "\nmax_age_hours = 0.05"  // Three minutes.
    let bench = try CarrierBench(text)
    bench.transport.answer = { _ in (.notSent(reason: "refused"), 1) }
    try bench.receive(150)
    // Throughout, somebody else says that nobody may call.
    for _ in 0..<40 {
      bench.limiter.hold(
        .platform, of: ChannelName("sms")!, until: bench.clocks.boot + 3_600_000_000_000,
        now: bench.clocks.boot)
      try bench.run(milliseconds: 10_000)
    }
    #expect(try bench.letters().count + bench.queued(.inbound) == 150)
    #expect(try bench.letters().count >= 140)
    #expect(
      try bench.letters().allSatisfy { $0.reason.hasPrefix("Given up: it could not be delivered") })
  }

  @Test("at its end it waits for what is under way, without spinning, and gives the rest back")
  func finishes() throws {
    var text = Self.quick()
    text.relay = "in_flight = 2"
    let bench = try CarrierBench(text)
    bench.transport.answer = { _ in (Self.answer(200), 14_000) }
    try bench.receive(10)
    try bench.carrier.run(.untilIdle(deadline: bench.clocks.boot + 100_000_000))
    #expect(bench.transport.begun.count == 2)
    #expect(bench.transport.underWay == 0)
    #expect(bench.transport.idleWaits < 20, "it spins")
    #expect(try bench.queued(.inbound) == 8)
    let leases = try bench.ledger.exchange(
      Exchange(
        settlements: [],
        requests: [LeaseRequest(channel: ChannelName("sms")!, queue: .inbound, count: 20)],
        terms: LeaseTerms(now: bench.clocks.wall, until: bench.clocks.wall + 1_000))
    ).leases
    #expect(leases.map(\.attempt) == Array(repeating: 1, count: 8))
  }

  @Test("a request that left without an answer is asked about, and found")
  func looksUp() throws {
    var text = Self.quick()
    text.channels[0].provider = "idempotent = false"
    let bench = try CarrierBench(text)
    bench.transport.answer = { call in
      call.method == "GET"
        ? (
          .answered(
            HTTPResponse(status: 200, body: Array(#"{"id":"sb-7","status":"sent"}"#.utf8))), 10
        ) : (.unanswered(reason: "time-out"), 10)
    }
    try bench.send(1)
    let start = bench.clocks.boot
    try bench.run(milliseconds: 30_000)
    #expect(bench.transport.begun.map(\.call.method) == ["POST", "GET"])
    #expect(bench.transport.departures(since: start).last.map { $0 >= 5_000 && $0 < 7_000 } == true)
    #expect(try bench.queued(.outbound) == 0)
    #expect(try bench.letters().isEmpty)
  }

  @Test("what waits of a channel that is not in the settings is given up when its time is up")
  func givesUpOrphans() throws {
    let bench = try CarrierBench(Self.quick())
    try bench.receive(100, on: "gone")
    try bench.send(100, on: "gone")
    try bench.run(milliseconds: 30_000)
    #expect(try bench.queued(.inbound, on: "gone") == 100)
    #expect(try bench.letters().isEmpty)
    bench.clocks.advance(milliseconds: 86_400_000)
    try bench.receive(10)
    try bench.run(milliseconds: 30_000)
    #expect(try bench.ledger.backlog().isEmpty)
    #expect(try bench.letters().count == 200)
    #expect(try bench.letters().allSatisfy { $0.reason.contains("not in the settings") })
    #expect(bench.transport.begun.count == 10)
  }
}
