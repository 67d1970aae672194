import Foundation
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

extension EndToEnd {
  /// Nothing acknowledged is lost, in order per contact, while programs are killed again and again.
  @Suite(.serialized) struct NothingLostTests {
    @Test("60 s of 200 webhooks/s, with relays and handlers killed at random")
    func survivesKills() throws {
      let seconds = Double(ProcessInfo.processInfo.environment["SLUICE_KILL_SECONDS"] ?? "60") ?? 60
      var options = Stack.Options()
      options.relays = 2
      options.processes = 2
      options.platform = "limit_per_second = 100000\ntimeout_seconds = 2\nretry_base_seconds = 0.1"
      options.relay = "lease_seconds = 3"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      let base = stack.base

      let isOver = Atomic<Bool>(false)
      let acknowledged = Mutex<[Acknowledged]>([])
      let refused = Atomic<Int>(0)
      let end = Date().addingTimeInterval(seconds)
      let senders = 10
      // Each thread owns its contacts, so that the order in which it was acknowledged is theirs.
      let sending = Background(threads: senders) { thread in
        let sender = try WebhookSender(base: base)
        var number = 0
        var mine: [Acknowledged] = []
        let start = Date()
        while Date() < end {
          let contact = thread * 100 + number % 20
          let id = "\(thread)-\(number)"
          // A provider repeats until it is acknowledged, with the same ID.
          while (try? sender.post("demo", id: id, contact: contact)) == nil {
            refused.add(1, ordering: .relaxed)
            usleep(5_000)
          }
          mine.append(Acknowledged(contact: contact, text: id))
          number += 1
          let due = start.addingTimeInterval(Double(number) / (200 / Double(senders)))
          let early = due.timeIntervalSinceNow
          if early > 0 { usleep(UInt32(early * 1e6)) }
        }
        acknowledged.withLock { $0 += mine }
      }

      var random = SplitMix64(seed: 7)
      let victims = [("relay", 0), ("relay", 1), ("inbound", 0), ("inbound", 1)]
      var kills = 0
      while Date() < end {
        usleep(UInt32.random(in: 50_000...400_000, using: &random))
        let (kind, number) = victims.randomElement(using: &random)!
        stack["\(kind)-\(number)"].kill9()
        kills += 1
        try stack.start(kind, number)
      }
      let failures = sending.wait()
      isOver.store(true, ordering: .relaxed)
      #expect(failures.isEmpty, "\(failures)")

      let all = acknowledged.withLock { $0 }
      let delivered = try eventually(within: 60, every: 0.25) {
        try sandbox.taken(on: "demo") >= all.count ? true : nil
      }
      let summary = try sandbox.summary(texts: true)["channels"]?["demo"]
      let repeats = Int(summary?["repeats"]?.integer ?? -1)
      let arrived = summary?["texts"]?.members ?? []
      var texts: [String: [String]] = [:]
      for member in arrived { texts[member.name] = member.value.array?.compactMap(\.string) }
      let expected = Dictionary(grouping: all) { "+60\(10_000_000 + $0.contact)" }
        .mapValues { $0.map(\.text) }
      let lost = all.count - texts.values.reduce(0) { $0 + $1.count }
      print(
        "nothing lost: \(all.count) acknowledged in \(Int(seconds)) s, \(kills) kills, \(lost) lost,"
          + " \(repeats) repeated (calls in flight at a kill), \(refused.load(ordering: .relaxed)) webhooks"
          + " refused and sent again")
      #expect(delivered == true, "\(stack.logs().suffix(2_000))")
      #expect(lost == 0)
      for (contact, order) in expected { #expect(texts[contact] == order, "\(contact)") }
      // Each kill of a relay can leave the calls in its hands unanswered, and no others.
      #expect(repeats <= kills * 128)
      #expect(try sandbox.violations().isEmpty)
    }

    struct Acknowledged {
      let contact: Int
      let text: String
    }
  }
}
