import Foundation
import SluiceCore
import Testing

extension EndToEnd.FaultTests {
  /// What an operator does on a working day: no request may fail of it.
  @Suite(.serialized) struct Restart {
    private static func options() -> Stack.Options {
      var options = Stack.Options()
      options.platform = "limit_per_second = 100000\nretry_base_seconds = 0.1"
      options.sandbox = "limit_per_second = 1000000"
      return options
    }

    @Test("nginx reloaded under load: no request fails")
    func reloadsNginx() throws {
      let stack = try Stack(Self.options())
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 60)
      let outbound = OutboundLoad(stack, perSecond: 60)
      for _ in 0..<4 {
        #expect(inbound.more(20) == true)
        let old = stack.nginxWorkers()
        stack.reload()
        let isNew = eventually(within: 60) {
          stack.nginxWorkers().subtracting(old).count >= stack.options.nginxWorkers ? true : nil
        }
        #expect(isNew == true)
        #expect(inbound.more(20) == true)
        #expect(outbound.more(20) == true)
      }
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      print("nginx reloaded 4 times, inbound: \(inwards)")
      print("nginx reloaded 4 times, outbound: \(outwards)")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(inwards.refused == 0 && outwards.refused == 0)
      #expect(inwards.repeated == 0 && outwards.repeated == 0)
    }

    enum Way: String, CaseIterable {
      /// The new process serves the socket before the old one is asked to stop.
      case overlapping = "the next one first"
      /// A supervisor's way: requests wait at the socket, which the supervisor holds.
      case oneAfterAnother = "one after another"
    }

    @Test(
      "every program restarted under load, the socket held open: no request fails",
      arguments: Way.allCases)
    func rollsRestart(_ way: Way) throws {
      let stack = try Stack(Self.options())
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 60)
      let outbound = OutboundLoad(stack, perSecond: 60)
      var restarts = 0
      for round in 0..<2 {
        for kind in ["inbound", "outbound", "status", "relay"] {
          #expect(inbound.more(10) == true)
          let old = stack["\(kind)-\(way == .overlapping ? round : 0)"]
          if way == .overlapping { try stack.start(kind, round + 1) }
          #expect(old.stop() == 0)
          if way == .oneAfterAnother { try stack.start(kind) }
          restarts += 1
          #expect(inbound.more(10) == true)
          #expect(outbound.more(10) == true)
        }
      }
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      print("\(restarts) restarts, \(way.rawValue), inbound: \(inwards)")
      print("\(restarts) restarts, \(way.rawValue), outbound: \(outwards)")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(inwards.refused == 0 && outwards.refused == 0)
      #expect(inwards.repeated == 0 && outwards.repeated == 0)
      #expect(try sandbox.attempts(on: "demo").allSatisfy { $0["answer"]?.integer == 200 })
    }
  }
}
