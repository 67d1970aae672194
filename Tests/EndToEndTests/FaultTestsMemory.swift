import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd.FaultTests {
  /// The shared segment, which holds the rate limits.
  @Suite(.serialized) struct SharedMemory {
    @Test("segment deleted, cut short, or overwritten: nobody crashes, and the limit still holds")
    func damagedSegment() throws {
      var options = Stack.Options()
      options.relays = 0
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      let path = stack.segmentPath
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      var random = SplitMix64(seed: 5)
      let damages: [(label: String, act: () throws -> Void)] = [
        ("deleted", { unlink(path) }),
        ("cut to nothing", { truncate(path, 0) }),
        ("cut in half", { truncate(path, off_t(size / 2)) }),
        ("zeroed", { try overwrite(path, from: 0, with: Data(count: size)) }),
        ("garbage", { try overwrite(path, from: 0, with: garbage(size, &random)) }),
        // Behind the header, where nobody can tell.
        (
          "garbage lines",
          { try overwrite(path, from: 4_096, with: garbage(size - 4_096, &random)) }
        ),
        (
          "a directory in its place",
          {
            unlink(path)
            mkdir(path, 0o700)
          }
        ),
        ("the directory gone", { rmdir(path) }),
      ]
      let load = InboundLoad(stack, perSecond: 5)
      // So that there is always something that waits for its slot.
      try fill(stack, channels: ["demo"], each: 100)
      for number in 0..<3 { try stack.start("relay", number) }
      for (label, act) in damages {
        if label == "the directory gone" {
          // Before, nothing leaves, and everything is taken.
          #expect(load.more(10) == true)
        } else {
          let before = try sandbox.taken(on: "demo")
          let isMoving = try eventually(within: 60, every: 0.05) {
            try sandbox.taken(on: "demo") > before + 12 ? true : nil
          }
          #expect(isMoving == true, "before \(label): \(stack.logs().suffix(2_000))")
        }
        try act()
      }
      let tally = try load.settle(sandbox, within: 120)
      let totals = try sandbox.totals()
      print("damaged segment: \(tally); at most \(totals.busiestSecond) calls in any second")
      #expect(tally.lost == 0)
      #expect(tally.disordered.isEmpty)
      #expect(totals.busiestSecond <= 20)
      for (name, program) in stack.programs { #expect(program.isRunning, "\(name) died") }
    }

    private func overwrite(_ path: String, from offset: UInt64, with data: Data) throws {
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.seek(toOffset: offset)
      try file.write(contentsOf: data)
      try file.close()
    }

    private func garbage(_ count: Int, _ random: inout SplitMix64) -> Data {
      var data = Data(capacity: count)
      for _ in 0..<(count / 8) {
        withUnsafeBytes(of: random.next()) { data.append(contentsOf: $0) }
      }
      return data
    }
  }
}
