/// What is timed, over all channels.
package enum TimedDuration: Hashable, Sendable, CaseIterable {
  /// From the acknowledgement of what was taken in until the other side took it. Questions (`check`)
  /// are not timed: nobody waits for them.
  case delivery(Queue)
  /// A program's work on a request, until its answer is ready.
  case request(Endpoint)
  /// A call, from its departure to its answer, or to the end of its patience.
  case call(Destination)
  /// From when a call was in a carrier's hands until it left in its slot: its wait for the rate, a
  /// pause, a breaker, and a free hand. What would wait for more than two seconds is given back, and
  /// waits in the queue.
  case slot(Destination)
  /// A fetch of media, with all of its calls.
  case fetch(Fetched)

  /// Programs whose requests are timed. Raw values are places in the shared segment.
  package enum Endpoint: Int, Sendable, CaseIterable, CustomStringConvertible {
    case inbound = 0
    case outbound = 1
    case status = 2
    case console = 3
    case media = 4

    package var description: String {
      switch self {
      case .inbound: "sluice-inbound"
      case .outbound: "sluice-outbound"
      case .status: "sluice-status"
      case .console: "sluice-console"
      case .media: "sluice-media"
      }
    }
  }

  /// What came of a fetch. Raw values are places in the shared segment.
  package enum Fetched: Int, Sendable, CaseIterable, CustomStringConvertible {
    case copied = 0
    case failed = 1

    package var description: String { self == .copied ? "copied" : "failed" }
  }

  package static let allCases: [TimedDuration] =
    [Queue.inbound, .outbound, .status].map { .delivery($0) }
    + Endpoint.allCases.map { .request($0) }
    + Destination.allCases.map { .call($0) }
    + Destination.allCases.map { .slot($0) }
    + Fetched.allCases.map { .fetch($0) }

  /// Whether it is in sluice-media's own segment.
  var isOfMedia: Bool {
    switch self {
    case .request(let endpoint): endpoint == .media
    case .fetch: true
    case .delivery, .call, .slot: false
    }
  }

  /// In the shared segment.
  var place: Int {
    switch self {
    case .delivery(let queue): queue.rawValue
    case .request(let endpoint): 4 + endpoint.rawValue
    case .call(let destination): 10 + Int(destination.rawValue)
    case .slot(let destination): 14 + Int(destination.rawValue)
    case .fetch(let fetched): 18 + fetched.rawValue
    }
  }
}
