import Logging
import SluiceCore
import SluiceServices
import SluiceStore
import SluiceTesting
import Testing

/// A carrier whose calls a test answers, with clocks that only move when it waits.
final class CarrierBench {
  let directory = TemporaryDirectory()
  let clocks = ManualClocks()
  let settings: Settings
  let ledger: any Ledger
  let limiter: SharedBuckets
  let status: SharedStatus
  let context: ServiceContext
  let transport: FakeTransport
  let carrier: Carrier
  private var random = SplitMix64(seed: 1)
  private var contacts = 0

  /// - Parameter ledger: That of another bench, as after a change of the settings.
  init(
    _ text: SettingsText = SettingsText(), ledger: (any Ledger)? = nil,
    log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  ) throws {
    settings = try text.load(in: directory)
    self.ledger =
      try ledger
      ?? SQLiteLedger(directory: directory.path + "/state", policy: settings.ledgerPolicy)
    let segment = try CurrentSegment(
      path: settings.server.sharedMemory, stateDirectory: settings.server.stateDirectory,
      now: clocks.boot)
    limiter = SharedBuckets(segment)
    status = SharedStatus(settings.server, clocks: clocks)
    transport = FakeTransport(clocks)
    context = ServiceContext(
      settings: settings, ledger: self.ledger, limiter: limiter, clocks: clocks,
      log: log, meters: SharedMeters(segment, clocks: clocks))
    carrier = Carrier(context: context, transport: transport, random: SplitMix64(seed: 2))
    clocks.advance(milliseconds: 1_000)  // A fresh segment admits nothing for its first second.
  }

  /// Lets the carrier work for that long, by its own clocks.
  func run(milliseconds: Int64) throws {
    let end = clocks.boot + UInt64(milliseconds) * 1_000_000
    var rounds = 0
    while clocks.boot < end {
      rounds += 1
      try #require(rounds < 20_000, "the carrier spins")
      let next = try carrier.pass()
      carrier.take(transport.wait(until: min(next, end), waking: []))
    }
  }

  /// Messages of so many contacts.
  func receive(_ count: Int, on channel: String = "sms") throws {
    for _ in 0..<count {
      contacts += 1
      let message = InboundMessage(
        externalID: "m\(contacts)", contact: try ContactID("+6010\(1_000_000 + contacts)"),
        content: .text("\(contacts)"))
      _ = try ledger.record(
        WebhookRecord(
          channel: ChannelName(channel)!, receivedAt: clocks.wall, contentType: nil,
          body: Array("\(contacts)".utf8),
          events: [
            (.message(message), MessageID(milliseconds: clocks.wall, using: &random))
          ]))
    }
  }

  /// Messages to so many contacts.
  func send(_ count: Int, on channel: String = "sms") throws {
    for _ in 0..<count {
      contacts += 1
      _ = try ledger.enqueue(
        OutboundMessage(
          id: MessageID(milliseconds: clocks.wall, using: &random), channel: ChannelName(channel)!,
          contact: try ContactID("+6010\(1_000_000 + contacts)"), content: .text("\(contacts)"),
          parts: [.text("\(contacts)")], createdAt: clocks.wall), leasingFor: nil)
    }
  }

  func queued(_ queue: Queue, on channel: String = "sms") throws -> Int {
    try ledger.backlog().first { $0.channel.description == channel && $0.queue == queue }?.queued
      ?? 0
  }

  func letters() throws -> [DeadLetter] {
    try ledger.deadLetters(DeadLetterFilter(), limit: 1_000)
  }
}

/// Calls that end as a test says, after as long as it says.
final class FakeTransport: CallTransport {
  struct Begun {
    let call: HTTPCall
    let at: UInt64
  }

  /// How a call ends, and milliseconds until then; `nil` never.
  var answer: (HTTPCall) -> (CallResult, after: Int64)? = { _ in
    (.answered(HTTPResponse(status: 200, body: Array(#"{"id":"sb-1"}"#.utf8))), 10)
  }
  /// Milliseconds until a call that was begun leaves.
  var connecting: Int64 = 0
  /// Calls made, in their order.
  private(set) var begun: [Begun] = []
  /// Waits that were asked to end at once.
  private(set) var idleWaits = 0
  private var leaving: [(at: UInt64, departure: () -> Bool)] = []
  private var pending: [(ticket: UInt64, result: CallResult?, at: UInt64)] = []
  private let clocks: ManualClocks

  init(_ clocks: ManualClocks) { self.clocks = clocks }

  /// Milliseconds, by the calls' departure, since `start`.
  func departures(since start: UInt64) -> [Int64] {
    begun.filter { $0.at >= start }.map { Int64(($0.at - start) / 1_000_000) }
  }

  func begin(
    _ call: HTTPCall, ticket: UInt64, timeout: Double, departure: @escaping () -> Bool
  ) {
    begun.append(Begun(call: call, at: clocks.boot))
    let leaves = clocks.boot + UInt64(connecting) * 1_000_000
    if connecting == 0 { _ = departure() } else { leaving.append((leaves, departure)) }
    let end = answer(call)
    pending.append((ticket, end?.0, end.map { leaves + UInt64($0.after) * 1_000_000 } ?? .max))
  }

  var underWay: Int { pending.count }

  func wait(
    until time: UInt64, waking descriptors: [Int32]
  ) -> [(ticket: UInt64, result: CallResult)] {
    let target = min(time, (pending.map(\.at) + leaving.map(\.at)).min() ?? .max)
    if target > clocks.boot {
      clocks.advance(milliseconds: Int64((target - clocks.boot + 999_999) / 1_000_000))
    } else if time <= clocks.boot {
      idleWaits += 1
      precondition(idleWaits < 1_000_000, "the carrier spins")
    }
    let now = clocks.boot
    let left = leaving.filter { $0.at <= now }
    leaving.removeAll { $0.at <= now }
    for call in left { _ = call.departure() }
    let ended = pending.filter { $0.at <= now }
    pending.removeAll { $0.at <= now }
    return ended.compactMap { call in call.result.map { (call.ticket, $0) } }
  }
}
