/// What is timed, over all channels.
package enum TimedDuration: Hashable, Sendable, CaseIterable {
  /// From the acknowledgement of what was taken in until the other side took it. Questions (`check`)
  /// are not timed: nobody waits for them.
  case delivery(Queue)
  /// A program's work on a request, until its answer is ready.
  case request(Endpoint)
  /// A call, from its departure to its answer, or to the end of its patience.
  case call(Destination)

  /// Programs whose requests are timed. Raw values are places in the shared segment.
  package enum Endpoint: Int, Sendable, CaseIterable, CustomStringConvertible {
    case inbound = 0
    case outbound = 1
    case status = 2
    case console = 3

    package var description: String {
      switch self {
      case .inbound: "sluice-inbound"
      case .outbound: "sluice-outbound"
      case .status: "sluice-status"
      case .console: "sluice-console"
      }
    }
  }

  package static let allCases: [TimedDuration] =
    [Queue.inbound, .outbound, .status].map { .delivery($0) }
    + Endpoint.allCases.map { .request($0) }
    + Destination.allCases.map { .call($0) }

  /// In the shared segment.
  var place: Int {
    switch self {
    case .delivery(let queue): queue.rawValue
    case .request(let endpoint): 4 + endpoint.rawValue
    case .call(let destination): 8 + Int(destination.rawValue)
    }
  }
}
