import Glibc
import SluiceCore
import Synchronization

/// Plain CGI (RFC 3875): one request from the environment and standard input, its answer on
/// standard output, for hosts that offer nothing else.
package enum CGIRequest {
  package static func serve(_ handler: any RequestHandler, maximumBodyBytes: Int) {
    let reply: Reply
    var isHead = false
    switch RequestParameters.read(environ, maximumBodyBytes: maximumBodyBytes) {
    case .failure(let refusal): reply = Reply(.error(refusal.status, refusal.message))
    case .success(let head):
      if let body = body(length: head.length) {
        let request = head.request(body)
        isHead = request.method == "HEAD"
        reply = self.reply(to: request, by: handler)
      } else {
        reply = Reply(.error(400, "The body is shorter than its Content-Length."))
      }
    }
    write(ResponseWriter.bytes(of: reply.response, isHead: isHead))
    Detachment.release()  // The web server passes the answer on while we go on working.
    reply.afterwards?()
  }

  private static func reply(to request: HTTPRequest, by handler: any RequestHandler) -> Reply {
    var progress = handler.begin(request)
    while true {
      switch progress {
      case .answered(let reply): return reply
      case .blocking(let next): progress = next()
      case .pending(let start): progress = wait(for: start)
      }
    }
  }

  private static func wait(
    for start: (@escaping @Sendable (Progress) -> Void) -> Void
  ) -> Progress {
    let isDone = CountingSemaphore()
    let progress = Mutex<Progress?>(nil)
    start { next in
      progress.withLock { $0 = next }
      isDone.signal()
    }
    isDone.wait()
    return progress.withLock { $0! }
  }

  private static func body(length: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: length)
    var filled = 0
    while filled < length {
      let count = bytes.withUnsafeMutableBytes {
        read(0, $0.baseAddress! + filled, length - filled)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      filled += count
    }
    return bytes
  }

  private static func write(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(1, $0.baseAddress! + sent, bytes.count - sent)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      sent += count
    }
  }
}
