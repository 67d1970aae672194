import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd.FaultTests {
  /// The ledger's disk and file.
  @Suite(.serialized) struct Storage {
    @Test(
      "disk full: intake is refused, what was taken is delivered from the reserve; space mends it",
      .enabled(if: SmallDisk.isPossible))
    func fullDisk() throws {
      let disk = SmallDisk(kilobytes: 128 << 10)
      var options = Stack.Options()
      options.relays = 0
      options.stateDirectory = disk.path + "/state"
      options.server = "reserve_mb = 32"
      options.platform = "limit_per_second = 100000"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      let rubbish = disk.path + "/rubbish"
      try Data(count: 86 << 20).write(to: URL(fileURLWithPath: rubbish))
      let load = InboundLoad(
        stack, threads: 4, perSecond: 400, filler: " " + String(repeating: "x", count: 6_000))
      #expect(load.moreRefused(20) == true)
      let taken = load.acknowledged
      #expect(taken > 50)
      // Even now somebody can begin to carry, and what was taken is delivered and settled.
      try stack.start("relay", 0)
      let isCarried = try eventually(within: 60, every: 0.1) {
        try sandbox.taken(on: "demo") >= taken ? true : nil
      }
      #expect(isCarried == true, "\(stack.logs().suffix(2_000))")
      let ledger = LedgerProbe(stack)
      #expect(eventually { ledger.count("entry") == 0 ? true : nil } == true)
      #expect(load.moreRefused(20) == true)
      #expect(load.acknowledged == taken)
      unlink(rubbish)
      #expect(load.more(50) == true, "\(stack.logs().suffix(2_000))")
      let tally = try load.settle(sandbox)
      print("disk full: \(tally); \(taken) of them before it was full")
      #expect(tally.lost == 0)
      #expect(tally.disordered.isEmpty)
      for (name, program) in stack.programs { #expect(program.isRunning, "\(name) died") }
    }

    enum Failure: String, CaseIterable { case fsync, write }

    @Test(
      "a disk that fails: no 2xx, the programs end with status 74, and go on once it is mended",
      arguments: Failure.allCases)
    func failingDisk(_ failure: Failure) throws {
      let shim = try FaultShim()
      func fail(_ isFailing: Bool) {
        switch failure {
        case .fsync: shim.failsSyncs = isFailing
        case .write: shim.failsWrites = isFailing
        }
      }
      var options = Stack.Options()
      options.environment = shim.environment
      options.platform = "limit_per_second = 100000\nretry_base_seconds = 0.1"
      options.relay = "lease_seconds = 3"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 60)
      let outbound = OutboundLoad(stack, perSecond: 40)
      #expect(inbound.more(30) == true)
      #expect(outbound.more(20) == true)
      var statuses: [String: [Int32]] = [:]
      // As a supervisor does: what has ended is started again.
      func respawn() throws {
        for kind in ["inbound", "outbound", "relay"] where !stack["\(kind)-0"].isRunning {
          statuses[kind, default: []].append(stack["\(kind)-0"].wait())
          try stack.start(kind)
        }
      }
      func endings(_ kind: String) -> Int { statuses[kind]?.count ?? 0 }
      fail(true)
      let haveEnded = try eventually(within: 60) { () throws -> Bool? in
        try respawn()
        return endings("inbound") > 0 && endings("outbound") > 0 && endings("relay") > 0
          ? true : nil
      }
      #expect(haveEnded == true, "\(statuses)")
      // All that was committed before has been answered by now.
      let (taken, sent, refused) = (inbound.acknowledged, outbound.acknowledged, inbound.refused)
      let areRefused = try eventually(within: 60) { () throws -> Bool? in
        try respawn()
        return endings("inbound") > 2 && endings("outbound") > 2 && inbound.refused > refused
          ? true : nil
      }
      #expect(areRefused == true, "\(statuses)")
      #expect(inbound.acknowledged == taken)
      #expect(outbound.acknowledged == sent)
      fail(false)
      let goesOn = try eventually(within: 60) { () throws -> Bool? in
        try respawn()
        return inbound.acknowledged >= taken + 30 && outbound.acknowledged >= sent + 20 ? true : nil
      }
      #expect(goesOn == true, "\(stack.logs().suffix(2_000))")
      try respawn()
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      print("failing \(failure.rawValue), \(shim.failures) failures, inbound: \(inwards)")
      print("failing \(failure.rawValue), outbound: \(outwards)")
      #expect(Set(statuses.values.joined()) == [74], "\(statuses)")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(outwards.repeated == 0)
    }

    @Test("an outsider holds the ledger under load: 503, then everything goes on")
    func lockedLedger() throws {
      var options = Stack.Options()
      options.platform = "limit_per_second = 100000\nretry_base_seconds = 0.1"
      options.relay = "lease_seconds = 3"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 60)
      let outbound = OutboundLoad(stack, perSecond: 40)
      #expect(inbound.more(30) == true)
      #expect(outbound.more(20) == true)
      let ledger = LedgerProbe(stack)
      ledger.run("BEGIN IMMEDIATE")
      let taken = inbound.acknowledged
      #expect(inbound.moreRefused(1) == true)
      #expect(outbound.moreRefused(1) == true)
      // A commit may have been on its way before the lock.
      #expect(inbound.acknowledged <= taken + 4)
      ledger.run("ROLLBACK")
      #expect(inbound.more(30) == true)
      #expect(outbound.more(20) == true)
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      print("locked ledger, inbound: \(inwards)")
      print("locked ledger, outbound: \(outwards)")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(outwards.repeated == 0)
      for (name, program) in stack.programs { #expect(program.isRunning, "\(name) died") }
    }
  }
}
