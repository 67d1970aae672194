import Synchronization

/// A word that processes share. The compiler emits the same locked instruction for it as for any other
/// atomic, so it holds between processes as between threads.
struct SharedWord {
  private let pointer: UnsafeMutablePointer<Atomic<UInt64>>

  /// - Parameter index: In words from `base`, which is the segment's and outlives this value.
  init(_ base: UnsafeMutableRawPointer, _ index: Int) {
    pointer = (base + index * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  var value: UInt64 { pointer.pointee.load(ordering: .acquiring) }

  func set(_ value: UInt64) { pointer.pointee.store(value, ordering: .releasing) }

  func add(_ number: UInt64) { pointer.pointee.wrappingAdd(number, ordering: .relaxed) }

  func raise(to value: UInt64) { pointer.pointee.max(value, ordering: .relaxed) }

  /// Stores `desired` where nobody has changed what was expected.
  func exchange(_ expected: UInt64, for desired: UInt64) -> (exchanged: Bool, original: UInt64) {
    pointer.pointee.compareExchange(
      expected: expected, desired: desired, ordering: .acquiringAndReleasing)
  }

  /// Stores what `next` makes of the value, which it may be asked for several times.
  func update(_ next: (UInt64) -> UInt64) {
    var held = value
    while true {
      let desired = next(held)
      guard desired != held else { return }
      let swap = exchange(held, for: desired)
      if swap.exchanged { return }
      held = swap.original
    }
  }
}
