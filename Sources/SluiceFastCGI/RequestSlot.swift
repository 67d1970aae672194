import CFastCGI
import Glibc
import SluiceCore

/// A connection of the web server's, and the libfcgi request that it holds, if any. A slot passes
/// from thread to thread, by way of a lock or the kernel, and one of them at a time has it, which is
/// what makes it Sendable.
///
/// libfcgi gets no listening socket: it is handed connections that we accepted, so that waiting
/// for one can end when a stop is asked for, and so that a silent peer runs into a time-out.
final class RequestSlot: @unchecked Sendable {
  /// On the heap: libfcgi's streams point back at their `FCGX_Request` (`reqDataPtr`,
  /// FastCGI-Archives/fcgi2: libfcgi/fcgiapp.c).
  private let raw: UnsafeMutablePointer<FCGX_Request>
  let connection: Int32
  /// ``Watch`` knows the connection.
  var isWatched = false
  /// The whole request had come when it was begun.
  private var hasCome = false
  /// Nothing of the request is left on the connection.
  private var isReadWhole = false

  init(connection: Int32) {
    FCGX_Init()  // Idempotent; it can only fail for want of memory.
    self.connection = connection
    raw = .allocate(capacity: 1)
    raw.initialize(to: FCGX_Request())
    FCGX_InitRequest(raw, -1, FCGI_FAIL_ACCEPT_ON_INTR)
    raw.pointee.ipcFd = connection
    // `FCGX_Accept_r` ends the request before first, and with it every connection not marked as
    // kept; the request that is about to be read says what holds from then on.
    raw.pointee.keepConnection = 1
  }

  deinit {
    // Closes the connection, unless that is done.
    if raw.pointee.ipcFd >= 0 { close(raw.pointee.ipcFd) }
    raw.pointee.ipcFd = -1
    FCGX_Free(raw, 0)
    raw.deallocate()
  }

  /// What has come of the next request.
  enum Arrival { case nothing, part, whole, end }

  /// Looks at what has come, without taking it: what is there as a whole can be read without waiting.
  func arrival() -> Arrival {
    withUnsafeTemporaryAllocation(byteCount: Self.longestLook, alignment: 1) { buffer in
      let count = recv(
        connection, buffer.baseAddress, buffer.count, Int32(MSG_PEEK | MSG_DONTWAIT))
      if count < 0 { return errno == EAGAIN || errno == EINTR ? .nothing : .end }
      if count == 0 { return .end }
      return Self.isWhole(UnsafeRawBufferPointer(rebasing: buffer[..<count])) ? .whole : .part
    }
  }

  /// Whether there are records up to the one that ends the body (FastCGI 1.0, 3.3: version, type,
  /// two bytes of ID, two of length, one of padding length, one reserved, content, padding).
  private static func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at + 8 <= bytes.count {
      let length = Int(bytes[at + 4]) << 8 | Int(bytes[at + 5])
      if bytes[at + 1] == UInt8(FCGI_STDIN), length == 0 { return true }
      at += 8 + length + Int(bytes[at + 6])
    }
    return false
  }

  /// Reads the next request's parameters from the connection.
  /// - Parameter hasCome: The whole request is there: nothing will be waited for.
  /// - Returns: `false` if the peer hung up or sent no FastCGI request; there is no connection then.
  func begin(hasCome: Bool) -> Bool {
    self.hasCome = hasCome
    isReadWhole = false
    return FCGX_Accept_r(raw) == 0
  }

  var isResponder: Bool { raw.pointee.role == FCGI_RESPONDER }

  /// The parameters, `NAME=value` each; libfcgi frees them with the request.
  var parameters: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { raw.pointee.envp }

  /// Exactly `length` bytes of body, and its end.
  func body(length: Int) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      guard length > 0 else { return }
      buffer.withMemoryRebound(to: CChar.self) { buffer in
        count = Int(FCGX_GetStr(buffer.baseAddress, Int32(length), raw.pointee.in))
      }
    }
    var extra: CChar = 0
    guard bytes.count == length, FCGX_GetStr(&extra, 1, raw.pointee.in) == 0,
      FCGX_GetError(raw.pointee.in) == 0
    else { return nil }
    isReadWhole = true
    return bytes
  }

  /// Answers the request.
  /// - Returns: Whether the web server keeps the connection for its next request; otherwise it is
  ///   closed.
  func finish(_ answer: [UInt8]) -> Bool {
    answer.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { buffer in
        // An answer that does not arrive makes the sender repeat, and repeats are recognised.
        _ = FCGX_PutStr(buffer.baseAddress, Int32(buffer.count), raw.pointee.out)
      }
    }
    if hasCome && !isReadWhole { readRest() }
    let isKept = raw.pointee.keepConnection != 0 && isReadWhole
    // Where something is left to read, libfcgi has to shut the connection down, and wait for the
    // peer to close it: what the peer is still sending would reset it, answer and all.
    raw.pointee.keepConnection = isReadWhole ? 1 : 0
    FCGX_Finish_r(raw)
    guard raw.pointee.ipcFd >= 0 else { return false }
    guard isKept else {
      close(connection)
      raw.pointee.ipcFd = -1
      return false
    }
    return true
  }

  /// Reads the body of a request that was refused without looking at it.
  private func readRest() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { buffer in
      while FCGX_GetStr(buffer.baseAddress, Int32(buffer.count), raw.pointee.in) > 0 {}
    }
    isReadWhole = FCGX_GetError(raw.pointee.in) == 0
  }

  /// Bytes of a request that are looked at; longer ones count as incomplete.
  private static let longestLook = 16 << 10
}
