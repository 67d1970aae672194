import Foundation
import SluiceCore
import Testing

extension EndToEnd.FaultTests {
  /// The time of day, which anybody may set; the programs' own sense of time is another clock's.
  @Suite(.serialized) struct TimeOfDay {
    @Test("the time of day jumps by hours: deliveries go on, in order, within the limit")
    func stepsClock() throws {
      let shim = try FaultShim()
      var options = Stack.Options()
      options.relays = 2
      options.environment = shim.environment
      options.platform = "retry_base_seconds = 0.1"
      options.relay = "lease_seconds = 3"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      // The phone's statuses would take slots that the messages need.
      try sandbox.script([])
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 15)
      let outbound = OutboundLoad(stack, perSecond: 15)
      var filled = 0
      for step in [5, 0, -7, 3] {
        // Some wait for another attempt when it happens, some for their slot, some are under way.
        try sandbox.fault(["target": "platform", "kind": "status", "status": 503, "count": 2])
        #expect(inbound.more(20) == true)
        #expect(outbound.more(20) == true)
        if step == -7 {
          // More than any relay has leased by then.
          filled = 100
          try fill(stack, channels: ["demo"], each: filled)
        }
        shim.clockStep = step
        let taken = inbound.acknowledged + filled
        let isCarried = try eventually(within: 60, every: 0.1) {
          try sandbox.taken(on: "demo") >= taken ? true : nil
        }
        #expect(isCarried == true, "stepped to \(step) h: \(stack.logs().suffix(2_000))")
      }
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      let busiest = try sandbox.totals().busiestSecond
      print("stepped clock, inbound: \(inwards); at most \(busiest) calls in any second")
      print("stepped clock, outbound: \(outwards)")
      #expect(shim.timeReads > 1_000, "the programs do not ask the shim for the time")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(outwards.repeated == 0 && outwards.reported == 0)
      #expect(busiest <= 20)
    }

    @Test("stepped back by hours while nobody carries: what waits is carried soon all the same")
    func stepsBackAtRest() throws {
      let shim = try FaultShim()
      var options = Stack.Options()
      options.relays = 0
      options.environment = shim.environment
      options.server = "first_attempt_seconds = 0"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 100)
      let outbound = OutboundLoad(stack, perSecond: 100)
      #expect(inbound.more(20) == true)
      #expect(outbound.more(20) == true)
      outbound.stop()
      shim.clockStep = -6
      try stack.start("relay", 0)
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      print("stepped back at rest, inbound: \(inwards)")
      print("stepped back at rest, outbound: \(outwards)")
      #expect(inwards.lost == 0 && outwards.lost == 0, "\(stack.logs().suffix(2_000))")
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
    }
  }
}
