import Glibc
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceServices

struct FairSharesTests {
  private let key = Agenda.Key(channel: ChannelName("sms")!, queue: .inbound)

  /// The law: over any sequence of counts the share holds within one call, and no portion is more
  /// than its count.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func holdsTheShare(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let share = [0.01, 0.2, 0.5, 0.99, 1, Double.random(in: 0...1, using: &random)][Int(seed % 6)]
    let most = seed % 2 == 0 ? 3 : 200
    var shares = FairShares()
    var (all, mine) = (0, 0)
    for _ in 0..<500 {
      let count = Int.random(in: -1...most, using: &random)
      let portion = shares.portion(of: count, for: key, share: share, isQueue: true)
      #expect((0...max(count, 0)).contains(portion))
      all += max(count, 0)
      mine += portion
      #expect(abs(Double(mine) - Double(all) * share) < 1 + 1e-6, "share \(share)")
    }
  }

  @Test("queues, and the ranks within one, have shares of their own")
  func keepsThemApart() {
    var shares = FairShares()
    let other = Agenda.Key(channel: ChannelName("other")!, queue: .inbound)
    #expect(shares.portion(of: 1, for: key, share: 0.5, isQueue: true) == 0)
    #expect(shares.portion(of: 1, for: key, share: 0.5, isQueue: false) == 0)
    #expect(shares.portion(of: 1, for: other, share: 0.5, isQueue: true) == 0)
    #expect(shares.portion(of: 1, for: key, share: 0.5, isQueue: true) == 1)
  }
}

struct AgendaTests {
  private func key(_ channel: String, _ queue: Queue) -> Agenda.Key {
    Agenda.Key(channel: ChannelName(channel)!, queue: queue)
  }

  @Test func messagesGoFirstAndThenWhoeverWaitedLongest() {
    var agenda = Agenda()
    agenda.look(key("a", .status), at: 1)
    agenda.look(key("b", .inbound), at: 3)
    agenda.look(key("c", .outbound), at: 2)
    agenda.look(key("d", .check), at: 0)
    agenda.look(key("a", .inbound), at: 3)
    agenda.look(key("e", .inbound), at: 11)
    #expect(
      agenda.due(now: 10) == [
        key("c", .outbound), key("a", .inbound), key("b", .inbound), key("d", .check),
        key("a", .status),
      ])
    #expect(agenda.due(now: -1).isEmpty)
    #expect(agenda.next(after: 10) == 11)
    #expect(agenda.next(after: 11) == nil)
    #expect(agenda.hasLook(before: 1) && !agenda.hasLook(before: 0))
  }

  @Test func theEarlierOfTwoLooksCountsUntilItIsReplaced() {
    var agenda = Agenda()
    let key = key("a", .inbound)
    agenda.look(key, at: 5)
    agenda.look(key, at: 9)
    #expect(agenda.due(now: 5) == [key])
    agenda.look(key, at: 2)
    #expect(agenda.due(now: 2) == [key])
    agenda.replace(key, with: 7)
    #expect(agenda.due(now: 6).isEmpty && agenda.due(now: 7) == [key])
    agenda.replace(key, with: nil)
    #expect(agenda.due(now: .max).isEmpty && agenda.next(after: 0) == nil)
  }
}

struct PipelinedExchangerTests {
  /// Answers exchanges as told; nobody asks anything else of it.
  private final class FakeLedger: Ledger {
    let answer: @Sendable (Exchange) -> Result<ExchangeResult, LedgerError>

    init(_ answer: @escaping @Sendable (Exchange) -> Result<ExchangeResult, LedgerError>) {
      self.answer = answer
    }

    func exchange(_ exchange: Exchange) throws(LedgerError) -> ExchangeResult {
      try answer(exchange).get()
    }

    /// On another thread, as a ledger that commits on its own.
    func exchange(
      _ exchange: Exchange,
      then done: @escaping @Sendable (Result<ExchangeResult, LedgerError>) -> Void
    ) {
      Thread.start { done(self.answer(exchange)) }
    }

