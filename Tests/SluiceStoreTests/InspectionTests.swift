import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

/// What people can find out about a ledger.
struct InspectionTests {
  private let bench: LedgerBench
  private let ledger: any InspectableLedger
  private let start: Int64
  private let other = ChannelName("other")

  init() throws {
    bench = try LedgerBench()
    ledger = try #require(bench.ledger as? SQLiteLedger)
    start = bench.start
  }

  // MARK: Trace

  @Test("a message that was accepted a moment ago is found, by whichever of its names")
  func findsWhatIsNotFiled() throws {
    let message = OutboundMessage(
      id: bench.id(), channel: bench.channel, contact: bench.contact, content: .text("hi"),
      parts: [.text("hi")], createdAt: start)
    let isDone = CountingSemaphore()
    ledger.enqueue(message) { _ in isDone.signal() }
    isDone.wait()
    let trace = try #require(try ledger.trace(message.id))
    #expect(trace.message.direction == .outbound)
    #expect(trace.message.contact == bench.contact)
    #expect(trace.waiting.map(\.state) == [.due(at: start)])
    #expect(trace.parts.map(\.status) == [.queued])
    #expect(try names(bench.contact.description) == [message.id])
    #expect(try names("\(message.id)") == [message.id])
    #expect(try ledger.trace(bench.id()) == nil)
  }

  @Test("what was accepted and is not filed is counted, and filed little by little")
  func filesSome() throws {
    let ledger = try #require(bench.ledger as? SQLiteLedger)
    #expect(try ledger.unfiled() == 0 && ledger.fileSome() == 0)
    for _ in 0..<3 {
      let isDone = CountingSemaphore()
      ledger.enqueue(
        OutboundMessage(
          id: bench.id(), channel: bench.channel, contact: bench.contact, content: .text("hi"),
          parts: [.text("hi")], createdAt: start)
      ) { _ in isDone.signal() }
      isDone.wait()
    }
    #expect(try ledger.unfiled() == 3)
    #expect(try ledger.fileSome() > 0)
    #expect(try ledger.unfiled() == 0 && ledger.fileSome() == 0)
    #expect(try ledger.messages(MessageSearch()).messages.count == 3)
  }

  @Test("an outbound message's trace has parts, calls, callbacks, and what is still to be done")
  func tracesOutbound() throws {
    let first = try bench.send("one", "two")
    try bench.settle(first, .retry(at: start + 10), at: start + 5)
    let again = try #require(try bench.lease(.outbound, at: start + 10).first)
    try bench.acknowledge(again, "e1", at: start + 20)
    try bench.report("e1", .delivered, at: start + 30)
    let trace = try #require(try ledger.trace(first.id))
    #expect(trace.parts.map(\.externalID) == ["e1", nil])
    #expect(trace.parts.map(\.status) == [.delivered, .queued])
    #expect(trace.attempts.map(\.part) == [0, 0])
    #expect(trace.attempts.map(\.record.finishedAt) == [start + 5, start + 20])
    #expect(trace.callbacks.map(\.status) == [.delivered])
    #expect(trace.callbacks.map(\.receivedAt) == [start + 30])
    #expect(trace.callbacks.first?.webhook?.body.isEmpty == false)
    #expect(trace.waiting.map(\.part) == [1])
    #expect(trace.reported == nil)
    #expect(try names("e1") == [first.id])
  }

  @Test("an inbound message's trace has its webhook, and what the platform took")
  func tracesInbound() throws {
    try bench.receive("a", at: start)
    let lease = try #require(try bench.lease(.inbound, at: start + 5).first)
    try bench.acknowledge(lease, at: start + 9)
    let trace = try #require(try ledger.trace(lease.id))
    #expect(trace.message.status == .delivered)
    #expect(trace.message.externalID == "a")
    #expect(trace.webhook?.receivedAt == start)
    #expect(trace.waiting.isEmpty)
    #expect(trace.attempts.map(\.queue) == [.inbound])
  }

  @Test("a status that came before the answer to the send keeps its own time and webhook")
  func tracesParked() throws {
    let lease = try bench.send("one")
    try bench.report("e1", .delivered, at: start + 3)
    #expect(try ledger.find("e1", on: nil, limit: 9).messages.isEmpty)
    #expect(try ledger.find("e1", on: bench.channel, limit: 9).parked.map(\.status) == [.delivered])
    try bench.acknowledge(lease, "e1", at: start + 9)
    let trace = try #require(try ledger.trace(lease.id))
    #expect(trace.callbacks.map(\.receivedAt) == [start + 3])
    #expect(trace.callbacks.first?.webhook != nil)
  }

