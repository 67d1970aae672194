import SluiceCore
import Testing

struct TokenCellTests {
  private static let token = AccessToken(secret: Secret("t".utf8), seconds: 3_600)

  private static func word(_ answer: TokenCell.Answer) -> String {
    switch answer {
    case .token(let secret): secret.exposed
    case .fetch: "fetch"
    case .wait: "wait"
    }
  }

  @Test func oneFetchesAndAllOthersWait() {
    let cell = TokenCell()
    #expect(Self.word(cell.ask(now: 0)) == "fetch")
    #expect(Self.word(cell.ask(now: 1)) == "wait")
    cell.set(Self.token, now: 100)
    #expect(Self.word(cell.ask(now: 101)) == "t")
  }

  @Test func itEndsALittleBeforeItsTime() {
    let cell = TokenCell()
    cell.set(Self.token, now: 0)
    #expect(Self.word(cell.ask(now: 3_539_999)) == "t")
    #expect(Self.word(cell.ask(now: 3_540_000)) == "fetch")
  }

  @Test func whoeverSaidTheyWouldFetchIsNotBelievedForEver() {
    let cell = TokenCell()
    #expect(Self.word(cell.ask(now: 0)) == "fetch")
    #expect(Self.word(cell.ask(now: 9_999)) == "wait")
    #expect(Self.word(cell.ask(now: 10_000)) == "fetch")
    cell.fail()
    #expect(Self.word(cell.ask(now: 10_001)) == "fetch")
    // The clock was set back.
    #expect(Self.word(cell.ask(now: -100_000)) == "fetch")
  }

  @Test func aRefusedOneIsForgottenUnlessItIsFresh() {
    let cell = TokenCell()
    cell.set(Self.token, now: 0)
    cell.forget(now: 9_999)
    #expect(Self.word(cell.ask(now: 9_999)) == "t")
    cell.forget(now: 10_000)
    #expect(Self.word(cell.ask(now: 10_000)) == "fetch")
  }

  @Test(arguments: [-1, 0, 0.5, .infinity, 1e300])
  func anyLifetimeWillDo(seconds: Double) {
    let cell = TokenCell()
    cell.set(AccessToken(secret: Secret("t".utf8), seconds: seconds), now: 0)
    #expect(Self.word(cell.ask(now: 0)) == "t")
    #expect(Self.word(cell.ask(now: 86_400_000)) == "fetch")
  }
}
