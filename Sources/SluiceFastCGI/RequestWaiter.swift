import CFastCGI
import Glibc
import SluiceCore

/// Waits for a request or for a stop, whichever comes first. One per thread, so that a connection
/// wakes one thread and not all of them (`EPOLLEXCLUSIVE`).
struct RequestWaiter: ~Copyable {
  private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))

  init(_ listener: Listener) {
    add(listener.descriptor, events: EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue)
    add(StopSignal.descriptor, events: EPOLLIN.rawValue)
  }

  deinit { close(epoll) }

  /// Returns when there may be a connection to accept; `false` if a stop was asked for.
  func waitForConnection() -> Bool {
    var event = epoll_event()
    while !StopSignal.isRequested {
      if epoll_wait(epoll, &event, 1, -1) > 0 { return !StopSignal.isRequested }
    }
    return false
  }

  /// Returns when a kept connection has a request, or has ended; `false` if a stop was asked for
  /// and none is waiting.
  func waitForRequest(on connection: Int32) -> Bool {
    var descriptors = [
      pollfd(fd: connection, events: Int16(POLLIN), revents: 0),
      pollfd(fd: StopSignal.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&descriptors, 2, -1) < 0 {}
    return descriptors[0].revents != 0
  }

  private func add(_ descriptor: Int32, events: UInt32) {
    var event = epoll_event()
    event.events = events
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
  }
}
