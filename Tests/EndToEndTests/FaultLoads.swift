import Foundation
import SluiceCore
import SluiceHTTP
import SluiceTesting
import Synchronization
import Testing

/// What a fault test counts, and the one line it prints.
struct Tally: CustomStringConvertible {
  var acknowledged = 0
  var delivered = 0
  /// Reported to the platform as failed, or as not known.
  var reported = 0
  var repeated = 0
  var refused = 0
  var lost = 0
  /// Contacts whose messages came in another order than they were acknowledged in.
  var disordered: [String] = []

  var description: String {
    "\(acknowledged) acknowledged, \(delivered) delivered,"
      + (reported > 0 ? " \(reported) reported failed," : "")
      + " \(repeated) repeated, \(refused) refused, \(lost) lost"
  }
}

/// Goes on until it is told to stop, and counts.
protocol Load: Sendable {
  var acknowledged: Int { get }
  var refused: Int { get }
}

extension Load {
  /// Goes on until `count` more are acknowledged; `nil` if that does not happen.
  func more(_ count: Int, within seconds: Double = 60) -> Bool? {
    let goal = acknowledged + count
    return eventually(within: seconds) { acknowledged >= goal ? true : nil }
  }

  /// Goes on until `count` more are refused.
  func moreRefused(_ count: Int, within seconds: Double = 60) -> Bool? {
    let goal = refused + count
    return eventually(within: seconds) { refused >= goal ? true : nil }
  }
}

/// A provider that posts webhooks until it is told to stop, each again and again with the same ID
/// until it is acknowledged. Each thread owns its contacts, so that the order in which a contact's
/// messages were acknowledged is known.
final class InboundLoad: Load {
  private struct State {
    var acknowledged: [String: [String]] = [:]
    var count = 0
    var refused = 0
    var isOver = false
  }

  private final class Shared: Sendable { let state = Mutex(State()) }

  private let channel: String
  private let shared = Shared()
  private nonisolated(unsafe) let background: Background  // Waited for by whoever stops the load.

  /// - Parameter filler: Follows each text.
  init(
    _ stack: Stack, channel: String = "demo", threads: Int = 4, perSecond: Double = 100,
    filler: String = ""
  ) {
    self.channel = channel
    let (base, shared) = (stack.base, shared)
    background = Background(threads: threads) { thread in
      let sender = try WebhookSender(base: base)
      let start = Date()
      var number = 0
      while !shared.state.withLock({ $0.isOver }) {
        let contact = thread * 100 + number % 10
        let id = "\(channel)-\(thread)-\(number)"
        let tries = try eventually(within: 90, every: 0.02) { () throws -> Bool? in
          do {
            try sender.post(channel, id: id, contact: contact, text: id + filler)
            return true
          } catch is NotAcknowledged {
            shared.state.withLock { $0.refused += 1 }
            return nil
          }
        }
        guard tries == true else { throw StackError("\(id) was refused for 90 seconds") }
        shared.state.withLock {
          $0.acknowledged["+60\(10_000_000 + contact)", default: []].append(id)
          $0.count += 1
        }
        number += 1
        let early = start.addingTimeInterval(Double(number) / (perSecond / Double(threads)))
          .timeIntervalSinceNow
        if early > 0 { Thread.sleep(forTimeInterval: early) }
      }
    }
  }

  var acknowledged: Int { shared.state.withLock { $0.count } }
  var refused: Int { shared.state.withLock { $0.refused } }

  /// Ends the load, waits until the platform has all that was acknowledged, and counts.
  func settle(_ sandbox: Sandbox, within seconds: Double = 90) throws -> Tally {
    shared.state.withLock { $0.isOver = true }
    let failures = background.wait()
    #expect(failures.isEmpty, "\(failures)")
    let expected = shared.state.withLock { $0.acknowledged }
    var tally = Tally()
    _ = try eventually(within: seconds, every: 0.25) { () throws -> Bool? in
      guard try sandbox.taken(on: channel) >= acknowledged else { return nil }
      tally = try count(expected, sandbox)
      return tally.lost == 0 ? true : nil
    }
    if tally.lost > 0 || tally.acknowledged == 0 { tally = try count(expected, sandbox) }
    return tally
  }

  private func count(_ expected: [String: [String]], _ sandbox: Sandbox) throws -> Tally {
    var tally = Tally()
    let arrived = try sandbox.texts(on: channel)
    for (contact, expected) in expected {
      let texts = (arrived[contact] ?? []).map { String($0.prefix { $0 != " " }) }
      let there = Set(texts)
      let mine = Set(expected)
      let delivered = expected.filter(there.contains)
      tally.acknowledged += expected.count
      tally.delivered += delivered.count
      tally.lost += expected.count - delivered.count
      if texts.filter(mine.contains) != delivered { tally.disordered.append(contact) }
    }
    tally.repeated = try sandbox.totals(on: channel).repeats
    tally.refused = refused
    return tally
  }
}

