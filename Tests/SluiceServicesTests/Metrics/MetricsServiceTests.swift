import Logging
import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

@testable import SluiceServices

struct MetricsServiceTests {
  /// The answer to a GET, taken as far as it goes.
  private func answer(_ handler: any RequestHandler, method: String = "GET") -> HTTPResponse {
    var progress = handler.begin(HTTPRequest(method: method, path: "/sluice/metrics"))
    while true {
      switch progress {
      case .answered(let reply): return reply.response
      case .blocking(let next): progress = next()
      case .pending: return HTTPResponse(status: 599)
      }
    }
  }

  private func lines(_ bench: CarrierBench) throws -> [String] {
    let ledger = try #require(bench.ledger as? SQLiteLedger)
    let response = answer(MetricsService(context: bench.context, ledger: ledger))
    #expect(response.status == 200)
    #expect(response.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
    return String(decoding: response.body, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("what a carrier does is counted, timed and told")
  func tells() throws {
    let bench = try CarrierBench()
    bench.transport.answer = { call in
      (.answered(HTTPResponse(status: call.url.contains("platform") ? 200 : 422)), 20)
    }
    try bench.receive(4)
    try bench.send(1)
    try bench.run(milliseconds: 3_000)
    try bench.receive(2)
    bench.transport.answer = { _ in (.unanswered(reason: "time-out"), 20) }
    try bench.run(milliseconds: 50)
    bench.clocks.advance(milliseconds: 40_000)
    let lines = try lines(bench)
    for line in [
      #"sluice_build_info{version="\#(Version.current)"} 1"#,
      #"sluice_delivered_total{channel="sms",queue="inbound"} 4"#,
      #"sluice_rejected_total{channel="sms",queue="outbound"} 1"#,
      #"sluice_unknown_total{channel="sms",queue="inbound"} 1"#,
      #"sluice_queue_entries{channel="sms",queue="inbound"} 2"#,
      #"sluice_breaker_state{channel="sms",destination="platform"} 0"#,
      #"sluice_call_duration_seconds_bucket{destination="provider",le="0.016384"} 0"#,
      #"sluice_call_duration_seconds_bucket{destination="provider",le="0.024576"} 1"#,
      #"sluice_call_duration_seconds_bucket{destination="provider",le="+Inf"} 1"#,
      #"sluice_call_duration_seconds_sum{destination="provider"} 0.020000"#,
      #"sluice_call_duration_seconds_count{destination="provider"} 1"#,
      #"sluice_delivery_duration_seconds_count{queue="inbound"} 4"#,
      #"sluice_slot_wait_duration_seconds_count{destination="provider"} 1"#,
      #"sluice_request_duration_seconds_count{program="sluice-media"} 0"#,
      #"sluice_media_fetch_duration_seconds_count{outcome="copied"} 0"#,
    ] {
      let isThere = lines.contains(line)
      #expect(isThere, "\(line) is missing")
    }
    for name in ["sluice_queue_oldest_due_seconds", "sluice_queue_oldest_seconds"] {
      let age = try #require(
        lines.first { $0.hasPrefix(#"\#(name){channel="sms",queue="inbound"}"#) })
      #expect((30...50).contains(try #require(Double(age.split(separator: " ")[1]))))
    }
  }

  @Test("a call's wait for its slot is timed, from when it was ready")
  func timesWaits() throws {
    var text = SettingsText()
    text.platform = "limit_per_second = 2"
    let bench = try CarrierBench(text)
    bench.transport.answer = { _ in (.answered(HTTPResponse(status: 200)), 20) }
    try bench.receive(3)
    try bench.run(milliseconds: 3_000)
    let waits = bench.status.histogram(.slot(.platform))
    #expect(waits.count == 3)
    // One at once, one after half a second, one after a whole one; the limit is kept with some room.
    #expect((1_500_000...1_700_000).contains(waits.microseconds), "\(waits.microseconds)")
    #expect(bench.status.histogram(.call(.platform)).microseconds == 60_000)
  }

  @Test("every metric is described once, and its samples follow at once")
  func isWellFormed() throws {
    let bench = try CarrierBench()
    try bench.receive(3)
    try bench.send(2)
    try bench.run(milliseconds: 1_000)
    var described: Set<Substring> = []
    var name: Substring = ""
    for line in try lines(bench) {
      let words = line.split(separator: " ")
      if line.hasPrefix("# HELP ") {
        name = words[2]
        #expect(described.insert(name).inserted, "\(name) is described twice")
      } else if line.hasPrefix("# TYPE ") {
        #expect(words[2] == name)
      } else {
        #expect(line.hasPrefix(name), "\(line) is under \(name)")
        #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
      }
    }
    #expect(described.count >= 20)
  }

  @Test("ready, until the relay falls silent or an entry is long overdue")
  func readiness() throws {
    let bench = try CarrierBench()
    let ledger = try #require(bench.ledger as? SQLiteLedger)
    let service = ReadinessService(context: bench.context, ledger: ledger)
    #expect(answer(service).status == 503)
    bench.context.meters.beat()
    #expect(answer(service) == HTTPResponse(status: 200, text: "ready\n"))
    try bench.receive(1)
    bench.clocks.advance(milliseconds: 700_000)
    let response = answer(service)
    #expect(response.status == 503)
    let text = String(decoding: response.body, as: UTF8.self)
    #expect(text.split(separator: "\n").count == 2, "\(text)")
    bench.context.meters.beat()
    try ledger.pause(Pause(channel: try #require(ChannelName("sms")), destination: .platform))
    #expect(answer(service).status == 200)
  }

  @Test("health is no question of the ledger's, and nothing takes a POST")
  func health() throws {
    let bench = try CarrierBench()
    let ledger = try #require(bench.ledger as? SQLiteLedger)
    #expect(answer(HealthService()) == HTTPResponse(status: 200, text: "ok\n"))
    for handler in [
      HealthService(), ReadinessService(context: bench.context, ledger: ledger),
      MetricsService(context: bench.context, ledger: ledger),
    ] as [any RequestHandler] {
      #expect(answer(handler, method: "POST").status == 405)
    }
  }

  @Test("a request is timed once, whatever its answer waits for")
  func timesRequests() throws {
    let bench = try CarrierBench()
    let handler = TimedHandler(
      SlowHandler(clocks: bench.clocks), as: .console, clocks: bench.clocks,
      meters: bench.context.meters)
    #expect(answer(handler).status == 204)
    let histogram = bench.status.histogram(.request(.console))
    #expect(histogram.count == 1)
    #expect(histogram.microseconds == 40_000)
  }

  private struct SlowHandler: RequestHandler {
    let clocks: ManualClocks

    func begin(_ request: HTTPRequest) -> Progress {
      clocks.advance(milliseconds: 10)
      return .blocking {
        clocks.advance(milliseconds: 30)
        return .answered(HTTPResponse(status: 204))
      }
    }
  }
}
