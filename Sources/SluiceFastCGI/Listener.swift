import CFastCGI
import Glibc
import SluiceCore

/// The socket that the web server connects to: descriptor 0, as FastCGI's own convention has it, or
/// one bound here.
package struct Listener: Sendable {
  let descriptor: Int32

  /// Descriptor 0, if it is a listening socket; `nil` says that this is plain CGI.
  package static func inherited() -> Listener? {
    var isListening: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening != 0
    else { return nil }
    return Listener(descriptor: 0)
  }

  /// Binds `path`, which no living program may listen on, with mode 0660.
  package init(path: String) throws(ListenerError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw .pathTooLong(path)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        // A socket file that nobody answers on was left behind by a program that was killed.
        if connect(descriptor, pointer, size) != 0 && errno == ECONNREFUSED { unlink(path) }
        let previous = umask(0o117)
        defer { umask(previous) }
        return bind(descriptor, pointer, size)
      }
    }
    guard status == 0, listen(descriptor, 1_024) == 0 else {
      let error = ListenerError.cannotBind(path, errno: errno)
      close(descriptor)
      throw error
    }
    self.init(descriptor: descriptor)
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// Makes `accept` return at once where a sibling was faster. The flag is the socket's, so the
  /// siblings get it too; they are this same program.
  func makeNonBlocking() {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// A connection, with time-outs for a peer that falls silent in the middle of a request.
  func accept() -> Int32? {
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection >= 0 else { return nil }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    return connection
  }
}

package enum ListenerError: Error, Equatable, CustomStringConvertible {
  case pathTooLong(String)
  case cannotBind(String, errno: Int32)

  package var description: String {
    switch self {
    case .pathTooLong(let path):
      "The socket path \(path) is longer than 107 bytes. Choose a shorter one."
    case .cannotBind(let path, let errno):
      "The socket \(path) cannot be bound: \(String(cString: strerror(errno)))."
        + " Does another program listen on it, and may this user write its directory?"
    }
  }
}
