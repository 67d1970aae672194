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

  /// Measured by the time of day, which is all that POSIX offers here: while that is set, a wait may be
  /// longer or shorter.
  /// - Returns: `false` if nothing came within that time.
  package func wait(milliseconds: Int) -> Bool {
    var end = timespec()
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_nsec += milliseconds % 1_000 * 1_000_000
    end.tv_sec += milliseconds / 1_000 + end.tv_nsec / 1_000_000_000
    end.tv_nsec %= 1_000_000_000
    while sem_timedwait(raw, &end) != 0 {
      if errno == ETIMEDOUT { return false }
    }
    return true
  }

  package func signal() { sem_post(raw) }
}
