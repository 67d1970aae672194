import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// The real programs behind a real nginx, and what breaks in practice. In each test nothing that
  /// was acknowledged may be lost; `Documentation.docc/Faults.md` has the table.
  @Suite(.serialized) enum FaultTests {}
}

extension EndToEnd.FaultTests {
  /// Programs that are killed, or stand still.
  @Suite(.serialized) struct Programs {
    @Test("outbound and relays killed at random: each 200 is on the phone once, or reported failed")
    func survivesKills() throws {
      let seconds = 12.0
      // What a provider may be like: it recognises repeats; it can be asked; neither of them; or it
      // says that it recognises repeats, and does not.
      let channels = ["keys", "asked", "silent", "forgetful"]
      var options = Stack.Options()
      options.channels = channels
      options.accounts = [
        "asked": "idempotent = false", "silent": "idempotent = false\nlookup = false",
      ]
      options.account = "timeout_seconds = 2"
      options.channel = "unknown_wait_seconds = 2"
      options.relays = 2
      options.processes = 2
      options.threads = 64
      options.server = "first_attempt_seconds = 0.05"
      options.platform = "limit_per_second = 100000\nretry_base_seconds = 0.1"
      options.relay = "lease_seconds = 3"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      for channel in channels {
        try sandbox.learnAny(channel: channel)
        if channel != "keys" { try sandbox.options(channel: channel, forgetful: true) }
        // The 200 leaves before the provider answers: many calls are under way at a kill.
        try sandbox.delayAnswers(count: nil, milliseconds: 150, channel: channel)
        // And no report tells what has become of them.
        try sandbox.script([], channel: channel)
      }
      let loads = channels.map {
        (channel: $0, load: OutboundLoad(stack, channel: $0, threads: 2, perSecond: 15))
      }
      var random = SplitMix64(seed: 11)
      let victims = [("relay", 0), ("relay", 1), ("outbound", 0), ("outbound", 1)]
      var kills = 0
      let end = Date().addingTimeInterval(seconds)
      while Date() < end {
        Thread.sleep(forTimeInterval: .random(in: 0.05...0.4, using: &random))
        let (kind, number) = victims.randomElement(using: &random)!
        stack["\(kind)-\(number)"].kill9()
        kills += 1
        try stack.start(kind, number)
      }
      for (_, load) in loads { load.stop() }
      for (channel, load) in loads {
        let tally = try load.settle(sandbox)
        print("outbound, \(kills) kills, provider \"\(channel)\": \(tally)")
        #expect(tally.lost == 0, "\(stack.logs().suffix(2_000))")
        #expect(tally.acknowledged > 50)
        #expect(tally.disordered.isEmpty)
        // Shows that calls were under way when their programs were killed.
        #expect((tally.repeated > 0) == (channel == "forgetful"))
        if ["keys", "forgetful"].contains(channel) { #expect(tally.reported == 0) }
      }
    }

    @Test("a relay paused past its leases: its late results are refused, the others go on")
    func fencesPaused() throws {
      var options = Stack.Options()
      options.server = "first_attempt_seconds = 0"
      options.threads = 64
      options.platform = "limit_per_second = 100000\nretry_base_seconds = 0.1"
      options.relay = "lease_seconds = 2"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      // Calls are under way whenever the relay is stopped.
      try sandbox.fault(["target": "platform", "kind": "delay", "milliseconds": 200])
      try sandbox.delayAnswers(count: nil, milliseconds: 200)
      let inbound = InboundLoad(stack, threads: 4, perSecond: 60)
      let outbound = OutboundLoad(stack, threads: 4, perSecond: 60)
      let paused = stack["relay-0"]
      defer { paused.send(SIGCONT) }
      #expect(inbound.more(40) == true)
      #expect(outbound.more(40) == true)
      paused.send(SIGSTOP)
      // Another takes over: the calls that were under way are made once more.
      let repeats = try sandbox.totals().repeats
      let (taken, sent) = (inbound.acknowledged, outbound.acknowledged)
      try stack.start("relay", 1)
      let isCarried = try eventually(within: 60, every: 0.1) { () throws -> Bool? in
        let totals = try sandbox.totals()
        return try totals.repeats > repeats && totals.mIds >= taken
          && sandbox.phoneCounts().messages >= sent ? true : nil
      }
      #expect(isCarried == true, "\(stack.logs().suffix(2_000))")
      paused.send(SIGCONT)
      let isFenced = eventually(within: 60) { fenced(in: paused) > 0 ? true : nil }
      #expect(isFenced == true, "\(stack.logs().suffix(2_000))")
      #expect(inbound.more(40) == true)
      #expect(outbound.more(40) == true)
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      print("a paused relay, \(fenced(in: paused)) results fenced, inbound: \(inwards)")
      print("a paused relay, outbound: \(outwards)")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(outwards.repeated == 0 && outwards.reported == 0)
      #expect(paused.isRunning)
    }

    private func fenced(in program: Program) -> Int {
      let log = (try? String(contentsOfFile: program.log, encoding: .utf8)) ?? ""
      return log.components(separatedBy: "result came after its lease").count - 1
    }
  }
}
