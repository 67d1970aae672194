import Synchronization

/// The rate limiter of all processes: a token bucket per channel and destination in the shared
/// segment. Without a segment there are no slots: better late than over the limit.
package final class SharedBuckets: RateLimiter {
  private let path: String
  private let stateDirectory: String
  private let clocks: any Clocks
  private let segment: Mutex<SharedSegment>
  private let breaker = CircuitBreaker.standard

  package init(path: String, stateDirectory: String, clocks: any Clocks) throws(SegmentError) {
    self.path = path
    self.stateDirectory = stateDirectory
    self.clocks = clocks
    segment = Mutex(
      try SharedSegment(path: path, stateDirectory: stateDirectory, now: clocks.boot))
  }

  package func reserve(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, now: UInt64,
    horizon: UInt64
  ) -> Reservation {
    guard let segment = current(now: now) else { return .wait(until: now + Self.second) }
    let line = segment.line(for: Self.key(destination, channel))
    let held = line[.held].load(ordering: .relaxed)
    // A hold further away than anyone may ask for is damage.
    if held > now, held <= now + Self.longestHold { return .wait(until: held) }
    var word = line[.next].load(ordering: .relaxed)
    while true {
      // What went out under a segment that was deleted is not known here: let a second pass.
      let known = word == 0 ? segment.birth + Self.second : word
      switch bucket.decide(word: known, now: now, horizon: horizon) {
      case .wait(let until): return .wait(until: until)
      case .take(let slot, let next):
        let swap = line[.next].compareExchange(
          expected: word, desired: next, ordering: .acquiringAndReleasing)
        if swap.exchanged { return .slot(slot) }
        word = swap.original
      }
    }
  }

  package func charge(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, slot: UInt64,
    now: UInt64
  ) {
    guard let segment = current(now: now) else { return }
    let line = segment.line(for: Self.key(destination, channel))
    var word = line[.next].load(ordering: .relaxed)
    while true {
      let swap = line[.next].compareExchange(
        expected: word, desired: bucket.charge(word: word, slot: slot, now: now),
        ordering: .acquiringAndReleasing)
      if swap.exchanged { return }
      word = swap.original
    }
  }

  package func hold(
    _ destination: Destination, of channel: ChannelName, until time: UInt64, now: UInt64
  ) {
    guard let segment = current(now: now) else { return }
    let line = segment.line(for: Self.key(destination, channel))
    let time = min(time, now + Self.longestHold)
    let held = line[.held].load(ordering: .relaxed)
    // The later of two holds wins; one that is damaged never does.
    if held > now + Self.longestHold {
      line[.held].store(time, ordering: .relaxed)
    } else {
      line[.held].max(time, ordering: .relaxed)
    }
  }

  package func admission(
    _ destination: Destination, of channel: ChannelName, now: UInt64
  ) -> Admission {
    guard let segment = current(now: now) else { return .refused(until: now + Self.second) }
    let word = segment.line(for: Self.key(destination, channel))[.breaker].load(
      ordering: .relaxed)
    return switch breaker.state(word: word, now: now / Self.millisecond) {
    case .closed: .admitted
    case .halfOpen: .probe
    case .open(let until): .refused(until: until * Self.millisecond)
    }
  }

  package func claimProbe(
    _ destination: Destination, of channel: ChannelName, now: UInt64
  ) -> Bool {
    guard let segment = current(now: now) else { return false }
    let line = segment.line(for: Self.key(destination, channel))
    let word = line[.breaker].load(ordering: .relaxed)
    switch breaker.state(word: word, now: now / Self.millisecond) {
    case .closed: return true
    case .open: return false
    case .halfOpen(let claim):
      return line[.breaker].compareExchange(
        expected: word, desired: claim, ordering: .acquiringAndReleasing
      ).exchanged
    }
  }

  package func note(
    success: Bool, isProbe: Bool, _ destination: Destination, of channel: ChannelName, now: UInt64
  ) {
    guard let segment = current(now: now) else { return }
    let line = segment.line(for: Self.key(destination, channel))
    var word = line[.breaker].load(ordering: .relaxed)
    while true {
      let next =
        success
        ? 0 : breaker.failed(word: word, isProbe: isProbe, now: now / Self.millisecond)
      guard next != word else { return }
      let swap = line[.breaker].compareExchange(
        expected: word, desired: next, ordering: .acquiringAndReleasing)
      if swap.exchanged { return }
      word = swap.original
    }
  }

  package func count(
    _ event: CountedEvent, _ destination: Destination, of channel: ChannelName
  ) {
    guard let segment = current(now: clocks.boot) else { return }
    segment.line(for: Self.key(destination, channel))[event].wrappingAdd(1, ordering: .relaxed)
  }

  /// The counter's value over all processes since the segment was made.
  package func counter(
    _ event: CountedEvent, _ destination: Destination, of channel: ChannelName
  ) -> UInt64 {
    guard let segment = current(now: clocks.boot) else { return 0 }
    return segment.line(for: Self.key(destination, channel))[event].load(ordering: .relaxed)
  }

  /// The segment that everyone uses now: ours, unless somebody deleted or damaged it.
  private func current(now: UInt64) -> SharedSegment? {
    segment.withLock { segment in
      if segment.isCurrent { return segment }
      guard
        let fresh = try? SharedSegment(path: path, stateDirectory: stateDirectory, now: now)
      else { return nil }
      segment = fresh
      return fresh
    }
  }

  private static func key(_ destination: Destination, _ channel: ChannelName) -> UInt64 {
    SharedSegment.fnv1a([destination.rawValue] + Array(channel.description.utf8))
  }

  private static let second: UInt64 = 1_000_000_000
  private static let millisecond: UInt64 = 1_000_000
  private static let longestHold: UInt64 = 3_600_000_000_000
}
