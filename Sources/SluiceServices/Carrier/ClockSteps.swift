/// Notices when the time of day is set back, by a clock that nobody can set.
struct ClockSteps {
  /// Milliseconds from boot time to the time of day, when last asked.
  private var offset: Int64?
  /// Boot time until which some process may still be writing times of before the step.
  private var unsettledUntil: UInt64 = 0

  /// - Parameters:
  ///   - wall: Unix milliseconds.
  ///   - boot: Nanoseconds.
  /// - Returns: Whether to look for times that lie in a future which is none any more: when a step
  ///   is noticed, and once more when all that was under way then has ended.
  mutating func areToBeMended(wall: Int64, boot: UInt64) -> Bool {
    let offset = wall - Int64(boot / 1_000_000)
    defer { self.offset = offset }
    if let known = self.offset, offset < known - Self.tolerance {
      unsettledUntil = boot + Self.settling
      return true
    }
    guard unsettledUntil > 0, boot >= unsettledUntil else { return false }
    unsettledUntil = 0
    return true
  }

  /// Milliseconds by which a clock that is only adjusted may be behind from one look to the next.
  private static let tolerance: Int64 = 1_000
  /// Nanoseconds.
  private static let settling: UInt64 = 10_000_000_000
}
