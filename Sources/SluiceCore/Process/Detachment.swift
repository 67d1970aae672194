import Glibc

/// Lets a CGI program go on working once its answer is out. A web server passes an answer on when
/// nobody holds the program's output open any more, error output included, and then ends the program
/// by signals (Apache, mod_cgi: SIGKILL three seconds later), in the middle of a call if need be. So the
/// work is done by a child that the server does not know, and the program itself only waits until the
/// child lets go of the answer.
package enum Detachment {
  /// The child's end of the pipe that the program waits on. Set before any thread is started, and
  /// then used by the one that answers.
  nonisolated(unsafe) private static var descriptor: Int32 = -1

  /// Goes on as the child; the program itself never returns. To be called before anything is opened
  /// and any thread or signal handler is there. Where no child can be made, the program goes on itself.
  package static func begin() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let child = fork()
    switch child {
    case -1:
      for end in ends { close(end) }
    case 0:
      close(ends[0])
      descriptor = ends[1]
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      setsid()
    default:
      close(ends[1])
      var byte: UInt8 = 0
      while read(ends[0], &byte, 1) < 0 && errno == EINTR {}
      _exit(0)
    }
  }

  /// Lets go of input and outputs: the answer is complete. What is logged from now on is lost; what
  /// came of calls is in the ledger.
  package static func release() {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    for standard in 0...2 as ClosedRange<Int32> {
      if null >= 0 { dup2(null, standard) } else { close(standard) }
    }
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
  }
}
