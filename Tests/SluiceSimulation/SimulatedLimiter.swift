import SluiceCore

/// `SharedBuckets` without the shared memory: the same words, the same decisions. One for all
/// processes of a world.
final class SimulatedLimiter: RateLimiter, @unchecked Sendable {  // One thread per world.
  private struct Line {
    var next: UInt64 = 0
    var held: UInt64 = 0
    var breaker: UInt64 = 0
  }

  private struct Key: Hashable {
    let destination: Destination
    let channel: ChannelName
  }

  private let birth: UInt64
  private var lines: [Key: Line] = [:]
  private let breaker = CircuitBreaker.standard

  init(birth: UInt64) { self.birth = birth }

  func reserve(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, now: UInt64,
    horizon: UInt64
  ) -> Reservation {
    let key = Key(destination: destination, channel: channel)
    var line = lines[key] ?? Line()
    if line.held > now, line.held <= now + Self.longestHold { return .wait(until: line.held) }
    let word = line.next == 0 ? birth + 1_000_000_000 : line.next
    switch bucket.decide(word: word, now: now, horizon: horizon) {
    case .wait(let until): return .wait(until: until)
    case .take(let slot, let next):
      line.next = next
      lines[key] = line
      return .slot(slot)
    }
  }

  func charge(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, slot: UInt64,
    now: UInt64
  ) {
    let key = Key(destination: destination, channel: channel)
    var line = lines[key] ?? Line()
    line.next = bucket.charge(word: line.next, slot: slot, now: now)
    lines[key] = line
  }

  func hold(_ destination: Destination, of channel: ChannelName, until time: UInt64, now: UInt64) {
    let key = Key(destination: destination, channel: channel)
    lines[key, default: Line()].held = max(
      lines[key]?.held ?? 0, min(time, now + Self.longestHold))
  }

  func admission(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Admission {
    let word = lines[Key(destination: destination, channel: channel)]?.breaker ?? 0
    return switch breaker.state(word: word, now: now / 1_000_000) {
    case .closed: .admitted
    case .halfOpen: .probe
    case .open(let until): .refused(until: until * 1_000_000)
    }
  }

  func claimProbe(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Bool {
    let key = Key(destination: destination, channel: channel)
    switch breaker.state(word: lines[key]?.breaker ?? 0, now: now / 1_000_000) {
    case .closed: return true
    case .open: return false
    case .halfOpen(let claim):
      lines[key]?.breaker = claim
      return true
    }
  }

  func note(
    success: Bool, isProbe: Bool, _ destination: Destination, of channel: ChannelName, now: UInt64
  ) {
    let key = Key(destination: destination, channel: channel)
    let word = lines[key]?.breaker ?? 0
    lines[key, default: Line()].breaker =
      success ? 0 : breaker.failed(word: word, isProbe: isProbe, now: now / 1_000_000)
  }

  private static let longestHold: UInt64 = 3_600_000_000_000
}

/// The limiter as one process sees it: one that has died changes nothing any more.
struct ProcessLimiter: RateLimiter {
  let limiter: any RateLimiter
  let process: SimulatedProcess

  func reserve(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, now: UInt64,
    horizon: UInt64
  ) -> Reservation {
    guard process.isAlive else { return .wait(until: now) }
    return limiter.reserve(
      destination, of: channel, bucket: bucket, now: now, horizon: horizon)
  }

  func charge(
    _ destination: Destination, of channel: ChannelName, bucket: TokenBucket, slot: UInt64,
    now: UInt64
  ) {
    guard process.isAlive else { return }
    limiter.charge(destination, of: channel, bucket: bucket, slot: slot, now: now)
  }

  func hold(_ destination: Destination, of channel: ChannelName, until time: UInt64, now: UInt64) {
    guard process.isAlive else { return }
    limiter.hold(destination, of: channel, until: time, now: now)
  }

  func admission(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Admission {
    limiter.admission(destination, of: channel, now: now)
  }

  func claimProbe(_ destination: Destination, of channel: ChannelName, now: UInt64) -> Bool {
    process.isAlive && limiter.claimProbe(destination, of: channel, now: now)
  }

  func note(
    success: Bool, isProbe: Bool, _ destination: Destination, of channel: ChannelName, now: UInt64
  ) {
    guard process.isAlive else { return }
    limiter.note(success: success, isProbe: isProbe, destination, of: channel, now: now)
  }
}
