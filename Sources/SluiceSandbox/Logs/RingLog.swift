/// A log that forgets its oldest entries: entry `n` of all ever appended stays readable until
/// `capacity` more have come. Readers poll with the number they have read up to.
struct RingLog<Entry> {
  let capacity: Int
  private var entries: [Entry] = []
  /// Entries ever appended, and so the number of the next one.
  private(set) var end = 0

  /// - Parameter capacity: At least 1. Memory grows towards it as entries come.
  init(capacity: Int) {
    precondition(capacity > 0, "a log of \(capacity) entries holds nothing")
    self.capacity = capacity
  }

  /// The number of the oldest entry that is left.
  var start: Int { end - entries.count }

  /// - Returns: The entry that had to make room.
  @discardableResult
  mutating func append(_ entry: Entry) -> Entry? {
    defer { end += 1 }
    guard entries.count == capacity else {
      entries.append(entry)
      return nil
    }
    let slot = end % capacity
    let old = entries[slot]
    entries[slot] = entry
    return old
  }

  /// The entry of that number; it must not have been forgotten.
  subscript(number: Int) -> Entry {
    get { entries[number % capacity] }
    set { entries[number % capacity] = newValue }
  }

  func contains(_ number: Int) -> Bool { number >= start && number < end }

  /// The entries numbered `since` and up, oldest first, as far as they are left.
  /// - Parameter limit: At most so many, the oldest of them.
  func entries(since: Int = 0, limit: Int = .max) -> [Entry] {
    let first = min(max(since, start), end)
    return (first..<(first + min(limit, end - first))).map { self[$0] }
  }
}

extension RingLog: Sendable where Entry: Sendable {}
