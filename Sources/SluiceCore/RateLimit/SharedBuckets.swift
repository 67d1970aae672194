/// The rate limiter of all processes: a token bucket per channel and destination in the shared
/// segment. Without a segment there are no slots: better late than over the limit.
package final class SharedBuckets: RateLimiter {
  private let segment: CurrentSegment
  private let breaker = CircuitBreaker.standard

  package init(_ segment: CurrentSegment) { self.segment = segment }

  package func reserve(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, now: UInt64,
    horizon: UInt64
  ) -> Reservation {
    guard let segment = segment.get(now: now) else { return .wait(until: now + Self.second) }
    let line = segment.line(destination, of: channel)
    let reservation = reserve(in: line, bucket: bucket, birth: segment.birth, now: now, horizon)
    switch reservation {
    case .slot(let slot): note(slot, in: line)
    case .wait: line[.waits].add(1)
    }
    if line[.interval].value != bucket.interval { line[.interval].set(bucket.interval) }
    return reservation
  }

  private func reserve(
    in line: SharedSegment.Line, bucket: TokenBucket, birth: UInt64, now: UInt64, _ horizon: UInt64
  ) -> Reservation {
    let held = line[.held].value
    // A hold further away than anyone may ask for is damage.
    if held > now, held <= now + Self.longestHold { return .wait(until: held) }
    var word = line[.next].value
    while true {
      // What went out under a segment that was deleted is not known here: let a second pass.
      let known = word == 0 ? birth + Self.second : word
      switch bucket.decide(word: known, now: now, horizon: horizon) {
      case .wait(let until): return .wait(until: until)
      case .take(let slot, let next):
        let swap = line[.next].exchange(word, for: next)
        if swap.exchanged { return .slot(slot) }
        word = swap.original
      }
    }
  }

  /// For whoever asks how much of its limit a channel uses.
  private func note(_ slot: UInt64, in line: SharedSegment.Line) {
    line[.second].update { RecentCount($0).adding(at: slot, length: Self.second).word }
    line[.minute].update { RecentCount($0).adding(at: slot, length: Self.minute).word }
  }

  package func charge(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, slot: UInt64,
    now: UInt64
  ) {
    guard let segment = segment.get(now: now) else { return }
    segment.line(destination, of: channel)[.next].update {
      bucket.charge(word: $0, slot: slot, now: now)
    }
  }

  package func hold(
    _ destination: Destination, of channel: ChannelName, until time: UInt64, now: UInt64
  ) {
    guard let segment = segment.get(now: now) else { return }
    let line = segment.line(destination, of: channel)
    let time = min(time, now + Self.longestHold)
    let held = line[.held].value
    // The later of two holds wins; one that is damaged never does.
    if held > now + Self.longestHold {
      line[.held].set(time)
    } else {
      line[.held].raise(to: time)
    }
  }

  package func admission(
    _ destination: Destination, of channel: ChannelName, now: UInt64
  ) -> Admission {
    guard let segment = segment.get(now: now) else { return .refused(until: now + Self.second) }
    let word = segment.line(destination, of: channel)[.breaker].value
    return switch breaker.state(word: word, now: now / Self.millisecond) {
    case .closed: .admitted
    case .halfOpen: .probe
    case .open(let until): .refused(until: until * Self.millisecond)
    }
  }

  package func claimProbe(
    _ destination: Destination, of channel: ChannelName, now: UInt64
  ) -> Bool {
    guard let segment = segment.get(now: now) else { return false }
    let line = segment.line(destination, of: channel)
    let word = line[.breaker].value
    switch breaker.state(word: word, now: now / Self.millisecond) {
    case .closed: return true
    case .open: return false
    case .halfOpen(let claim):
      return line[.breaker].exchange(word, for: claim).exchanged
    }
  }

  package func note(
    success: Bool, isProbe: Bool, _ destination: Destination, of channel: ChannelName, now: UInt64
  ) {
    guard let segment = segment.get(now: now) else { return }
    segment.line(destination, of: channel)[.breaker].update {
      success ? 0 : breaker.failed(word: $0, isProbe: isProbe, now: now / Self.millisecond)
    }
  }

  static let second: UInt64 = 1_000_000_000
  static let minute = 60 * second
  private static let millisecond: UInt64 = 1_000_000
  static let longestHold: UInt64 = 3_600_000_000_000
}
