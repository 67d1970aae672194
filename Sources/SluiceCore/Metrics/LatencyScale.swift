/// The buckets of a histogram of durations: two to each doubling, from 64 microseconds to more than an
/// hour, so that a percentile read from them is off by a quarter at most.
package enum LatencyScale {
  /// The last bucket holds what is longer than every bound.
  package static let buckets = 2 * doublings + 2

  /// Upper bounds, microseconds, of all buckets but the last: 64, 96, 128, 192, …
  package static let bounds: [UInt64] = (0..<buckets - 1).map { index in
    let power = smallest << UInt64(index / 2)
    return index % 2 == 0 ? power : power + power / 2
  }

  /// The bucket of a duration: the first whose bound it does not exceed.
  package static func bucket(microseconds: UInt64) -> Int {
    guard microseconds > smallest else { return 0 }
    let value = microseconds - 1
    let doubling = 63 - value.leadingZeroBitCount
    let isUpperHalf = value >> (doubling - 1) & 1 == 1
    return min(2 * (doubling - 6) + (isUpperHalf ? 2 : 1), buckets - 1)
  }

  private static let smallest: UInt64 = 64
  private static let doublings = 26
}
