import Glibc
import Synchronization

/// SIGHUP, by which a service manager or an operator asks a program to read its settings again.
package enum HangupSignal {
  private static let received = Atomic<Int>(0)
  /// Reading and writing end of a pipe: a byte for each signal, as far as it holds them.
  private static let ends: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe: \(String(cString: strerror(errno)))")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    return (ends[0], ends[1])
  }()

  /// How many have come.
  package static var count: Int { received.load(ordering: .acquiring) }

  package static func install() {
    _ = ends  // Made here: a signal handler must not initialise anything.
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in HangupSignal.note() }
    action.sa_flags = Int32(SA_RESTART)
    sigaction(SIGHUP, &action, nil)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGHUP)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func note() {
    received.add(1, ordering: .acquiringAndReleasing)
    var byte: UInt8 = 0
    let saved = errno
    write(ends.write, &byte, 1)
    errno = saved
  }

  /// Returns when another one has come.
  package static func wait() {
    var byte: UInt8 = 0
    while read(ends.read, &byte, 1) < 0 && errno == EINTR {}
  }
}
