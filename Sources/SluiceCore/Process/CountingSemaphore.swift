import Glibc

/// A semaphore, for threads that block. On the heap, where the kernel can find it.
package final class CountingSemaphore: @unchecked Sendable {
  // A semaphore is there to be shared, which is what makes this class Sendable.
  private let raw: UnsafeMutablePointer<sem_t>

  package init(_ count: Int = 0) {
    raw = .allocate(capacity: 1)
    sem_init(raw, 0, UInt32(count))
  }

  deinit {
    sem_destroy(raw)
    raw.deallocate()
  }

  package func wait() {
    while sem_wait(raw) != 0 {}  // Only a signal interrupts it.
  }

  package func signal() { sem_post(raw) }
}
