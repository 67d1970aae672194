import Glibc
import SluiceCore
import Synchronization

/// The callbacks that wait, in lanes with a thread each. A contact's callbacks always take the same
/// lane, so that what is written on one phone leaves in its order.
final class CallbackLanes: Sendable {
  private let lanes: [Lane]

  private final class Lane: Sendable {
    let queue = Mutex(CallbackQueue())
    let doorbell = Doorbell()
  }

  init(count: Int) { lanes = (0..<max(count, 1)).map { _ in Lane() } }

  func push(_ callback: Callback) {
    let lane = lanes[lane(of: callback)]
    lane.queue.withLock { $0.push(callback) }
    lane.doorbell.ring()
  }

  func clear() {
    for lane in lanes { lane.queue.withLock { $0.clear() } }
  }

  /// Takes what is due `now` out of all lanes, a callback at a time, until nothing is.
  func drain(now: UInt64, _ deliver: (Callback) -> Void) {
    for lane in lanes {
      while let callback = lane.queue.withLock({ $0.pop(now: now) }) { deliver(callback) }
    }
  }

  /// Starts a thread per lane, for the life of the process.
  func start(clocks: any Clocks, deliver: @escaping @Sendable (Callback) -> Void) {
    for lane in lanes {
      Thread.start { Self.run(lane, clocks, deliver) }
    }
  }

  private static func run(
    _ lane: Lane, _ clocks: any Clocks, _ deliver: @Sendable (Callback) -> Void
  ) -> Never {
    while true {
      let now = clocks.boot
      if let callback = lane.queue.withLock({ $0.pop(now: now) }) {
        deliver(callback)
      } else {
        let due = lane.queue.withLock { $0.nextDue }
        lane.doorbell.wait(nanoseconds: due.map { $0 > now ? $0 - now : 0 } ?? 60_000_000_000)
      }
    }
  }

  private func lane(of callback: Callback) -> Int {
    var hasher = Hasher()
    hasher.combine(callback.channel)
    hasher.combine(callback.contact)
    let lane = UInt(bitPattern: hasher.finalize()) % UInt(lanes.count)
    return Int(lane + UInt(callback.lane)) % lanes.count
  }
}

/// Wakes one waiting thread.
/// `@unchecked Sendable`: the POSIX mutex guards `isRung`, and neither object moves in memory.
private final class Doorbell: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isRung = false

  init() {
    pthread_mutex_init(mutex, nil)
    // Nobody can step the monotonic clock; conditions wait by the wall clock otherwise.
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func ring() {
    pthread_mutex_lock(mutex)
    isRung = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Returns after a ring, or when the time is up; many rings are one.
  func wait(nanoseconds: UInt64) {
    var until = timespec()
    clock_gettime(CLOCK_MONOTONIC, &until)
    let total = UInt64(until.tv_nsec) + nanoseconds
    until.tv_sec += Int(total / 1_000_000_000)
    until.tv_nsec = Int(total % 1_000_000_000)
    pthread_mutex_lock(mutex)
    while !isRung, pthread_cond_timedwait(condition, mutex, &until) == 0 {}
    isRung = false
    pthread_mutex_unlock(mutex)
  }
}
