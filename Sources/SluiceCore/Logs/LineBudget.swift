/// How often a line is written that anybody can cause, without knowing a secret: the first few of a
/// minute, then the tenth, the hundredth and so on, so that a flood of requests is none of lines.
///
/// Its state is one word that says itself which minute it counts, from its low end 36 bits for the
/// count, 28 for the minute's number since boot.
package enum LineBudget {
  package struct Verdict: Equatable, Sendable {
    package let isWritten: Bool
    /// In this minute, this one included.
    package let times: UInt64
    /// Not written in the last minute in which there were any.
    package let leftOut: UInt64
  }

  package static func note(
    word: UInt64, minute: UInt64
  ) -> (word: UInt64, verdict: Verdict) {
    let (minute, earlier) = (minute & numberMask, word & countMask)
    let isSame = word >> 36 == minute
    let times = isSame ? min(earlier + 1, countMask) : 1
    let verdict = Verdict(
      isWritten: isWritten(times), times: times,
      leftOut: isSame ? 0 : earlier - written(of: earlier))
    return (minute << 36 | times, verdict)
  }

  private static func isWritten(_ number: UInt64) -> Bool {
    number <= first || written(of: number) > written(of: number - 1)
  }

  /// How many of so many lines of a minute were written.
  private static func written(of times: UInt64) -> UInt64 {
    var count = min(times, first)
    var power: UInt64 = 10
    while power <= times {
      count += 1
      power *= 10
    }
    return count
  }

  /// Lines; fewer than ten.
  package static let first: UInt64 = 5
  private static let countMask: UInt64 = 1 << 36 - 1
  private static let numberMask: UInt64 = 1 << 28 - 1
}