    func record(_ webhook: WebhookRecord) throws(LedgerError) -> WebhookReceipt { fatalError() }
    func enqueue(
      _ message: OutboundMessage, leasingFor lease: LeaseTerms?
    ) throws(LedgerError) -> Enqueued { fatalError() }
    func dueChannels(now: Int64) throws(LedgerError) -> DueChannels { fatalError() }
    func prune(_: PruneTerms, from mark: PruneMark) throws(LedgerError) -> Pruned {
      fatalError()
    }
    func maintain() throws(LedgerError) { fatalError() }
    func deadLetters(_: DeadLetterFilter, limit: Int) throws(LedgerError) -> [DeadLetter] {
      fatalError()
    }
    func replay(_: DeadLetterFilter, limit: Int, now: Int64) throws(LedgerError) -> Int {
      fatalError()
    }
    func drop(_: DeadLetterFilter, limit: Int) throws(LedgerError) -> Int { fatalError() }
    func backlog() throws(LedgerError) -> [Backlog] { fatalError() }
    func pause(_: Pause) throws(LedgerError) { fatalError() }
    func resume(_: Pause) throws(LedgerError) -> Bool { fatalError() }
    func pauses() throws(LedgerError) -> [Pause] { fatalError() }
  }

  private static func exchange(_ now: Int64) -> Exchange {
    Exchange(settlements: [], requests: [], terms: LeaseTerms(now: now, until: now + 1))
  }

  /// Whether a result is announced, waiting for it as long as that.
  private static func isReadable(_ exchanger: PipelinedExchanger, waiting: Int32) -> Bool {
    var poll = pollfd(fd: exchanger.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, waiting) == 1
  }

  @Test("the descriptor turns readable with the result, which comes out once")
  func announces() throws {
    let exchanger = PipelinedExchanger(
      ledger: FakeLedger { exchange in
        var result = ExchangeResult()
        result.nextDue = [exchange.terms.now]
        return .success(result)
      })
    #expect(exchanger.result() == nil as Int64??)
    for round in 0..<200 as Range<Int64> {
      exchanger.begin(Self.exchange(round))
      #expect(Self.isReadable(exchanger, waiting: 10_000))
      #expect(exchanger.result() == .some(.some(round)))
      #expect(!Self.isReadable(exchanger, waiting: 0))
      #expect(exchanger.result() == nil as Int64??)
    }
  }

  @Test("errors pass through")
  func passesErrors() {
    let exchanger = PipelinedExchanger(ledger: FakeLedger { _ in .failure(.busy("now")) })
    exchanger.begin(Self.exchange(1))
    #expect(Self.isReadable(exchanger, waiting: 10_000))
    guard case .failure(.busy("now")) = exchanger.result() as Result<ExchangeResult, LedgerError>?
    else {
      _ = Issue.record("no such error")
      return
    }
  }

  /// A result that is taken in the moment it is there leaves no announcement behind: with one, each
  /// wait to come would end at once.
  @Test func leavesNoAnnouncementBehind() {
    let gate = Mutex(false)
    let isHeld = { @Sendable in gate.withLock { $0 } }
    let exchanger = PipelinedExchanger(
      ledger: FakeLedger { _ in
        while isHeld() { sched_yield() }
        return .success(ExchangeResult())
      })
    for round in 0..<20_000 as Range<Int64> {
      exchanger.begin(Self.exchange(round))
      while (exchanger.result() as Result<ExchangeResult, LedgerError>?) == nil {}
    }
    gate.withLock { $0 = true }
    exchanger.begin(Self.exchange(0))
    #expect(!Self.isReadable(exchanger, waiting: 0))
    gate.withLock { $0 = false }
    #expect(Self.isReadable(exchanger, waiting: 10_000))
  }
}

extension PipelinedExchanger {
  /// The first queue's next due time, which is all that these tests need of a result.
  fileprivate func result() -> Int64?? {
    (result() as Result<ExchangeResult, LedgerError>?).map { try? $0.get().nextDue.first ?? nil }
  }
}
