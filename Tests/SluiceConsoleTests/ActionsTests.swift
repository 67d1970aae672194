import Logging
import SluiceCore
import SluiceServices
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceConsole

/// What is done to many at once: a batch at a time, for as long as somebody may wait.
struct ActionsTests {
  /// Clocks of which every look takes a second.
  private final class SlowClocks: Clocks {
    private let looks = Mutex<UInt64>(0)

    var wall: Int64 { 1_760_000_000_000 }
    var boot: UInt64 {
      looks.withLock {
        $0 += 1_000_000_000
        return $0
      }
    }
  }

  private func actions(_ bench: ConsoleBench, _ clocks: any Clocks) -> Actions {
    var actions = Actions(
      ledger: bench.ledger,
      quarantine: QuarantineReplay(
        bench.ledger, settings: bench.settings, clocks: clocks,
        log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
      wake: WakeSender(stateDirectory: bench.directory.path, clocks: clocks), clocks: clocks)
    actions.batch = 2
    return actions
  }

  @Test(arguments: ["replay", "drop"])
  func saysHowManyAreLeft(action: String) throws {
    let bench = try ConsoleBench()
    for number in 0..<7 { _ = try bench.deadLetter(to: "+1500555010\(number)") }
    let form = try #require(FormFields("channel=sms".utf8))
    // Three looks at the clock after the first: six letters.
    let first = try #require(
      try actions(bench, SlowClocks()).perform(["dead", action], form))
    #expect(first.page == "dead?channel=sms")
    #expect(first.notice.query.hasSuffix("count=4&left=3"))
    #expect(first.notice.shown.text.contains("3 are left: do it again to go on."))
    #expect(try bench.ledger.count(DeadLetterFilter()) == 3)
    let rest = try #require(
      try actions(bench, bench.clocks).perform(["dead", action], form))
    #expect(rest.notice.query.hasSuffix("count=3"))
    #expect(try bench.ledger.count(DeadLetterFilter()) == 0)
  }

  @Test func goesOnInQuarantineWhereItEnded() throws {
    let bench = try ConsoleBench()
    for _ in 0..<4 { try bench.quarantine() }
    let rows = try bench.ledger.quarantine(of: nil, after: 0, limit: 9).map(\.row)
    let all = try #require(FormFields("channel=&after=".utf8))
    let result = try #require(
      try actions(bench, SlowClocks()).perform(["quarantine", "replay-all"], all))
    #expect(result.page == "quarantine?after=\(rows[0])")
    #expect(result.notice.query == "done=readSome&count=0&left=1")
    let form = try #require(FormFields("channel=&after=\(rows[0])".utf8))
    let rest = try #require(
      try actions(bench, bench.clocks).perform(["quarantine", "replay-all"], form))
    #expect(rest.page == "quarantine" && rest.notice.query == "done=read&count=0&left=3")
  }
}
