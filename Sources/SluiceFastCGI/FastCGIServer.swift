import Glibc
import SluiceCore
import Synchronization

/// Serves requests until a stop is asked for.
///
/// One thread takes them: it reads each request that has come as a whole, and begins to handle it.
/// What has to wait does so elsewhere: for a commit, together with others and on no thread at all;
/// for a slow peer, a provider or work after the answer, on one of a fixed number of threads. So a
/// request costs little more than its own work, and a connection that is idle costs nothing.
package final class FastCGIServer: Sendable {
  private let listener: Listener
  private let handler: any RequestHandler
  private let maximumBodyBytes: Int
  private let watch: Watch
  private let workers: WorkerThreads
  private let inHand = Atomic<Int>(0)
  /// Counts down the requests that may yet be taken in hand.
  private let room: CountingSemaphore

  /// - Parameter threads: For what may block.
  package init(
    listener: Listener, threads: Int, maximumBodyBytes: Int, handler: any RequestHandler
  ) {
    self.listener = listener
    self.handler = handler
    self.maximumBodyBytes = maximumBodyBytes
    watch = Watch(listener)
    workers = WorkerThreads(threads)
    room = CountingSemaphore(threads * Self.requestsPerThread)
  }

  /// Returns once a stop was asked for and the requests in hand are answered, or after the grace
  /// that they are given.
  package func run() {
    listener.makeNonBlocking()
    while !StopSignal.isRequested {
      for event in watch.wait() { take(event) }
    }
    for event in watch.remainingRequests() { take(event) }
    // The kernel may have told us alone of these.
    takeConnections()
    let deadline = SystemClocks().boot + Self.grace
    while !isDone, SystemClocks().boot < deadline { usleep(5_000) }
  }

  private var isDone: Bool { inHand.load(ordering: .acquiring) == 0 && workers.areIdle }

  private func take(_ event: Watch.Event) {
    switch event {
    case .connections: takeConnections()
    case .request(let slot): take(slot)
    case .stop: break
    }
  }

  private func takeConnections() {
    // Not for ever: kept connections want their turn too.
    for _ in 0..<Self.connectionsAtOnce {
      guard let connection = listener.accept() else { return }
      take(RequestSlot(connection: connection))
    }
  }

  private func take(_ slot: RequestSlot) {
    switch slot.arrival() {
    case .nothing where !StopSignal.isRequested: watch.add(slot)
    case .end: break  // The slot's end closes the connection.
    case .whole:
      enter()
      serve(slot, hasCome: true)
    case .nothing, .part:
      enter()
      workers.run { self.serve(slot, hasCome: false) }
    }
  }

  private func enter() {
    room.wait()
    inHand.add(1, ordering: .relaxed)
  }

  private func leave() {
    inHand.subtract(1, ordering: .releasing)
    room.signal()
  }

  /// Reads a request and begins to handle it.
  private func serve(_ slot: RequestSlot, hasCome: Bool) {
    guard slot.begin(hasCome: hasCome) else { return leave() }
    guard slot.isResponder else {
      return finish(slot, .error(400, "Only the responder role is served."))
    }
    switch RequestParameters.read(slot.parameters, maximumBodyBytes: maximumBodyBytes) {
    case .failure(let problem): finish(slot, .error(problem.status, problem.message))
    case .success(let head):
      guard let body = slot.body(length: head.length) else {
        return finish(slot, .error(400, "The body is shorter or longer than its Content-Length."))
      }
      let request = head.request(body)
      proceed(slot, handler.begin(request), isHead: request.method == "HEAD")
    }
  }

  private func proceed(_ slot: RequestSlot, _ progress: Progress, isHead: Bool) {
    switch progress {
    case .answered(let reply):
      finish(slot, reply.response, isHead: isHead)
      if let afterwards = reply.afterwards { workers.run(afterwards) }
    case .blocking(let next):
      workers.run { self.proceed(slot, next(), isHead: isHead) }
    case .pending(let start):
      start { self.proceed(slot, $0, isHead: isHead) }
    }
  }

  private func finish(_ slot: RequestSlot, _ response: HTTPResponse, isHead: Bool = false) {
    let isKept = slot.finish(ResponseWriter.bytes(of: response, isHead: isHead))
    if isKept && !StopSignal.isRequested { watch.add(slot) }
    leave()
  }

  /// Nanoseconds; a stop takes less than ten seconds in all.
  private static let grace: UInt64 = 8_500_000_000
  private static let connectionsAtOnce = 64
  /// Most requests wait for a commit, which takes no thread; the bound is one of memory.
  private static let requestsPerThread = 4
}
