import CFastCGI
import Glibc
import SluiceCore

/// The libfcgi request one thread works on. On the heap: libfcgi's streams point back at their
/// `FCGX_Request` (`reqDataPtr`, FastCGI-Archives/fcgi2: libfcgi/fcgiapp.c), and the address of a
/// Swift `inout` may change between calls.
///
/// libfcgi gets no listening socket: it is handed connections that we accepted, so that waiting
/// for one can end when a stop is asked for, and so that a silent peer runs into a time-out.
struct RequestSlot: ~Copyable {
  private let raw: UnsafeMutablePointer<FCGX_Request>

  init() {
    FCGX_Init()  // Idempotent; it can only fail for want of memory.
    raw = .allocate(capacity: 1)
    raw.initialize(to: FCGX_Request())
    FCGX_InitRequest(raw, -1, FCGI_FAIL_ACCEPT_ON_INTR)
  }

  deinit {
    FCGX_Free(raw, 1)
    raw.deallocate()
  }

  /// The connection that the web server keeps open for its next request; `nil` if it keeps none.
  var keptConnection: Int32? { raw.pointee.ipcFd >= 0 ? raw.pointee.ipcFd : nil }

  mutating func attach(_ connection: Int32) {
    raw.pointee.ipcFd = connection
    // `FCGX_Accept_r` ends the request before first, and with it every connection not marked as
    // kept; the request that is about to be read says what holds from then on.
    raw.pointee.keepConnection = 1
  }

  /// Ends the request in hand: its answer leaves, and its connection is closed unless kept.
  mutating func finish() { FCGX_Finish_r(raw) }

  /// Reads the next request's parameters from the connection.
  /// - Returns: `false` if the peer hung up or sent no FastCGI request; there is no connection then.
  mutating func begin() -> Bool { FCGX_Accept_r(raw) == 0 }

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
    return bytes
  }

  func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { buffer in
        // An answer that does not arrive makes the sender repeat, and repeats are recognised.
        _ = FCGX_PutStr(buffer.baseAddress, Int32(buffer.count), raw.pointee.out)
      }
    }
  }
}
