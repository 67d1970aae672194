import Foundation
import Glibc
import SluiceCore
import Testing

extension EndToEnd.FaultTests {
  /// Platform and provider that answer late, half, or not at all.
  @Suite(.serialized) struct Upstream {
    @Test("answers that come after the time-out: repeated with the same key, once on the phone")
    func lateAnswers() throws {
      var options = Stack.Options()
      options.platform =
        "limit_per_second = 100000\ntimeout_seconds = 0.5\nretry_base_seconds = 0.1"
      options.account = "timeout_seconds = 0.5"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let inbound = InboundLoad(stack, perSecond: 40)
      let outbound = OutboundLoad(stack, perSecond: 40)
      for _ in 0..<3 {
        try sandbox.fault(
          ["target": "platform", "kind": "delay", "milliseconds": 1_500, "count": 1])
        try sandbox.delayAnswers(count: 1, milliseconds: 1_500)
        #expect(inbound.more(30) == true)
        #expect(outbound.more(30) == true)
      }
      let (inwards, outwards) = (try inbound.settle(sandbox), try outbound.settle(sandbox))
      let ledger = LedgerProbe(stack)
      let unknown = ledger.count("attempt", where: "outcome = 3 AND queue = 0")
      print("late answers, inbound: \(inwards)")
      print("late answers, outbound: \(outwards); \(unknown) attempts with unknown outcome")
      #expect(inwards.lost == 0 && outwards.lost == 0)
      #expect(inwards.disordered.isEmpty && outwards.disordered.isEmpty)
      #expect(inwards.repeated > 0 && unknown > 0)
      #expect(outwards.repeated == 0 && outwards.reported == 0 && outwards.refused == 0)
    }

    struct Row: Sendable {
      let label: String
      let manner: FakeUpstream.Manner?
      /// ``AttemptRecord/Outcome``.
      let outcome: AttemptRecord.Outcome
    }

    static let rows = [
      Row(label: "connection refused", manner: nil, outcome: .deferred),
      Row(label: "never answers", manner: .silent, outcome: .unknown),
      Row(label: "closes in the middle of its answer", manner: .cut, outcome: .unknown),
    ]

    @Test(
      "an upstream that is not well: deferred if nothing left, unknown if it may have",
      arguments: rows)
    func brokenUpstream(_ row: Row) throws {
      let upstream = try row.manner.map(FakeUpstream.init)
      let refusing = try FakeUpstream.bound()
      defer { close(refusing.descriptor) }
      let port = upstream?.port ?? refusing.port
      var options = Stack.Options()
      options.channels = ["keys", "silent"]
      options.accounts = ["silent": "idempotent = false\nlookup = false"]
      options.account = "timeout_seconds = 0.5"
      options.channel = "unknown_wait_seconds = 1"
      options.platform =
        "limit_per_second = 100000\ntimeout_seconds = 0.5\nretry_base_seconds = 0.1"
      options.server = "first_attempt_seconds = 0"
      options.sandbox = "limit_per_second = 1000000"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      for channel in options.channels { try sandbox.learnAny(channel: channel) }
      try sandbox.options(channel: "silent", forgetful: true)
      // Both far ends are the broken one for the relay, and for nobody else.
      stack["relay-0"].stop()
      try stack.changeSettings(":\(stack.port)/sandbox/", ":\(port)/sandbox/")
      try stack.start("relay")
      let ledger = LedgerProbe(stack)
      var expected: [String: [String]] = [:]
      for number in 0..<3 {
        for channel in options.channels {
          let text = "\(channel)-\(number)"
          let response = stack.message(
            Stack.text(text, to: "+6012345678\(number)"), channel: channel)
          #expect(response?.status == 200)
          try post(stack, channel, id: text, contact: number)
          expected[channel, default: []].append(text)
        }
      }
      // Calls that did not get as far as leaving are deferred. But one of each queue has left, whatever
      // the breaker says.
      let outcome = row.outcome.rawValue
      let haveLeft = eventually(within: 60) { () -> Bool? in
        let silent = "message IN (SELECT id FROM message WHERE channel = 'silent')"
        let counts = [0, 1].map {
          ledger.count("attempt", where: "queue = \($0) AND outcome = \(outcome)")
        }
        let asked = ledger.count(
          "attempt", where: "queue = 0 AND outcome = \(outcome) AND \(silent)")
        return counts.allSatisfy { $0 > 0 } && asked > 0 ? true : nil
      }
      #expect(haveLeft == true, "\(stack.logs().suffix(2_000))")
      let others = AttemptRecord.Outcome.deferred.rawValue
      #expect(ledger.count("attempt", where: "outcome NOT IN (\(outcome), \(others))") == 0)
      if let upstream { #expect(upstream.calls > 0) }
      // It gets well.
      stack["relay-0"].stop()
      try stack.changeSettings(":\(port)/sandbox/", ":\(stack.port)/sandbox/")
      unlink(stack.segmentPath)  // And the breakers need not be waited for.
      try stack.start("relay")
      var (delivered, reported, doubles, lost) = (0, 0, 0, 0)
      for channel in options.channels {
        let texts = expected[channel]!
        _ =
          try eventually(within: 60, every: 0.1) {
            let phone = Set(try sandbox.messages(on: channel).map(\.text))
            let arrivals = try sandbox.arrivals(on: channel)
            let failed = arrivals.count { $0["status"]?.string == "failed" }
            let there = phone.intersection(texts).count
            lost = texts.count - there - failed
            guard lost == 0,
              try Set(sandbox.texts(on: channel).values.joined()).isSuperset(of: texts)
            else { return nil }
            delivered += there + texts.count
            reported += failed
            return true
          } as Bool?
        #expect(lost == 0, "\(channel): \(stack.logs().suffix(2_000))")
        doubles += try sandbox.phoneCounts(on: channel).doubles
      }
      print(
        "upstream, \(row.label): 12 acknowledged, \(delivered) delivered, \(reported) reported failed,"
          + " \(doubles) repeated, 0 refused, \(12 - delivered - reported) lost")
      #expect(delivered + reported == 12)
      #expect(doubles == 0)
      // Only what may have left, to a provider that can tell nothing, is given up.
      #expect((reported > 0) == (row.outcome == .unknown))
    }
  }
}
