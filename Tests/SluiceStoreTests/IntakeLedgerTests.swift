import SluiceCore
import SluiceTesting
import Testing

/// What a ledger refuses, what it treats as a repeat, and who goes first.
@Suite(.onEveryLedger)
struct IntakeLedgerTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  // MARK: Limits

  @Test("an inbound queue that is full refuses the webhook, and keeps nothing of it")
  func refusesInbound() throws {
    let terms = IntakeTerms(maximumQueued: 2, repeatWindow: 0)
    #expect(try bench.receive("a", terms: terms).accepted == 1)
    #expect(try bench.receive("b", terms: terms).accepted == 1)
    for _ in 0..<2 {
      let receipt = try bench.receive("c", terms: terms)
      #expect(receipt.isRefused)
      #expect(receipt.accepted + receipt.duplicates + receipt.parked == 0)
    }
    #expect(try bench.queued(.inbound) == 2)
    // Other channels and queues have limits of their own.
    #expect(
      try bench.receive("a", on: ChannelName("other")!, terms: terms).accepted == 1)
    guard case .queued = try bench.enqueue(["one"], terms: terms).enqueued else {
      _ = Issue.record("the outbound queue is not full")
      return
    }
    let head = try #require(try bench.lease(.inbound).first)
    try bench.acknowledge(head)
    #expect(try bench.receive("c", terms: terms).accepted == 1, "what was refused was not kept")
    // Two messages and a channel's own webhooks: the refused ones are not there to be pruned.
    for _ in 0..<2 {
      for lease in try bench.lease(.inbound) { try bench.acknowledge(lease) }
    }
    #expect(
      try bench.ledger.prune(before: start + 1, parkedBefore: 0, limit: 100).deleted == 3 + 4)
  }

  @Test("an outbound queue that is full refuses a message whole, with all its parts")
  func refusesOutbound() throws {
    let terms = IntakeTerms(maximumQueued: 3, repeatWindow: 0)
    guard case .queued = try bench.enqueue(["1", "2"], terms: terms).enqueued,
      case .full = try bench.enqueue(["3", "4"], terms: terms).enqueued
    else {
      _ = Issue.record("two fit, four do not")
      return
    }
    #expect(try bench.queued(.outbound) == 2)
    guard case .queued = try bench.enqueue(["3"], terms: terms).enqueued,
      case .full = try bench.enqueue(["4"], leasing: true, terms: terms).enqueued
    else {
      _ = Issue.record("three fit, four do not")
      return
    }
    var texts: [String] = []
    while let lease = try bench.lease(.outbound).first {
      texts.append(LedgerBench.text(lease))
      try bench.acknowledge(lease)
    }
    #expect(texts == ["1", "2", "3"])
    guard case .queued = try bench.enqueue(["4"], terms: terms).enqueued else {
      _ = Issue.record("there is room again")
      return
    }
  }

  // MARK: Repeats

  static let repeats: [(label: String, after: Int64, text: String, contact: Int, isRepeat: Bool)] =
    [
      ("at once", 0, "Hello", 1, true), ("within the window", 9_999, "Hello", 1, true),
      ("at its end", 10_000, "Hello", 1, true), ("after it", 10_001, "Hello", 1, false),
      ("another text", 1, "Hello!", 1, false), ("another contact", 1, "Hello", 2, false),
    ]
  @Test(arguments: repeats)
  func recognisesRepeats(
    label: String, after: Int64, text: String, contact: Int, isRepeat: Bool
  ) throws {
    let terms = IntakeTerms(maximumQueued: .max, repeatWindow: 10_000)
    let first = try bench.enqueue(["Hello"], to: bench.contact(1), terms: terms)
    let second = try bench.enqueue(
      [text], to: bench.contact(contact), at: start + after, leasing: true, terms: terms
    ).enqueued
    switch second {
    case .repeated(let id): #expect(isRepeat && id == first.id)
    case .queued: #expect(!isRepeat)
    case .full: Issue.record("not full")
    }
    #expect(try bench.queued(.outbound) == (isRepeat ? 1 : 2))
  }

  @Test("without a window nothing is a repeat, and what failed may be sent again")
  func sendsAgain() throws {
    let terms = IntakeTerms(maximumQueued: .max, repeatWindow: 10_000)
    for _ in 0..<2 { _ = try bench.enqueue(["Hello"], to: bench.contact(3)) }
    #expect(try bench.queued(.outbound) == 2)
    let first = try bench.send("Hello")
    guard case .repeated(first.id) = try bench.enqueue(["Hello"], terms: terms).enqueued else {
      _ = Issue.record("under way is a repeat too")
      return
    }
    try bench.settle(first, .reject(reason: "no", reportFailure: false))
    guard case .queued = try bench.enqueue(["Hello"], terms: terms).enqueued else {
      _ = Issue.record("the first one failed")
      return
    }
    // On another channel it is another conversation.
    guard
      case .queued = try bench.enqueue(["Hello"], on: ChannelName("other")!, terms: terms).enqueued
    else {
      _ = Issue.record("another channel")
      return
    }
  }

  // MARK: Priority

  /// Sends to `bulk` contacts, and to `talks` of whom each has just written.
  private func queue(bulk: Int, talks: Int) throws {
    for number in 0..<bulk { _ = try bench.enqueue(["bulk"], to: bench.contact(number)) }
    for number in 0..<talks {
      try bench.receive("in-\(number)", from: bench.contact(1_000 + number))
      _ = try bench.enqueue(["talk"], to: bench.contact(1_000 + number))
    }
  }

  static let shares:
    [(label: String, bulk: Int, talks: Int, count: Int, share: Int, talk: Int, all: Int)] = [
      ("conversations first", 5, 5, 4, 0, 4, 4), ("bulk has its share", 5, 5, 4, 1, 3, 4),
      ("all of it", 5, 5, 4, 4, 0, 4), ("more than all", 5, 5, 4, 9, 0, 4),
      ("a share not used is the others'", 1, 5, 4, 3, 3, 4),
      ("the rest is bulk's", 5, 1, 4, 0, 1, 4), ("no bulk", 0, 5, 4, 4, 4, 4),
      ("no conversations", 5, 0, 4, 0, 0, 4), ("fewer than asked for", 1, 1, 9, 1, 1, 2),
    ]
  @Test(arguments: shares)
  func sharesLeases(
    label: String, bulk: Int, talks: Int, count: Int, share: Int, talk: Int, all: Int
  ) throws {
    try queue(bulk: bulk, talks: talks)
    let texts = try bench.lease(.outbound, count: count, bulkShare: share).map(LedgerBench.text)
    #expect(texts.count == all)
    #expect(texts.count { $0 == "talk" } == talk)
  }

  @Test("what a contact writes lifts what waits for it, and a conversation ends")
  func lifts() throws {
    try queue(bulk: 3, talks: 0)
    try bench.receive("hello", from: bench.contact(2))
    let first = try #require(try bench.lease(.outbound, count: 1).first)
    #expect(first.contact == (try bench.contact(2)))
    // Fifteen minutes after the contact wrote it is bulk again.
    let later = start + 900_000
    _ = try bench.enqueue(["late"], to: bench.contact(9), at: later - 2)
    try bench.receive("in", from: bench.contact(8), at: later - 1)
    try bench.acknowledge(first, at: later - 1)
    _ = try bench.enqueue(["again"], to: bench.contact(2), at: later)
    _ = try bench.enqueue(["talk"], to: bench.contact(8), at: later)
    let next = try #require(try bench.lease(.outbound, at: later, count: 1).first)
    #expect(LedgerBench.text(next) == "talk")
  }

  @Test("statuses of conversations go first as well, and inbound messages are all equal")
  func ranksStatuses() throws {
    for number in 0..<3 {
      let lease = try bench.send("one", to: bench.contact(number))
      try bench.acknowledge(lease, "e\(number)")
      try bench.report("e\(number)", .delivered)
    }
    try bench.receive("a", from: bench.contact(2), at: start + 1)
    let first = try #require(try bench.lease(.status, at: start + 1_000, count: 1).first)
    #expect(first.contact == (try bench.contact(2)))
  }

  @Test("what was queued later can be left out")
  func leasesTheOld() throws {
    for number in 0..<4 {
      try bench.receive("\(number)", from: bench.contact(number), at: start + Int64(number))
    }
    let old = try bench.lease(.inbound, at: start + 100, enqueuedBy: start + 1)
    #expect(Set(old.map(LedgerBench.text)) == ["0", "1"])
    #expect(try bench.lease(.inbound, at: start + 100, enqueuedBy: start - 1).isEmpty)
    #expect(try bench.lease(.inbound, at: start + 100).count == 2)
  }

  // MARK: Backlog

  /// The law: after any sequence of steps the backlog is what can still be worked off.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func countsWhatIsQueued(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var now = start
    var (sends, mids, externalIDs): ([Lease], [MessageID], [String]) = ([], [], [])
    for step in 0..<150 {
      now += Int64.random(in: 0...4_000, using: &random)
      let contact = try bench.contact(Int.random(in: 0..<4, using: &random))
      switch Int.random(in: 0..<9, using: &random) {
      case 0: try bench.receive("m\(step)", from: contact, at: now)
      case 1: try bench.receive("m\(Int.random(in: 0...step, using: &random))", at: now)
      case 2:
        let parts = Array(repeating: "p", count: Int.random(in: 1...3, using: &random))
        mids.append(try bench.enqueue(parts, to: contact, at: now).id)
      case 3:
        let reference = mids.randomElement(using: &random).map {
          PartReference(message: $0, part: 0)
        }
        try bench.report(
          externalIDs.randomElement(using: &random) ?? "x\(step)",
          [DeliveryStatus.sent, .delivered, .read, .failed].randomElement(using: &random)!,
          reference: Bool.random(using: &random) ? reference : nil, at: now)
      case 4: try bench.echo(externalIDs.randomElement(using: &random) ?? "own\(step)", at: now)
      case 5:
        _ = try bench.ledger.replay(DeadLetterFilter(), limit: 1, now: now)
        _ = try bench.ledger.prune(before: now - 60_000, parkedBefore: now - 60_000, limit: 10)
      default:
        let queue = Queue.allCases.randomElement(using: &random)!
        sends += try bench.lease(
          queue, at: now, until: now + 10_000, count: 2,
          perCall: Int.random(in: 1...3, using: &random))
        guard let index = sends.indices.randomElement(using: &random) else { continue }
        let lease = sends.remove(at: index)
        let externalID = lease.queue == .outbound ? "e\(step)" : nil
        if let externalID { externalIDs.append(externalID) }
        let fate: Settlement.Fate =
          switch Int.random(in: 0..<8, using: &random) {
          case 0: .retry(at: now + 1_000)
          case 1: .release(at: now)
          case 2: lease.queue == .outbound ? .await(at: now + 5_000) : .retry(at: now)
          case 3: .reject(reason: "no", reportFailure: Bool.random(using: &random))
          default: .acknowledge(Settlement.Receipt(externalID: externalID, checkAt: now + 3_000))
          }
        try bench.settle(lease, fate, at: now)
      }
    }
    let claimed = Dictionary(
      uniqueKeysWithValues: try bench.ledger.backlog().map { ($0.queue, $0.queued) })
    let gone = try drain(from: now + 1_000_000)
    for queue in Queue.allCases {
      #expect(gone[queue, default: 0] == claimed[queue, default: 0], "\(queue), seed \(seed)")
    }
    #expect(try bench.ledger.backlog().isEmpty)
  }

  /// Releases everything, one lane head at a time and queue by queue, so that nothing new is made.
  /// - Returns: How many entries each queue had.
  private func drain(from now: Int64) throws -> [Queue: Int] {
    var gone: [Queue: Int] = [:]
    var now = now
    for queue in [Queue.check, .status, .inbound, .outbound] {
      var before = try bench.queued(queue)
      while before > 0 {
        now += 1_000_000
        let leases = try bench.lease(queue, at: now)
        for lease in leases {
          try bench.settle(
            lease, .acknowledge(Settlement.Receipt()), at: now)
        }
        // What a lease found to be settled already is gone as well.
        let after = try bench.queued(queue)
        try #require(after < before, "\(queue) does not move")
        #expect(before - after >= leases.count)
        gone[queue, default: 0] += before - after
        before = after
      }
      #expect(try bench.lease(queue, at: now + 1_000_000).isEmpty)
    }
    return gone
  }
}
