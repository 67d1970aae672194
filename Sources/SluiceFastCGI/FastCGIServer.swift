import Glibc
import SluiceCore
import Synchronization

/// Serves requests on a fixed number of blocking threads until a stop is asked for.
package final class FastCGIServer: Sendable {
  private let listener: Listener
  private let handler: any RequestHandler
  private let threads: Int
  private let maximumBodyBytes: Int
  private let living: Atomic<Int>

  package init(
    listener: Listener, threads: Int, maximumBodyBytes: Int, handler: any RequestHandler
  ) {
    self.listener = listener
    self.handler = handler
    self.threads = threads
    self.maximumBodyBytes = maximumBodyBytes
    living = Atomic(threads)
  }

  /// Returns once a stop was asked for and the requests in hand are answered, or after the grace
  /// that they are given.
  package func run() {
    listener.makeNonBlocking()
    for _ in 0..<threads { Thread.start { self.serve() } }
    var stop = pollfd(fd: StopSignal.descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&stop, 1, -1) < 1 {}
    // Threads leave by themselves; those that do not are given up after the grace.
    let deadline = SystemClocks().boot + Self.grace
    while living.load(ordering: .acquiring) > 0, SystemClocks().boot < deadline { usleep(5_000) }
  }

  /// One thread's work: a request at a time, in a straight line.
  private func serve() {
    defer { living.subtract(1, ordering: .releasing) }
    let waiter = RequestWaiter(listener)
    var slot = RequestSlot()
    while !StopSignal.isRequested || slot.keptConnection != nil {
      if let kept = slot.keptConnection {
        guard waiter.waitForRequest(on: kept) else { return }
      } else if let connection = listener.accept() {
        slot.attach(connection)  // Under load there is always one: nothing to wait for.
      } else {
        guard waiter.waitForConnection() else { return }
        continue
      }
      guard slot.begin() else { continue }
      let (bytes, afterwards) = answer(slot)
      slot.write(bytes)
      slot.finish()
      afterwards?()
    }
  }

  private func answer(
    _ slot: borrowing RequestSlot
  ) -> (bytes: [UInt8], afterwards: (() -> Void)?) {
    guard slot.isResponder else { return refusal(400, "Only the responder role is served.") }
    switch RequestParameters.read(slot.parameters, maximumBodyBytes: maximumBodyBytes) {
    case .failure(let problem): return refusal(problem.status, problem.message)
    case .success(let head):
      guard let body = slot.body(length: head.length) else {
        return refusal(400, "The body is shorter or longer than its Content-Length.")
      }
      let request = head.request(body)
      let reply = handler.reply(to: request)
      let bytes = ResponseWriter.bytes(of: reply.response, isHead: request.method == "HEAD")
      return (bytes, reply.afterwards)
    }
  }

  private func refusal(
    _ status: Int, _ message: String
  ) -> (bytes: [UInt8], afterwards: (() -> Void)?) {
    (ResponseWriter.bytes(of: .error(status, message), isHead: false), nil)
  }

  /// Nanoseconds; a stop takes less than ten seconds in all.
  private static let grace: UInt64 = 8_500_000_000
}
