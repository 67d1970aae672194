import Foundation
import SluiceCore
import SluiceHTTP
import SluiceTesting
import Synchronization
import Testing

extension EndToEnd {
  /// Nobody waits for somebody else's backlog. Each test prints its figure; what it asserts is
  /// generous, because a busy machine is not a failure.
  @Suite(.serialized) struct FairnessTests {
    @Test("an answer in a conversation overtakes a broadcast of 5,000 on the same channel")
    func overtakesBroadcast() throws {
      var options = Stack.Options()
      options.server = "first_attempt_seconds = 0"
      options.account = "limit_per_second = 20"
      options.relays = 0
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      try sandbox.script([])
      let base = stack.base
      let failures = Background(threads: 8) { thread in
        let client = try PlatformCaller(base: base)
        for number in 0..<625 {
          try client.send("broadcast", to: "+6011\(1_000_000 + thread * 1_000 + number)")
        }
      }.wait()
      #expect(failures.isEmpty, "\(failures)")
      #expect(LedgerProbe(stack).count("entry") == 5_000)
      try stack.start("relay", 0)
      #expect(try eventually { try sandbox.phoneCounts().arrivals >= 40 ? true : nil } == true)

      var delays: [Double] = []
      let before = try sandbox.phoneCounts().arrivals
      let start = SystemClocks().boot
      for number in 0..<10 {
        // The contact of a message that is still far back in the broadcast, and others.
        let contact = number == 0 ? "+60111007624" : "+60129990\(number)00"
        try sandbox.phone("question \(number)", contact: contact)
        _ = try sandbox.arrival(on: "demo") { $0["text"]?.string == "question \(number)" }
        let client = try PlatformCaller(base: base)
        let asked = SystemClocks().boot
        try client.send("answer \(number)", to: contact)
        let sent = try #require(
          try sandbox.send(on: "demo") { $0["text"]?.string == "answer \(number)" },
          "\(stack.logs().suffix(2_000))")
        delays.append(Double(sent["boot"]!.integer! - Int64(asked)) / 1e9)
      }
      let seconds = Double(SystemClocks().boot - start) / 1e9
      let drained = try sandbox.phoneCounts().arrivals - before
      let rate = Double(drained) / seconds
      print(
        "fairness: \(delays.count) answers during a broadcast reached the provider within"
          + " \(delays.max()!) s at most; sends went on at \(rate)/s in all")
      #expect(delays.max()! < 5)
      #expect(rate > 15)
    }

    @Test("1,000 channels: a backlog of 100,000 and a dead provider delay none of the others")
    func keepsChannelsApart() throws {
      var options = Stack.Options()
      options.channels = ["demo", "full", "dead"] + (0..<997).map { "c\($0)" }
      options.server = "first_attempt_seconds = 0"
      options.account = "timeout_seconds = 2"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      // A fresh segment lets nothing through for its first second.
      try sandbox.phone("first")
      #expect(try sandbox.arrival(on: "demo") { $0["text"]?.string == "first" } != nil)
      let calm = try deliveryTimes(stack, sandbox, run: "calm")

      let base = stack.base
      let failures = Background(threads: 4) { thread in
        let sender = try WebhookSender(base: base)
        for number in 0..<250 {
          try sender.post("full", batch: "f\(thread)-\(number)", contacts: 100)
        }
      }.wait()
      #expect(failures.isEmpty, "\(failures)")
      try sandbox.fault(["target": "provider", "kind": "hang", "channel": "dead"])
      let caller = try PlatformCaller(base: stack.base, channel: "dead")
      for number in 0..<300 { try caller.send("void", to: "+6012\(1_000_000 + number)") }
      #expect(LedgerProbe(stack).count("entry", where: "channel = 'full'") > 90_000)

      let crowded = try deliveryTimes(stack, sandbox, run: "crowded")
      print(
        "fairness: delivery among 997 channels, p50 and p99: \(calm.p50), \(calm.p99) ms calm;"
          + " \(crowded.p50), \(crowded.p99) ms beside a backlog of 100,000 and a dead provider:"
          + " \(crowded.p99 / calm.p99) times")
      #expect(crowded.p99 < max(calm.p99 * 5, 500))
    }

    /// Posts 2,000 webhooks at 100 a second, and compares when each was acknowledged with when it
    /// arrived. Milliseconds.
    private func deliveryTimes(
      _ stack: Stack, _ sandbox: Sandbox, run: String
    ) throws -> (p50: Double, p99: Double) {
      let posted = Mutex<[String: UInt64]>([:])
      let (threads, each) = (4, 500)
      let base = stack.base
      let failures = Background(threads: threads) { thread in
        let sender = try WebhookSender(base: base)
        var mine: [String: UInt64] = [:]
        let start = Date()
        for number in 0..<each {
          let text = "\(run)-\(thread)-\(number)"
          let channel = "c\((thread * each + number) % 997)"
          mine[text] = SystemClocks().boot
          try sender.post(channel, id: text, contact: number)
          let early = start.addingTimeInterval(Double(number + 1) / 25).timeIntervalSinceNow
          if early > 0 { usleep(UInt32(early * 1e6)) }  // The rate, not a wait for something.
        }
        posted.withLock { $0.merge(mine) { $1 } }
      }.wait()
      #expect(failures.isEmpty, "\(failures)")
      let expected = posted.withLock { $0 }
      var times: [Double] = []
      for number in 0..<997 {
        let channel = "c\(number)"
        let mine = try eventually { () -> [JSON]? in
          let arrivals = try sandbox.arrivals(on: channel).filter {
            $0["text"]?.string?.hasPrefix(run) == true
          }
          return arrivals.count >= (number < 2_000 - 997 * 2 ? 3 : 2) ? arrivals : nil
        }
        for arrival in mine ?? [] {
          guard let text = arrival["text"]?.string, let at = expected[text] else { continue }
          times.append(Double(arrival["boot"]!.integer! - Int64(at)) / 1e6)
        }
      }
      #expect(times.count == 2_000)
      times.sort()
      return (times[times.count / 2], times[times.count * 99 / 100])
    }
  }
}

/// The platform, calling `/message` on a connection of its own. Belongs to one thread.
final class PlatformCaller {
  private let url: String
  private let client: CurlClient

  init(base: String, channel: String = "demo") throws {
    url = "\(base)/sluice/\(channel)/message"
    client = try CurlClient(clocks: SystemClocks())
  }

  func send(_ text: String, to contact: String) throws {
    let call = HTTPCall(
      url: url,
      headers: [
        ("authorization", "Bearer \(Stack.token)"), ("content-type", "application/json"),
      ], body: Stack.text(text, to: contact).bytes)
    switch client.perform(call, timeout: 30) {
    case .answered(let response) where response.status == 200: return
    case let result: throw NotAcknowledged(result: result)
    }
  }
}
