import SluiceCore

/// When to look at which queue again. What is not on it is found by the next scan of the ledger.
struct Agenda {
  struct Key: Hashable {
    let channel: ChannelName
    let queue: Queue
  }

  /// Wall time, milliseconds.
  private var looks: [Key: Int64] = [:]

  /// Looks at `time`, or earlier if that was planned.
  mutating func look(_ key: Key, at time: Int64) {
    looks[key] = min(looks[key] ?? time, time)
  }

  /// Looks at `time` and not before; never, if `nil`.
  mutating func replace(_ key: Key, with time: Int64?) { looks[key] = time }

  /// Queues to look at now: messages before statuses, and otherwise whoever has waited longest.
  func due(now: Int64) -> [Key] {
    looks.filter { $0.value <= now }
      .sorted {
        ($0.key.queue.isMessage ? 0 : 1, $0.value, $0.key.channel, $0.key.queue.rawValue)
          < ($1.key.queue.isMessage ? 0 : 1, $1.value, $1.key.channel, $1.key.queue.rawValue)
      }
      .map(\.key)
  }

  func isDue(_ channel: ChannelName, _ queue: Queue, now: Int64) -> Bool {
    looks[Key(channel: channel, queue: queue)].map { $0 <= now } ?? false
  }

  /// The first look later than `now`.
  func next(after now: Int64) -> Int64? { looks.values.lazy.filter { $0 > now }.min() }

  func hasLook(before time: Int64) -> Bool { looks.values.contains { $0 < time } }
}
