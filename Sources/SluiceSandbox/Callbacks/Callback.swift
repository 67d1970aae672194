import SluiceCore

/// A webhook that the provider will post to Sluice.
struct Callback: Sendable {
  enum Purpose: Sendable, Equatable {
    /// A message written on the phone, and its number on the page.
    case inbound(item: Int?)
    /// A delivery report.
    case report(String)
  }

  let channel: Int
  let contact: String
  let purpose: Purpose
  let call: HTTPCall
  /// When it leaves: nanoseconds of `CLOCK_BOOTTIME`.
  var due: UInt64
  /// Attempts made.
  var attempts = 0
  /// The state it belongs to; after a reset it no longer counts.
  let epoch: Int64

  static let maximumRetries = 10

  /// Nanoseconds until the next attempt, half a second longer each time; `nil` to give up.
  /// - Parameter attempts: Attempts made, at least 1.
  static func pause(after attempts: Int) -> UInt64? {
    attempts <= maximumRetries ? UInt64(attempts) * 500_000_000 : nil
  }
}

/// Callbacks by due time, a binary heap; those due at once leave in the order they came.
struct CallbackQueue {
  private var heap: [(callback: Callback, order: UInt64)] = []
  private var order: UInt64 = 0

  var nextDue: UInt64? { heap.first?.callback.due }
  var count: Int { heap.count }

  mutating func push(_ callback: Callback) {
    heap.append((callback, order))
    order += 1
    var child = heap.count - 1
    while child > 0, case let parent = (child - 1) / 2, isEarlier(child, parent) {
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// The callback that is due first, if it is due `now`.
  mutating func pop(now: UInt64) -> Callback? {
    guard let due = nextDue, due <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    let first = heap.removeLast().callback
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && isEarlier(child, least) {
        least = child
      }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  mutating func clear() { heap = [] }

  private func isEarlier(_ a: Int, _ b: Int) -> Bool {
    (heap[a].callback.due, heap[a].order) < (heap[b].callback.due, heap[b].order)
  }
}
