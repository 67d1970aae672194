import SluiceCore
import SluiceStore
import SluiceTesting
import Testing

/// Webhooks that were not understood, and contacts that are to be forgotten.
struct QuarantineTests {
  private let bench: LedgerBench
  private let ledger: any InspectableLedger
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    ledger = try #require(bench.ledger as? SQLiteLedger)
    start = bench.start
  }

  @Test("what was not understood is listed, newest first, and shown as it came")
  func lists() throws {
    let other = try #require(ChannelName("other"))
    try keep("one", problem: "strange")
    try keep("two", problem: "odd", on: other)
    try keep("three", problem: nil)
    let listed = try ledger.quarantine(of: nil, before: nil, limit: 9)
    #expect(listed.map { String(decoding: $0.body, as: UTF8.self) } == ["two", "one"])
    #expect(listed.map(\.problem) == ["odd", "strange"])
    #expect(try ledger.quarantine(of: other, before: nil, limit: 9).map(\.channel) == [other])
    #expect(try ledger.quarantine(of: nil, before: listed[0].row, limit: 9) == [listed[1]])
    #expect(try ledger.webhook(listed[0].row) == listed[0])
    #expect(
      try ledger.troubles() == [
        ChannelTroubles(channel: other, deadLetters: 0, quarantined: 1),
        ChannelTroubles(channel: bench.channel, deadLetters: 0, quarantined: 1),
      ])
  }

  @Test("it is replayed oldest first, so that what a contact wrote keeps its order")
  func listsOldestFirst() throws {
    let other = try #require(ChannelName("other"))
    for body in ["A", "B", "C"] { try keep(body, problem: "strange") }
    try keep("x", problem: "strange", on: other)
    for channel in [bench.channel, nil] {
      var (bodies, after) = ("", Int64(0))
      while case let page = try ledger.quarantine(of: channel, after: after, limit: 2),
        let last = page.last
      {
        after = last.row
        bodies += page.map { String(decoding: $0.body, as: UTF8.self) }.joined()
      }
      #expect(bodies == (channel == nil ? "ABCx" : "ABC"))
    }
  }

  @Test("what was understood in part is in quarantine, and so is a repeat of it")
  func keepsParts() throws {
    let message = InboundMessage(externalID: "a", contact: bench.contact, content: .text("a"))
    for accepted in [1, 0] {
      let receipt = try ledger.record(
        WebhookRecord(
          channel: bench.channel, account: .fallback, receivedAt: start, contentType: nil,
          body: [1], events: [(.message(message), bench.id())], problem: "odd"))
      #expect(receipt == WebhookReceipt(accepted: accepted, duplicates: 1 - accepted))
    }
    let kept = try ledger.quarantine(of: nil, before: nil, limit: 9)
    #expect(kept.map(\.problem) == ["odd", "odd"])
    #expect(kept.map(\.account) == [.fallback, .fallback], "whose it is")
    #expect(try ledger.countQuarantine(of: bench.channel) == 2)
    #expect(try bench.queued(.inbound) == 1)
  }

  @Test("what went wrong is counted as it comes and goes, in whichever way")
  func counts() throws {
    func counts() throws -> [Int] {
      let all = try ledger.troubles()
      #expect(try ledger.troubles(of: bench.channel) == all)
      #expect(try ledger.count(DeadLetterFilter()) == all.first?.deadLetters ?? 0)
      #expect(try ledger.countQuarantine(of: nil) == all.first?.quarantined ?? 0)
      return all.isEmpty ? [] : [all[0].deadLetters, all[0].quarantined]
    }
    #expect(try counts() == [])
    for _ in 0..<3 { try keep("odd", problem: "odd") }
    let letters = try (0..<4).map { number in
      let lease = try bench.send("one", to: try bench.contact(number))
      try bench.settle(lease, .reject(reason: "no", reportFailure: false))
      return lease
    }
    #expect(try counts() == [4, 3])
    _ = try ledger.replay(DeadLetterFilter(id: letters[0].id), limit: 9, now: start)
    #expect(try counts() == [3, 3])
    let again = try #require(try bench.lease(.outbound).first)
    try bench.settle(again, .reject(reason: "no again", reportFailure: false))
    #expect(try counts() == [4, 3])
    _ = try ledger.drop(DeadLetterFilter(id: letters[1].id), limit: 9)
    _ = try ledger.eraseMessages(of: letters[2].contact, on: bench.channel, limit: 9)
    let row = try #require(try ledger.quarantine(of: nil, before: nil, limit: 1).first?.row)
    _ = try ledger.release(
      quarantined: row,
      as: WebhookRecord(
        channel: bench.channel, receivedAt: start, contentType: nil, body: [], events: []))
    #expect(try counts() == [2, 2])
    _ = try ledger.prune(before: start + 1, parkedBefore: start, limit: 99)
    #expect(try counts() == [])
  }

  @Test("dead letters are found by what they are asked for, page by page, and counted alike")
  func pagesDeadLetters() throws {
    let other = try #require(ChannelName("other"))
    for number in 0..<7 {
      let lease: Lease
      if number == 6 {
        _ = try bench.enqueue(["one"], to: try bench.contact(0), on: other)
        lease = try #require(try bench.lease(.outbound, on: other).first)
      } else {
        lease = try bench.send("one", to: try bench.contact(number % 2))
      }
      // Two at a time die in the same millisecond.
      try bench.settle(
        lease, .reject(reason: "\(number)", reportFailure: false), at: start + Int64(number / 2))
    }
    for (filter, expected) in [
      (DeadLetterFilter(), "6543210"), (DeadLetterFilter(channel: bench.channel), "543210"),
      (DeadLetterFilter(channel: other), "6"),
      (DeadLetterFilter(contact: try bench.contact(0)), "6420"),
      (DeadLetterFilter(channel: other, contact: try bench.contact(0)), "6"),
      (DeadLetterFilter(contact: try bench.contact(1)), "531"),
      (DeadLetterFilter(queue: .status), ""),
      (DeadLetterFilter(diedFrom: start + 1, diedBefore: start + 3), "5432"),
      (DeadLetterFilter(channel: bench.channel, diedBefore: start + 1), "10"),
    ] {
      for limit in [1, 2, 3, 99] {
        var (found, mark): (String, DeadLetterMark?) = ("", nil)
        repeat {
          let page = try ledger.deadLetterPage(filter, before: mark, limit: limit)
          #expect(page.letters.count <= limit)
          found += page.letters.map(\.reason).joined()
          mark = page.next
          #expect(mark.flatMap { DeadLetterMark("\($0)") } == mark)
        } while mark != nil
        #expect(found == expected)
      }
      #expect(try ledger.count(filter) == expected.count)
      #expect(
        try ledger.deadLetters(filter, limit: 99).map(\.reason).joined() == expected)
    }
    #expect(DeadLetterMark("1.2.3") == nil && DeadLetterMark("1.2.3.x") == nil)
  }

  @Test("what is understood today leaves quarantine once; what is there already is dropped")
  func releases() throws {
    try bench.receive("a")
    try keep("body", problem: "strange")
    let row = try #require(try ledger.quarantine(of: nil, before: nil, limit: 1).first?.row)
    let record = WebhookRecord(
      channel: bench.channel, receivedAt: start + 9, contentType: nil, body: Array("body".utf8),
      events: ["a", "b"].map { id in
        (
          .message(
            InboundMessage(externalID: id, contact: bench.contact, content: .text(id))), bench.id()
        )
      })
    #expect(
      try ledger.release(quarantined: row, as: record) == WebhookReceipt(accepted: 1, duplicates: 1)
    )
    #expect(try ledger.release(quarantined: row, as: record) == nil)
    #expect(try ledger.quarantine(of: nil, before: nil, limit: 9).isEmpty)
    #expect(try bench.queued(.inbound) == 2)
  }

  @Test("an erased contact is gone from every table, and nobody else is")
  func erases() throws {
    let other = try bench.contact(2)
    try bench.receive("a")
    try bench.receive("b", from: other)
    let lease = try bench.send("one")
    try bench.acknowledge(lease, "e1")
    try bench.report("e1", .delivered)
    _ = try bench.enqueue(["two"])
    try keep("from=%2B60100000001&x", problem: "strange")
    try keep("{\"from\":\"60100000001\"}", problem: nil)
    try keep("from=601000000012", problem: "another number")
    let holdings = try ledger.holdings(of: bench.contact, on: bench.channel)
    #expect(holdings.messages == 3 && holdings.webhooks.count == 2, "a's, and the report")
    let besides = try mentions().filter { !holdings.webhooks.contains($0.row) }
    #expect(
      besides.map { String(decoding: $0.body, as: UTF8.self) } == [
        "from=%2B60100000001&x", "{\"from\":\"60100000001\"}",
      ])
    var count = 0
    while case let erased = try ledger.eraseMessages(of: bench.contact, on: bench.channel, limit: 2),
      erased > 0
    { count += erased }
    #expect(count == 3)
    var (next, webhooks): (Int64?, Int) = (0, 0)
    while let row = next {
      let step = try ledger.eraseWebhooks(
        mentioning: bench.contact, on: bench.channel, after: row, limit: 2)
      webhooks += step.deleted
      next = step.next
    }
    #expect(webhooks == 2)
    #expect(try mentions().isEmpty)
    #expect(try ledger.messages(MessageSearch()).messages.map(\.contact) == [other])
    #expect(try ledger.find(bench.contact.description, on: nil, limit: 9).messages.isEmpty)
    #expect(try bench.ledger.backlog().map(\.queued) == [1])
    #expect(
      try ledger.quarantine(of: nil, before: nil, limit: 9).map(\.problem) == ["another number"])
    #expect(try bench.lease(.inbound).map(\.contact) == [other])
  }

  private func mentions() throws -> [StoredWebhook] {
    var (next, found): (Int64?, [StoredWebhook]) = (0, [])
    while let row = next {
      let step = try ledger.webhooks(
        mentioning: bench.contact, on: bench.channel, after: row, limit: 2)
      found += step.found
      next = step.next
    }
    return found
  }

  @Test("how much there is to go through is known before")
  func knowsHowMuch() throws {
    #expect(try ledger.webhookRows() == nil)
    for body in ["a", "b", "c"] { try keep(body, problem: body == "b" ? nil : "odd") }
    try keep("d", problem: "odd", on: ChannelName("other"))
    #expect(try ledger.countQuarantine(of: nil) == 3)
    #expect(try ledger.countQuarantine(of: bench.channel) == 2)
    #expect(try ledger.webhookRows()?.count == 4)
  }

  private func keep(_ body: String, problem: String?, on channel: ChannelName? = nil) throws {
    _ = try ledger.record(
      WebhookRecord(
        channel: channel ?? bench.channel, receivedAt: start, contentType: "text/plain",
        body: Array(body.utf8), events: [], problem: problem))
  }
}
