import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// The limit, at the receiver: the sandbox notes when each request arrived.
  @Suite(.serialized) struct LimitTests {
    @Test("600 waiting events, four relays and the handlers: never over 20 a second, and near it")
    func oneChannel() throws {
      var options = Stack.Options()
      options.relays = 0
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      // Nobody carries while the backlog builds up; then everybody does.
      try fill(stack, channels: ["demo"], each: 600)
      try stack.changeSettings("[server]", "[server]\ncarry = \"handlers\"")
      stack["inbound-0"].stop()
      try stack.start("inbound")
      for number in 0..<4 { try stack.start("relay", number) }
      let drained = try eventually(within: 90, every: 0.5) {
        // Handlers carry too, whenever one is called.
        _ = try? post(stack, "demo", id: UUID().uuidString, contact: 9_999_999)
        return try sandbox.taken(on: "demo") >= 600 ? true : nil
      }
      #expect(drained == true, "\(stack.logs().suffix(2_000))")
      try check(sandbox, channels: ["demo"], minimumRate: 17)
    }

    @Test("50 channels at once, each at its own limit")
    func manyChannels() throws {
      var options = Stack.Options()
      options.channels = (0..<50).map { "channel-\($0)" }
      options.relays = 0
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try fill(stack, channels: options.channels, each: 120)
      for number in 0..<4 { try stack.start("relay", number) }
      let drained = try eventually(within: 60, every: 0.5) {
        let summary = try sandbox.summary()
        let counts = options.channels.map { summary["channels"]?[$0]?["mIds"]?.integer ?? 0 }
        return counts.allSatisfy { $0 >= 120 } ? true : nil
      }
      #expect(drained == true, "\(stack.logs().suffix(2_000))")
      try check(sandbox, channels: options.channels, minimumRate: 17)
    }

    private func check(_ sandbox: Sandbox, channels: [String], minimumRate: Double) throws {
      var (most, slowest) = (0, Double.infinity)
      for channel in channels {
        let times = Set(try sandbox.arrivals(on: channel).map { Arrived($0) })
          .sorted { $0.boot < $1.boot }
        #expect(times.allSatisfy { $0.answer != 429 }, "\(channel) was told to slow down")
        var first = 0
        for index in times.indices {
          while times[index].boot - times[first].boot >= 1_000_000_000 { first += 1 }
          most = max(most, index - first + 1)
        }
        let seconds = Double(times[times.count - 1].boot - times[0].boot) / 1e9
        slowest = min(slowest, Double(times.count - 1) / seconds)
      }
      print(
        "limit: at most \(most) in any second, the slowest of \(channels.count) drained at \(slowest)/s"
      )
      #expect(most <= 20)
      // Guards against slots that go to waste. On a machine of its own it is 19.3 or better.
      #expect(slowest >= minimumRate)
    }

    private struct Arrived: Hashable {
      let boot: Int64
      let request: Int64
      let answer: Int64

      init(_ json: JSON) {
        boot = json["boot"]?.integer ?? 0
        request = json["request"]?.integer ?? 0
        answer = json["answer"]?.integer ?? 0
      }
    }
  }
}

/// Posts signed webhooks until each channel has as many messages, each from a contact of its own.
func fill(_ stack: Stack, channels: [String], each: Int) throws {
  let base = stack.base
  let failures = concurrently(threads: 8) { thread in
    let sender = try WebhookSender(base: base)
    for number in stride(from: thread, to: each, by: 8) {
      for channel in channels {
        try sender.post(channel, id: "\(channel)-\(number)", contact: number)
      }
    }
  }
  #expect(failures.isEmpty, "\(failures.prefix(3))")
}

func post(
  _ stack: Stack, _ channel: String, id: String, contact: Int, text: String? = nil
) throws {
  try WebhookSender(base: stack.base).post(channel, id: id, contact: contact, text: text)
}