  @Test("what is given up is told with the reason")
  func tracesDead() throws {
    let lease = try bench.send("one")
    try bench.settle(lease, .reject(reason: "Blocked.", reportFailure: true), at: start + 1)
    let trace = try #require(try ledger.trace(lease.id))
    #expect(trace.deadLetters.map(\.reason) == ["Blocked."])
    #expect(trace.message.status == .failed && trace.message.reason == "Blocked.")
    #expect(trace.waiting.map(\.queue) == [.status])
  }

  // MARK: Search

  @Test("messages are found by all that is asked for, newest first, page by page")
  func searches() throws {
    let other = try #require(other)
    for number in 0..<6 {
      try bench.receive(
        "\(number)", from: try bench.contact(number % 2), on: number == 5 ? other : nil,
        at: start + Int64(number))
    }
    let sent = try bench.send("Hello 100%", to: try bench.contact(0), at: start + 6)
    try bench.settle(sent, .reject(reason: "no", reportFailure: false), at: start + 7)
    func texts(_ search: MessageSearch) throws -> [String] {
      try ledger.messages(search).messages.map(Self.text)
    }
    #expect(try texts(MessageSearch()) == ["Hello 100%", "5", "4", "3", "2", "1", "0"])
    #expect(try texts(MessageSearch(channel: other)) == ["5"])
    #expect(try texts(MessageSearch(contact: try bench.contact(1))) == ["5", "3", "1"])
    #expect(
      try texts(MessageSearch(channel: bench.channel, contact: try bench.contact(1))) == ["3", "1"])
    #expect(try texts(MessageSearch(direction: .outbound)) == ["Hello 100%"])
    #expect(try texts(MessageSearch(status: .failed)) == ["Hello 100%"])
    #expect(try texts(MessageSearch(text: "hello")) == ["Hello 100%"])
    #expect(try texts(MessageSearch(text: "0%")) == ["Hello 100%"])
    #expect(try texts(MessageSearch(text: "_")) == [])
    #expect(
      try texts(MessageSearch(createdFrom: start + 2, createdBefore: start + 4)) == ["3", "2"])
    var pages: [[String]] = []
    var search = MessageSearch(channel: bench.channel, limit: 2)
    repeat {
      let page = try ledger.messages(search)
      pages.append(page.messages.map(Self.text))
      search.before = page.next
    } while search.before != nil
    #expect(pages == [["Hello 100%", "4"], ["3", "2"], ["1", "0"]])
    #expect(try ledger.channels() == [other, bench.channel])
  }

  // MARK: What waits

  @Test("a lane's head, what is behind it, and why it waits")
  func showsLanes() throws {
    for id in ["a", "b", "c"] { try bench.receive(id, at: start) }
    try bench.receive("x", from: try bench.contact(2), at: start + 5)
    let head = try #require(try bench.lease(.inbound, at: start + 6, count: 1).first)
    try bench.settle(head, .retry(at: start + 90), at: start + 7)
    let lanes = try ledger.lanes(of: bench.channel, queue: nil, limit: 9)
    #expect(lanes.map(\.head.contact) == [bench.contact, try bench.contact(2)])
    #expect(lanes.map(\.behind) == [2, 0])
    #expect(lanes.map(\.head.state) == [.due(at: start + 90), .due(at: start + 5)])
    #expect(lanes.first?.head.lastAttempt?.detail == "an answer")
    let second = try #require(
      try ledger.messages(MessageSearch(text: "b")).messages.first)
    #expect(try ledger.trace(second.id)?.waiting.map(\.state) == [.behind(head.id)])
    #expect(
      try ledger.overview() == [
        QueueOverview(
          channel: bench.channel, queue: .inbound, queued: 4, unknown: 0, firstDue: start + 5,
          oldestQueued: start)
      ])
  }

  @Test("what was queued first is the oldest, however late it is due, and wherever it stands")
  func findsTheOldest() throws {
    let other = try #require(other)
    try bench.receive("late", at: start)
    let late = try #require(try bench.lease(.inbound, at: start).first)
    #expect(try oldest() == start, "while it is called for the first time")
    try bench.settle(late, .retry(at: start + 3_600_000), at: start + 1)
    for number in 2..<9 {
      try bench.receive("\(number)", from: try bench.contact(number), at: start + Int64(number))
    }
    try bench.receive("elsewhere", on: other, at: start + 50)
    #expect(try oldest() == start)
    #expect(try ledger.overview(of: other).map(\.oldestQueued) == [start + 50])
    #expect(
      try ledger.lanes(of: bench.channel, queue: nil, limit: 1).map(\.head.id) == [late.id])
    let leases = try bench.lease(.inbound, at: start + 3_600_000)
    for lease in leases where lease.id != late.id {
      try bench.settle(lease, .release(at: start + 3_700_000), at: start + 3_600_001)
    }
    #expect(try oldest() == start, "while it is called again")
    let again = try #require(leases.first { $0.id == late.id })
    try bench.acknowledge(again, at: start + 3_600_002)
    #expect(try oldest() == start + 2)
  }

  /// The law: the oldest is that of all heads which is oldest, whatever was done before.
  @Test(arguments: 0..<30 as Range<UInt64>)
  func knowsTheOldest(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var now = start
    for step in 0..<60 {
      now += Int64.random(in: 1...50, using: &random)
      let contact = try bench.contact(Int.random(in: 0..<4, using: &random))
      if Bool.random(using: &random) {
        try bench.receive("\(seed)-\(step)", from: contact, at: now)
        continue
      }
      for lease in try bench.lease(.inbound, at: now, count: 2) {
        if Bool.random(using: &random) {
          try bench.acknowledge(lease, at: now)
        } else {
          let delay = Int64.random(in: 0...90, using: &random)
          try bench.settle(lease, .retry(at: now + delay), at: now)
        }
      }
      let heads = try ledger.lanes(of: bench.channel, queue: .inbound, limit: 99)
      #expect(try oldest() == heads.map(\.head.enqueuedAt).min())
    }
  }

  @Test("which account a call went to, and what waits goes to")
  func tellsAccounts() throws {
    let lease = try bench.send("one")
    try bench.settle(lease, .failOver(at: start), at: start)
    let waiting = try #require(try ledger.trace(lease.id)?.waiting.first)
    #expect(waiting.route == .handedOver)
    let second = try #require(try bench.lease(.outbound, at: start + 1).first)
    try bench.settle(
      second,
      .acknowledge(
        Settlement.Receipt(externalID: Account.fallback.qualified("e1"), checkAt: start + 9_000)),
      at: start + 2)
    let trace = try #require(try ledger.trace(lease.id))
    #expect(trace.attempts.map(\.account) == [.main, .fallback])
    #expect(trace.waiting.map(\.queue) == [.check])
    #expect(trace.waiting.map(\.route) == [.boundToFallback], "a question goes to who sent")
  }

  @Test("a lease, and an outcome that is not known, are told apart")
  func showsStates() throws {
    let lease = try bench.send("one")
    #expect(try states() == [.leased(until: start + 60_000)])
    try bench.settle(lease, .await(at: start + 50), at: start + 1)
    #expect(try states() == [.unknown(since: start + 1, next: start + 50)])
  }

  // MARK: Activity

  @Test("what happens is told once, and what was before the beginning is not")
  func follows() throws {
    try bench.receive("a", at: start)
    var mark = try ledger.activity(since: nil, now: start).mark
    func told(_ now: Int64) throws -> [String] {
      let activity = try ledger.activity(since: mark, now: now)
      mark = activity.mark
      return activity.events.map { event in
        switch event {
        case .message(let message): "message \(message.preview)"
        case .attempt(_, let attempt): "attempt \(attempt.queue)"
        case .callback(_, let callback): "callback \(callback.status)"
        case .quarantined(let webhook): "quarantined \(webhook.problem ?? "")"
        }
      }
    }
    #expect(try told(start + 1) == [])
    try bench.sent("e1", at: start + 2)
    #expect(try told(start + 3) == ["message one", "attempt outbound"])
    try bench.report("e1", .delivered, at: start + 4)
    _ = try ledger.record(
      WebhookRecord(
        channel: bench.channel, receivedAt: start + 5, contentType: nil, body: [1], events: [],
        problem: "odd"))
    #expect(try told(start + 6) == ["callback delivered", "quarantined odd"])
    #expect(try told(start + 7) == [])
  }

  // MARK: Steps

  private func oldest() throws -> Int64? {
    try ledger.overview().first { $0.channel == bench.channel }?.oldestQueued
  }

  private func states() throws -> [WaitingEntry.State] {
    try ledger.lanes(of: bench.channel, queue: .outbound, limit: 9).map(\.head.state)
  }

  private func names(_ text: String) throws -> [MessageID] {
    try ledger.find(text, on: nil, limit: 9).messages.map(\.id)
  }

  private static func text(_ message: MessageSummary) -> String {
    (try? JSONReader.read(message.content))?["text"]?.string ?? ""
  }
}
