import Glibc
import Synchronization

/// SIGTERM and SIGINT as a descriptor that turns readable: whoever waits for work waits for it too,
/// and nobody's system call is interrupted half way.
package enum StopSignal {
  private static let requested = Atomic<Bool>(false)
  private static let exitStatus = Atomic<Int32>(0)
  /// Reading and writing end of a pipe that is written once and never read.
  private static let ends: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe: \(String(cString: strerror(errno)))")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    return (ends[0], ends[1])
  }()

  /// Readable once a stop was asked for.
  package static var descriptor: Int32 { ends.read }

  package static var isRequested: Bool { requested.load(ordering: .acquiring) }

  /// What the program is to exit with: 0 unless it stops because something failed.
  package static var status: Int32 { exitStatus.load(ordering: .relaxed) }

  /// Installs the handlers. Also ignores SIGPIPE: a peer that hangs up is an error of a write.
  package static func install() {
    _ = ends  // Made here: a signal handler must not initialise anything.
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGTERM, SIGINT] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in StopSignal.request() }
      action.sa_flags = Int32(SA_RESTART)
      sigaction(number, &action, nil)
    }
  }

  /// Asks all threads to stop. Safe in a signal handler.
  package static func request(status: Int32 = 0) {
    if status != 0 { exitStatus.store(status, ordering: .relaxed) }
    guard !requested.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 0
    let saved = errno
    write(ends.write, &byte, 1)
    errno = saved
  }
}

extension StopSignal {
  /// Returns when a stop was asked for, or the time is up.
  package static func wait(seconds: Double) {
    var stop = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&stop, 1, Int32(seconds * 1_000))
  }
}
