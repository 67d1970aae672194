/// How often something happened in the present window of time and in the one before, in one word, so
/// that many processes can count in it.
///
/// From its low end: 18 bits for this window, 18 for the one before, 28 for the window's number.
struct RecentCount: Equatable {
  private(set) var current: UInt64 = 0
  private(set) var before: UInt64 = 0
  private var window: UInt64 = 0

  init(_ word: UInt64) {
    current = word & Self.countMask
    before = word >> 18 & Self.countMask
    window = word >> 36
  }

  var word: UInt64 { current | before << 18 | window << 36 }

  /// The same with one more, at `time`.
  /// - Parameter length: Of the window, in the unit of `time`.
  func adding(at time: UInt64, length: UInt64) -> RecentCount {
    let window = time / length & Self.windowMask
    var next = self
    if (window + 1) & Self.windowMask == self.window {
      // Somebody else was faster into the next window.
      next.before = min(before + 1, Self.countMask)
    } else {
      next = moved(to: window)
      next.current = min(next.current + 1, Self.countMask)
    }
    return next
  }

  /// How many there were in the time of one window up to `time`: of the window before, as much as
  /// still lies in it.
  func estimate(at time: UInt64, length: UInt64) -> Double {
    let now = moved(to: time / length & Self.windowMask)
    let left = 1 - Double(time % length) / Double(length)
    return Double(now.current) + Double(now.before) * left
  }

  private func moved(to window: UInt64) -> RecentCount {
    guard window != self.window else { return self }
    var next = RecentCount(0)
    next.before = window == (self.window + 1) & Self.windowMask ? current : 0
    next.window = window
    return next
  }

  private static let countMask: UInt64 = 1 << 18 - 1
  private static let windowMask: UInt64 = 1 << 28 - 1
}
