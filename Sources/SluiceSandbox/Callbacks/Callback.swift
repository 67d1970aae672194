import SluiceCore

/// A webhook that the provider will post to Sluice.
struct Callback: Sendable {
  enum Purpose: Sendable, Equatable {
    /// A message written on the phone, and its number on the page.
    case inbound(item: Int?)
    /// A delivery report.
    case report(String)
    /// A message that Sluice sent itself, as one that the business wrote.
    case echo
  }

  let channel: Int
  let contact: String
  let purpose: Purpose
  /// The provider's ID of what it is about.
  var subject = ""
  let call: HTTPCall
  /// When it leaves: nanoseconds of `CLOCK_BOOTTIME`.
  var due: UInt64
  /// Attempts made.
  var attempts = 0
  /// Attempts after the first.
  var retries = maximumRetries
  /// Added to the contact's lane, so that callbacks can leave side by side.
  var lane = 0
  /// The state it belongs to; after a reset it no longer counts.
  let epoch: Int64

  static let maximumRetries = 10

  /// Nanoseconds until the next attempt, half a second longer each time; `nil` to give up.
  var pause: UInt64? { attempts <= retries ? UInt64(attempts) * 500_000_000 : nil }
}

/// One attempt to post a callback, as tests read it.
struct CallbackAttempt: Sendable {
  /// Nanoseconds of `CLOCK_BOOTTIME`, when it left.
  let boot: UInt64
  let channel: UInt16
  let purpose: Callback.Purpose
  let contact: String
  let subject: String
  /// 1 for the first.
  let attempt: Int
  /// The HTTP status that Sluice answered; 0 for none.
  let answer: UInt16
  let milliseconds: UInt64

  func json(number: Int, channel name: String) -> JSON {
    var status: String?
    let type: String
    switch purpose {
    case .inbound: type = "phone"
    case .echo: type = "echo"
    case .report(let word): (type, status) = ("status", word)
    }
    return .object(present: [
      ("n", .integer(Int64(number))), ("boot", .integer(Int64(boot))), ("channel", .string(name)),
      ("type", .string(type)), ("status", status.map(JSON.string)),
      ("contact", .string(contact)), ("id", .string(subject)),
      ("attempt", .integer(Int64(attempt))), ("answer", .integer(Int64(answer))),
      ("milliseconds", .integer(Int64(milliseconds))),
    ])
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
