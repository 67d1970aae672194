import SluiceCore
import SluiceTesting
import Testing

/// What a carrier does with a channel's second account.
struct FailoverTests {
  /// - Parameter main: Lines of the main account's table.
  private static func settings(main: String = "") -> SettingsText {
    var text = SettingsText()
    text.platform = "retry_base_seconds = 0.5\nretry_cap_seconds = 1"
    text.channels[0].provider = """
      \(main)
      [channels.sms.fallback]
      provider = "sandbox"
      [channels.sms.fallback.sandbox]
      url = "https://other.example/sms"
      api_key = "file:secrets/api_key"
      webhook_secret = "file:secrets/webhook_secret"
      idempotent = false
      lookup = false
      """
    return text
  }

  private static let taken = CallResult.answered(
    HTTPResponse(status: 200, body: Array(#"{"id":"sb-1"}"#.utf8)))

  private static func isFallback(_ call: HTTPCall) -> Bool {
    call.url.hasPrefix("https://other.example/")
  }

  private static func texts(_ calls: [HTTPCall]) throws -> [String] {
    try calls.filter { $0.method == "POST" }.map {
      try JSONReader.read($0.body)["text"]?.string ?? ""
    }
  }

  @Test("while the main account is down, the fallback sends; once it is back, it sends again")
  func failsOverAndBack() throws {
    let bench = try CarrierBench(Self.settings())
    bench.transport.answer = { call in
      Self.isFallback(call) ? (Self.taken, 10) : (.notSent(reason: "refused"), 1)
    }
    try bench.send(50)
    try bench.run(milliseconds: 10_000)
    #expect(try bench.queued(.outbound) == 0)
    #expect(try bench.letters().isEmpty)
    let texts = try Self.texts(bench.transport.begun.map(\.call).filter(Self.isFallback))
    #expect(texts.count == 50)
    #expect(Set(texts).count == 50, "none of them twice")

    bench.transport.answer = { _ in (Self.taken, 10) }
    try bench.run(milliseconds: 300_000)  // The breaker asks again.
    try bench.send(1)  // The probe.
    try bench.run(milliseconds: 3_000)
    try bench.send(10)
    let before = bench.transport.begun.count
    try bench.run(milliseconds: 5_000)
    let later = bench.transport.begun.dropFirst(before).map(\.call)
    #expect(later.count == 10)
    #expect(later.allSatisfy { !Self.isFallback($0) })
  }

  @Test(
    "what the main account refuses for a reason of its own, the fallback sends as the same message")
  func failsOverWhatIsRefused() throws {
    let bench = try CarrierBench(Self.settings())
    bench.transport.answer = { call in
      Self.isFallback(call)
        ? (Self.taken, 10) : (.answered(HTTPResponse(status: 402, text: "")), 10)
    }
    try bench.send(3)
    try bench.run(milliseconds: 2_000)
    let calls = bench.transport.begun.map(\.call)
    let references = try calls.map { try JSONReader.read($0.body)["reference"]?.string ?? "" }
    #expect(calls.count { Self.isFallback($0) } == 3)
    #expect(calls.count == 6)
    #expect(Set(references).count == 3)
    #expect(try bench.letters().isEmpty)
  }

  @Test("what both refuse is rejected, with the reason of the last")
  func givesUp() throws {
    let bench = try CarrierBench(Self.settings())
    bench.transport.answer = { call in
      (.answered(HTTPResponse(status: Self.isFallback(call) ? 403 : 402, text: "")), 10)
    }
    try bench.send(1)
    try bench.run(milliseconds: 2_000)
    #expect(bench.transport.begun.count == 2)
    #expect(
      try bench.letters().map(\.reason) == [
        "The sandbox refused the message: no reason given (HTTP 403)."
      ])
  }

  @Test("a message that is refused itself does not go to another account")
  func keepsRefusalsOfTheMessage() throws {
    let bench = try CarrierBench(Self.settings())
    bench.transport.answer = { _ in (.answered(HTTPResponse(status: 422, text: "")), 10) }
    try bench.send(1)
    try bench.run(milliseconds: 2_000)
    #expect(bench.transport.begun.allSatisfy { !Self.isFallback($0.call) })
    #expect(try bench.letters().contains { $0.queue == .outbound })
  }

  @Test(
    "nothing of which the outcome is unknown goes to the other account, whatever the provider can do",
    arguments: ["idempotent = true", "idempotent = false", "idempotent = false\nlookup = false"])
  func keepsUnknownOutcomes(main: String) throws {
    let bench = try CarrierBench(Self.settings(main: "limit_per_second = 5\n\(main)"))
    bench.transport.answer = { call in
      Self.isFallback(call) ? (Self.taken, 10) : (.unanswered(reason: "time-out"), 100)
    }
    try bench.send(50)
    try bench.run(milliseconds: 60_000)
    let calls = bench.transport.begun.map(\.call)
    let (fallback, mine) = (calls.filter(Self.isFallback), calls.filter { !Self.isFallback($0) })
    let doubled = Set(try Self.texts(fallback)).intersection(try Self.texts(mine))
    #expect(doubled.isEmpty)
    #expect(fallback.count >= 40, "the others went on")
    #expect(Set(try Self.texts(fallback)).count == fallback.count)
  }

  @Test("while both are down all waits, and nothing is lost")
  func waits() throws {
    let bench = try CarrierBench(Self.settings())
    bench.transport.answer = { _ in (.notSent(reason: "refused"), 1) }
    try bench.send(20)
    try bench.run(milliseconds: 120_000)
    #expect(try bench.queued(.outbound) == 20)
    #expect(bench.transport.begun.count < 100, "neither is hammered")
    bench.transport.answer = { _ in (Self.taken, 10) }
    try bench.run(milliseconds: 300_000)
    #expect(try bench.queued(.outbound) == 0)
  }

  @Test(
    "once the fallback is taken away, the main account sends what cannot have left, and nothing else"
  )
  func losesItsFallback() throws {
    var settings = Self.settings()
    settings.platform = "retry_base_seconds = 30"
    let first = try CarrierBench(settings)
    // The first message is refused here and deferred there, the second one refused and lost sight of.
    first.transport.answer = { call in
      let isSecond = String(decoding: call.body, as: UTF8.self).contains(#""text":"2""#)
      return !Self.isFallback(call)
        ? (.answered(HTTPResponse(status: 402, text: "")), 10)
        : isSecond
          ? (.unanswered(reason: "time-out"), 10)
          : (.answered(HTTPResponse(status: 503, text: "")), 10)
    }
    try first.send(2)
    try first.run(milliseconds: 5_000)
    #expect(try first.queued(.outbound) == 2)

    let second = try CarrierBench(ledger: first.ledger)
    second.clocks.advance(milliseconds: 120_000)
    try second.run(milliseconds: 5_000)
    let calls = second.transport.begun.map(\.call).filter { $0.url.contains("sandbox.example") }
    #expect(try Self.texts(calls) == ["1"])
    #expect(try second.queued(.outbound) == 0)
    let letter = try #require(try second.letters().first { $0.queue == .outbound })
    #expect(letter.reason.hasPrefix("It is not known whether the message was sent"))
    // By the main account's own name for it.
    let report = StatusReport(externalID: "sb-1", status: .delivered, reason: nil)
    let receipt = try second.ledger.record(
      WebhookRecord(
        channel: ChannelName("sms")!, receivedAt: second.clocks.wall, contentType: nil, body: [],
        events: [(.status(report), letter.id)]))
    #expect(receipt == WebhookReceipt(accepted: 1))
  }
}
