/// What is still to happen, by time; equals in the order they were added.
struct Timeline {
  private struct Event {
    let time: UInt64
    let number: UInt64
    let action: () -> Void

    func isBefore(_ other: Event) -> Bool { (time, number) < (other.time, other.number) }
  }

  private var heap: [Event] = []
  private var added: UInt64 = 0

  var next: UInt64? { heap.first?.time }

  mutating func add(at time: UInt64, _ action: @escaping () -> Void) {
    added += 1
    heap.append(Event(time: time, number: added, action: action))
    var child = heap.count - 1
    while child > 0, case let parent = (child - 1) / 2, heap[child].isBefore(heap[parent]) {
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> (time: UInt64, action: () -> Void)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while case let left = 2 * parent + 1, left < heap.count {
        let right = left + 1
        let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
        guard heap[child].isBefore(heap[parent]) else { break }
        heap.swapAt(child, parent)
        parent = child
      }
    }
    return (first.time, first.action)
  }
}
