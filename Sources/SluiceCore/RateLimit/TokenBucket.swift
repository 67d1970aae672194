/// A token bucket whose state is one integer, so that it fits an atomic and a process killed half
/// way leaves no lock held: not a count, but the time of the next free slot (the "theoretical
/// arrival time" of GCRA, ITU-T I.371). The burst is 1, because any burst is admitted on top of the
/// rate in some sliding second. Times are nanoseconds of `CLOCK_BOOTTIME`: one clock for every
/// process of the host, never stepped back, reset at boot, which the word must not outlive.
package struct TokenBucket: Sendable, Equatable {
  /// Nanoseconds between two slots; 0 lifts the limit.
  package let interval: UInt64

  package static let unlimited = TokenBucket(interval: 0)

  package init(interval: UInt64) { self.interval = interval }

  /// The bucket under which no sliding second holds more than `limit` calls: 97.5 % of the limit, so
  /// that `limit` intervals span 26 ms more than a second. By that much calls may be early or late
  /// before `limit + 1` of them meet in one second at the receiver.
  package init(limitPerSecond limit: Double) {
    precondition(limit > 0, "a limit of \(limit) calls per second lets none through")
    interval = UInt64(1e9 / (limit * 0.975))
  }

  package enum Decision: Equatable, Sendable {
    /// The slot is ours; `next` is the word to store.
    case take(slot: UInt64, next: UInt64)
    /// No slot within the horizon; the same call succeeds at that time.
    case wait(until: UInt64)
  }

  /// Decides which slot a call gets. Pure: storing the word is the caller's part.
  /// - Parameter word: When the next slot is free; 0 if never used. A value further away than any
  ///   caller could have pushed it is damage: the slot is then a second from now, whatever the
  ///   horizon, because nobody who is asked to wait stores a better word.
  /// - Parameter horizon: How far ahead a slot may be reserved, nanoseconds.
  package func decide(word: UInt64, now: UInt64, horizon: UInt64) -> Decision {
    guard interval > 0 else { return .take(slot: now, next: word) }
    let isDamaged = word > now &+ farthest &+ horizon
    let slot = isDamaged ? now &+ Self.damagePause : max(word, now)
    guard isDamaged || slot &- now <= horizon else { return .wait(until: slot &- horizon) }
    return .take(slot: slot, next: slot &+ interval)
  }

  /// A slot that is used late, after later ones, is paid again where it is used: the word moves on
  /// by one more interval. Without this, a slow connection set-up would let `limit + 1` calls into
  /// one second at the receiver.
  package func charge(word: UInt64, now: UInt64) -> UInt64 {
    interval == 0 ? word : max(word, now) &+ interval
  }

  /// Lateness up to here is covered by the room between `limit` intervals and a second.
  package static let tolerance: UInt64 = 8_000_000

  private static let damagePause: UInt64 = 1_000_000_000
  /// How far beyond the horizon a word can be: late slots are paid again one by one.
  private var farthest: UInt64 { 2_000_000_000 + 2 * interval }
}
