import SluiceCore
import SluiceTesting
import Testing

struct UnknownOutcomeTests {
  static func terms(
    _ policy: UnknownOutcome.Policy, patience: Int64, asks: Bool
  ) -> UnknownOutcome.Terms {
    UnknownOutcome.Terms(policy: policy, patience: patience, canLookUp: asks)
  }

  static let moments: [(terms: UnknownOutcome.Terms, age: Int64, step: UnknownOutcome.Step)] = [
    (terms(.fail, patience: 60_000, asks: true), 0, .wait(until: 5_000)),
    (terms(.fail, patience: 60_000, asks: true), 4_999, .wait(until: 5_000)),
    (terms(.fail, patience: 60_000, asks: true), 5_000, .lookUp),
    (terms(.fail, patience: 60_000, asks: true), 90_000, .lookUp),
    (terms(.fail, patience: 1_000, asks: true), 0, .wait(until: 1_000)),
    (terms(.fail, patience: 1_000, asks: true), 1_000, .lookUp),
    (terms(.fail, patience: 60_000, asks: false), 0, .wait(until: 60_000)),
    (terms(.fail, patience: 60_000, asks: false), 59_999, .wait(until: 60_000)),
    (terms(.fail, patience: 60_000, asks: false), 60_000, .fail),
    (terms(.repeat, patience: 60_000, asks: false), 59_999, .wait(until: 60_000)),
    (terms(.repeat, patience: 60_000, asks: false), 60_000, .sendAgain),
  ]
  @Test(arguments: moments)
  func steps(terms: UnknownOutcome.Terms, age: Int64, step: UnknownOutcome.Step) {
    #expect(UnknownOutcome.step(terms, since: 0, now: age) == step)
  }

  static let afterLookups: [(patience: Int64, age: Int64, step: UnknownOutcome.Step)] = [
    (60_000, 5_000, .wait(until: 10_000)),
    (60_000, 10_000, .wait(until: 15_000)),
    (60_000, 30_000, .wait(until: 45_000)),
    (60_000, 45_000, .wait(until: 60_000)),
    (60_000, 59_999, .wait(until: 60_000)),
    (60_000, 60_000, .fail),
    (1_000, 1_000, .fail),
  ]
  @Test(arguments: afterLookups)
  func stepsAfterALookup(patience: Int64, age: Int64, step: UnknownOutcome.Step) {
    let terms = Self.terms(.fail, patience: patience, asks: true)
    #expect(UnknownOutcome.stepAfterLookup(terms, since: 0, now: age) == step)
    let repeating = Self.terms(.repeat, patience: patience, asks: true)
    #expect(
      UnknownOutcome.stepAfterLookup(repeating, since: 0, now: age)
        == (step == .fail ? .sendAgain : step))
  }

  /// The law: however late each look comes, it ends, not before the deadline, and as the policy
  /// says; and whoever can be asked is asked at the deadline or later before that.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func endsAtTheDeadline(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let since = Int64.random(in: 0...2_000_000_000_000, using: &random)
    let terms = Self.terms(
      Bool.random(using: &random) ? .fail : .repeat,
      patience: Int64.random(in: 1_000...86_400_000, using: &random), asks: seed % 2 == 0)
    let deadline = since + terms.patience
    var (now, lastAsked, looks) = (since, Int64.min, 0)
    while true {
      looks += 1
      guard looks < 60 else {
        _ = Issue.record("no end after \(now - since) ms")
        return
      }
      var step = UnknownOutcome.step(terms, since: since, now: now)
      if step == .lookUp {
        #expect(terms.canLookUp)
        lastAsked = now
        step = UnknownOutcome.stepAfterLookup(terms, since: since, now: now)
      }
      guard case .wait(let until) = step else {
        #expect(now >= deadline)
        #expect(step == (terms.policy == .fail ? .fail : .sendAgain))
        #expect(!terms.canLookUp || lastAsked >= deadline)
        return
      }
      #expect(until > now && until <= deadline)
      now = until + (Bool.random(using: &random) ? 0 : Int64.random(in: 0...90_000, using: &random))
    }
  }
}
