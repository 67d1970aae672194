/// Admits at most `limit` requests in any second: the platform's contract taken literally, by
/// remembering when the last `limit` were admitted. Times are nanoseconds of `CLOCK_BOOTTIME`.
/// A second is half open: requests exactly one second apart do not share one.
struct SlidingWindow: Sendable {
  static let width: UInt64 = 1_000_000_000

  let limit: Int
  /// The last `limit` admitted times, oldest at `next`.
  private var admitted: [UInt64] = []
  private var next = 0

  init(limit: Int) {
    precondition(limit > 0, "a limit of \(limit) admits nothing")
    self.limit = limit
  }

  /// Whether a request at `now` is admitted. Refused ones do not count: a sender that comes back too
  /// early is not punished for ever.
  mutating func admits(_ now: UInt64) -> Bool {
    guard admitted.count == limit else {
      admitted.append(now)
      return true
    }
    // Threads may report a little out of order: an oldest time in the future is within the second.
    guard now >= admitted[next], now - admitted[next] >= Self.width else { return false }
    admitted[next] = now
    next = (next + 1) % limit
    return true
  }

  /// The most times that fall into one second. `times` are ascending.
  static func maximum(in times: [UInt64]) -> Int {
    var most = 0
    var first = 0
    for (index, time) in times.enumerated() {
      while time - times[first] >= width { first += 1 }
      most = max(most, index - first + 1)
    }
    return most
  }
}

/// The most times in any second of a stream that never ends. Threads report a little out of order; what
/// comes up to a second late is still counted where it belongs.
struct BusiestSecond: Sendable {
  /// Sorted but for what has come since the last ``settle()``; the rest is behind us.
  private var waiting: [UInt64] = []
  private var settled = 0
  private var room = minimumRoom

  private static let minimumRoom = 8_192

  mutating func add(_ time: UInt64) {
    waiting.append(time)
    if waiting.count >= room { settle() }
  }

  var most: Int { max(settled, SlidingWindow.maximum(in: waiting.sorted())) }

  /// Counts, and keeps what seconds to come can still hold.
  private mutating func settle() {
    waiting.sort()
    settled = max(settled, SlidingWindow.maximum(in: waiting))
    let last = waiting[waiting.count - 1]
    let kept = waiting.firstIndex { last - $0 < 2 * SlidingWindow.width } ?? 0
    waiting.removeFirst(kept)
    room = max(Self.minimumRoom, 2 * waiting.count)
  }
}
