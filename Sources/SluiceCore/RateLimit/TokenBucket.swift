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
    interval = UInt64(1e9 / (limit * Self.share))
  }

  /// The limit that it keeps; `nil` without one.
  package var limitPerSecond: Double? {
    interval == 0 ? nil : 1e9 / Double(interval) / Self.share
  }

  private static let share = 0.975

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

  /// The word after a slot was used late, by more than the ``tolerance``. If nobody has reserved a
  /// later slot, the next ones move along with the late call; otherwise it lies among others' calls,
  /// and is paid once more. Without this, a slow connection set-up would let `limit + 1` calls into
  /// one second at the receiver.
  /// - Parameter slot: The one that was taken; `now` is when the call left.
  package func charge(word: UInt64, slot: UInt64, now: UInt64) -> UInt64 {
    guard interval > 0, now > slot &+ Self.tolerance else { return word }
    let isLast = word == slot &+ interval
    return isLast ? max(word, now &- Self.tolerance &+ interval) : max(word, now) &+ interval
  }

  /// Nanoseconds by which a call may leave after its slot. The room between `limit` intervals and a
  /// second is 26 ms; what this leaves of it is for the way to the receiver.
  package static let tolerance: UInt64 = 10_000_000

  private static let damagePause: UInt64 = 1_000_000_000
  /// How far beyond the horizon a word can be: late slots are paid again one by one.
  private var farthest: UInt64 { 2_000_000_000 + 2 * interval }
}