/// A platform that calls `/message` until it is told to stop, each message once: what is refused is
/// the agent's to send again.
final class OutboundLoad: Load {
  private struct State {
    var acknowledged: [String: [(mId: String, text: String)]] = [:]
    var count = 0
    var refused = 0
    var isOver = false
  }

  private final class Shared: Sendable { let state = Mutex(State()) }

  private let channel: String
  private let shared = Shared()
  private nonisolated(unsafe) let background: Background  // Waited for by whoever stops the load.

  init(_ stack: Stack, channel: String = "demo", threads: Int = 4, perSecond: Double = 100) {
    self.channel = channel
    let (base, shared) = (stack.base, shared)
    background = Background(threads: threads) { thread in
      let client = try CurlClient(clocks: SystemClocks())
      let start = Date()
      var number = 0
      while !shared.state.withLock({ $0.isOver }) {
        let contact = "+601\(1_000_000 + thread * 100 + number % 10)"
        let text = "\(channel)-\(thread)-\(number)"
        let mId = Self.post(text, to: contact, channel: channel, base: base, by: client)
        shared.state.withLock {
          if let mId {
            $0.acknowledged[contact, default: []].append((mId, text))
            $0.count += 1
          } else {
            $0.refused += 1
          }
        }
        number += 1
        let early = start.addingTimeInterval(Double(number) / (perSecond / Double(threads)))
          .timeIntervalSinceNow
        if early > 0 { Thread.sleep(forTimeInterval: early) }
      }
    }
  }

  /// - Returns: The mId, if it is acknowledged.
  private static func post(
    _ text: String, to contact: String, channel: String, base: String, by client: CurlClient
  ) -> String? {
    // Without `close`, a web server that goes away between two requests is not its own fault.
    let call = HTTPCall(
      url: base + "/sluice/\(channel)/message",
      headers: [
        ("authorization", "Bearer \(Stack.token)"), ("content-type", "application/json"),
        ("connection", "close"),
      ], body: Stack.text(text, to: contact).bytes)
    guard case .answered(let response) = client.perform(call, timeout: 60), response.status == 200
    else { return nil }
    return try? JSONReader.read(response.body)["mId"]?.string
  }

  var acknowledged: Int { shared.state.withLock { $0.count } }
  var refused: Int { shared.state.withLock { $0.refused } }

  func stop() {
    let wasOver = shared.state.withLock { state in
      defer { state.isOver = true }
      return state.isOver
    }
    guard !wasOver else { return }
    let failures = background.wait()
    #expect(failures.isEmpty, "\(failures)")
  }

  /// Ends the load, waits until each acknowledged message is on the phone or reported as failed, and
  /// counts. The platform's end has to take statuses of any mId (``Sandbox/learnAny(channel:)``).
  func settle(_ sandbox: Sandbox, within seconds: Double = 90) throws -> Tally {
    stop()
    let acknowledged = shared.state.withLock { $0.acknowledged }
    var tally = Tally()
    _ = try eventually(within: seconds, every: 0.25) { () throws -> Bool? in
      tally = try count(acknowledged, sandbox)
      return tally.lost == 0 ? true : nil
    }
    return tally
  }

  private func count(
    _ acknowledged: [String: [(mId: String, text: String)]], _ sandbox: Sandbox
  ) throws -> Tally {
    var tally = Tally()
    var onPhone: [String: [String]] = [:]
    for message in try sandbox.messages(on: channel) {
      onPhone[message.to, default: []].append(message.text)
    }
    let failed = Set(
      try sandbox.arrivals(on: channel)
        .filter { $0["status"]?.string == "failed" }.compactMap { $0["mId"]?.string })
    for (contact, messages) in acknowledged {
      let texts = onPhone[contact] ?? []
      let there = Set(texts)
      let mine = Set(messages.map(\.text))
      let delivered = messages.filter { there.contains($0.text) }
      let reported = messages.filter { !there.contains($0.text) && failed.contains($0.mId) }
      tally.acknowledged += messages.count
      tally.delivered += delivered.count
      tally.reported += reported.count
      tally.lost += messages.count - delivered.count - reported.count
      if texts.filter(mine.contains) != delivered.map(\.text) {
        tally.disordered.append(contact)
      }
    }
    tally.repeated = try sandbox.phoneCounts(on: channel).doubles
    tally.refused = refused
    return tally
  }
}
