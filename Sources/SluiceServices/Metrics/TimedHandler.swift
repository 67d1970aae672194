import SluiceCore

/// A handler whose work is timed, from a request's beginning until its answer is ready.
package struct TimedHandler: RequestHandler {
  private let handler: any RequestHandler
  private let duration: TimedDuration
  private let clocks: any Clocks
  private let meters: any Meters

  package init(
    _ handler: any RequestHandler, as endpoint: TimedDuration.Endpoint, clocks: any Clocks,
    meters: any Meters
  ) {
    self.handler = handler
    duration = .request(endpoint)
    self.clocks = clocks
    self.meters = meters
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    let start = clocks.boot
    return timed(handler.begin(request), since: start)
  }

  private func timed(_ progress: Progress, since start: UInt64) -> Progress {
    switch progress {
    case .answered:
      meters.record(duration, nanoseconds: clocks.boot - start)
      return progress
    case .blocking(let next): return .blocking { timed(next(), since: start) }
    case .pending(let begin):
      return .pending { resume in begin { resume(timed($0, since: start)) } }
    }
  }
}
