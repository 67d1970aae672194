import SluiceCore
import SluiceTesting
import Testing

/// Sends to a provider that lets nobody in without a token.
struct TokenTests {
  /// A bench with a channel of that kind; each call to `/token` gives the next token.
  private static func bench(
    lifetime: Int = 3_600, log: RecordedLog = RecordedLog()
  ) throws -> CarrierBench {
    let bench = try CarrierBench(log: log.logger)
    bench.directory.write("key-4711", to: "secrets/key")
    bench.directory.write(
      """
      title = "Tokens"
      [settings.key]
      type = "secret"
      [token]
      url = "https://tokens.example/token"
      form = { key = "{setting.key}" }
      answer = { value = "/token", lifetime = "/seconds" }
      [send]
      url = "https://tokens.example/send"
      form = { to = "{to}", text = "{text}" }
      [answer]
      id = "/id"
      detail = "/error"
      check = [{ at = "/id", values = { "*" = "accepted" } }]
      [webhooks]
      message = [{ id = "/id", from = "/from" }]
      """, to: "providers/tokens.toml")
    bench.directory.write(
      """
      channel_id = "123"
      token = "file:../secrets/token"
      webhook_url = "https://platform.example/tok"
      provider = "tokens"
      [tokens]
      key = "file:../secrets/key"
      webhook_secret = "file:../secrets/webhook_secret"
      """, to: "channels/tok.toml")
    var tokens = 0
    bench.transport.answer = { call in
      guard call.url.hasSuffix("/token") else { return (answer(200, #"{"id":"x-1"}"#), 10) }
      tokens += 1
      return (answer(200, #"{"token":"t\#(tokens)","seconds":\#(lifetime)}"#), 10)
    }
    return bench
  }

  private static func answer(_ status: Int, _ body: String) -> CallResult {
    .answered(HTTPResponse(status: status, body: Array(body.utf8)))
  }

  /// The calls so far: `token`, or what a send had for one.
  private static func calls(_ bench: CarrierBench) -> [String] {
    bench.transport.begun.map { begun in
      begun.call.url.hasSuffix("/token")
        ? "token" : begun.call.headers.first { $0.name == "authorization" }?.value ?? "none"
    }
  }

  @Test func oneTokenServesManySends() throws {
    let bench = try Self.bench()
    try bench.send(20, on: "tok")
    bench.carrier.note(ChannelName("tok")!)
    try bench.run(milliseconds: 5_000)
    #expect(
      Self.calls(bench) == ["token"] + [String](repeating: "Bearer t1", count: 20))
    #expect(try bench.queued(.outbound, on: "tok") == 0)
    #expect(try bench.letters().isEmpty)
  }

  @Test func anExpiredOneIsFetchedAnew() throws {
    let bench = try Self.bench(lifetime: 20)
    try bench.send(1, on: "tok")
    try bench.run(milliseconds: 3_000)
    bench.clocks.advance(milliseconds: 20_000)
    try bench.send(1, on: "tok")
    try bench.run(milliseconds: 3_000)
    #expect(Self.calls(bench) == ["token", "Bearer t1", "token", "Bearer t2"])
  }

  @Test func aRefusedOneIsFetchedAnew() throws {
    let bench = try Self.bench()
    try bench.send(1, on: "tok")
    try bench.run(milliseconds: 15_000)
    let good = bench.transport.answer
    bench.transport.answer = { call in
      call.headers.contains { $0.value == "Bearer t1" } ? (Self.answer(401, ""), 10) : good(call)
    }
    try bench.send(1, on: "tok")
    try bench.run(milliseconds: 30_000)
    #expect(Self.calls(bench) == ["token", "Bearer t1", "Bearer t1", "token", "Bearer t2"])
    #expect(try bench.queued(.outbound, on: "tok") == 0)
    #expect(try bench.letters().isEmpty)
  }

  @Test func whoIsNotLetInIsTold() throws {
    let bench = try Self.bench()
    bench.transport.answer = { call in
      (Self.answer(call.url.hasSuffix("/token") ? 401 : 200, ""), 10)
    }
    try bench.send(1, on: "tok")
    try bench.run(milliseconds: 3_000)
    #expect(
      try bench.letters().map(\.reason) == [
        "The provider does not let this account in (HTTP 401)."
          + " Ask your administrator to check the channel's credentials."
      ])
  }

  /// What holds a token in a way that we do not understand, and what quotes one.
  @Test func tokensAreNeitherLoggedNorKept() throws {
    let log = RecordedLog()
    let bench = try Self.bench(log: log)
    var fetches = 0
    bench.transport.answer = { call in
      guard call.url.hasPrefix("https://tokens") else { return (Self.answer(200, ""), 10) }
      guard call.url.hasSuffix("/token") else {
        return (Self.answer(400, #"{"error":"t0ken-4712 of key-4711"}"#), 10)
      }
      fetches += 1
      if fetches == 1 { return (Self.answer(200, #"{"access_token":"t0ken-4711"}"#), 10) }
      if fetches == 2 { return (Self.answer(401, "no t0ken-4711 for key-4711"), 10) }
      return (Self.answer(200, #"{"token":"t0ken-4712","seconds":60}"#), 10)
    }
    try bench.send(2, on: "tok")
    try bench.run(milliseconds: 60_000)
    #expect(fetches >= 3)
    let letters = try bench.letters()
    #expect(letters.count == 2)
    let kept = letters.map { "\($0.reason) \($0.answer ?? "")" }.joined()
    #expect(kept.contains("[redacted] of [redacted]"))
    #expect(log.text.contains("call not accepted"))
    for text in [kept, log.text] {
      #expect(!text.contains("t0ken") && !text.contains("4711"), "\(text)")
    }
  }

  /// Nothing was sent, so the outcome is not unknown.
  @Test(arguments: [
    CallResult.unanswered(reason: "time-out"), .notSent(reason: "refused"),
    answer(500, ""), answer(200, "{}"),
  ])
  func aFetchThatFailsIsTriedAgain(result: CallResult) throws {
    let bench = try Self.bench()
    let good = bench.transport.answer
    var failures = 2
    bench.transport.answer = { call in
      guard call.url.hasSuffix("/token"), failures > 0 else { return good(call) }
      failures -= 1
      return (result, 10)
    }
    try bench.send(1, on: "tok")
    try bench.run(milliseconds: 60_000)
    #expect(Self.calls(bench) == ["token", "token", "token", "Bearer t1"])
    #expect(try bench.queued(.outbound, on: "tok") == 0)
    #expect(try bench.letters().isEmpty)
  }
}
