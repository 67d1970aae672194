import CFastCGI
import Glibc
import SluiceCore

/// Watches the listener, the stop signal and the connections that hold no request, for the one
/// thread that takes requests; any thread may hand in a connection.
struct Watch: ~Copyable, @unchecked Sendable {
  enum Event {
    case connections, stop
    case request(RequestSlot)
  }

  // The kernel's own lock is what makes this Sendable.
  private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
  private let listener: Int32

  init(_ listener: Listener) {
    self.listener = listener.descriptor
    // A connection wakes one of the processes that share the listener, not all.
    add(listener.descriptor, EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue, Self.connections)
    add(StopSignal.descriptor, EPOLLIN.rawValue, Self.stop)
  }

  deinit { close(epoll) }

  /// Hands in a connection until it has a request, or has ended.
  func add(_ slot: RequestSlot) {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue | EPOLLONESHOT.rawValue
    // Held by the kernel until the event.
    event.data.ptr = Unmanaged.passRetained(slot).toOpaque()
    let operation = slot.isWatched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD
    slot.isWatched = true
    epoll_ctl(epoll, operation, slot.connection, &event)
  }

  /// Waits until something happens.
  func wait() -> [Event] { events(timeout: -1) }

  /// The requests that are there already; new connections are our siblings' from now on.
  func remainingRequests() -> [Event] {
    for descriptor in [listener, StopSignal.descriptor] {
      epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    }
    return events(timeout: 0)
  }

  private func events(timeout: Int32) -> [Event] {
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.mostEvents) { events in
      let count = epoll_wait(epoll, events.baseAddress, Int32(Self.mostEvents), timeout)
      return events.prefix(max(0, Int(count))).map { event in
        switch event.data.u64 {
        case Self.connections: .connections
        case Self.stop: .stop
        default:
          .request(Unmanaged<RequestSlot>.fromOpaque(event.data.ptr).takeRetainedValue())
        }
      }
    }
  }

  private func add(_ descriptor: Int32, _ events: UInt32, _ mark: UInt64) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = mark
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
  }

  // No addresses of slots.
  private static let connections: UInt64 = 1
  private static let stop: UInt64 = 2
  private static let mostEvents = 64
}
