import SluiceCore
import Synchronization

extension HTTPResponse {
  /// The web server closes the connection without an answer: its location of that name says
  /// `return 444` (nginx, `X-Accel-Redirect`).
  static let closed = HTTPResponse(
    status: 200, headers: [("x-accel-redirect", "/sandbox-closed")])

  /// The status as the logs keep it: 0 where the connection is closed instead.
  var recordedStatus: UInt16 {
    header("x-accel-redirect") == nil ? UInt16(clamping: status) : 0
  }
}

extension FaultDecision {
  /// The answer that takes the place of the true one, if any.
  /// - Parameter failure: This peer's error of that HTTP status.
  func response(_ failure: (Int) -> HTTPResponse) -> HTTPResponse? {
    switch answer {
    case nil: return nil
    case .close?: return .closed
    case .status(let status, let retryAfter)?:
      var response = failure(status)
      if let retryAfter { response.headers.append(("retry-after", String(retryAfter))) }
      return response
    }
  }
}

/// Holds answers back, each on the thread that gives it.
final class Holds: Sendable {
  private let generation = Atomic<Int>(0)

  /// Milliseconds that a release may come late.
  private static let slice = 20

  /// What a request takes when it begins, so that a release cannot come before its wait.
  var ticket: Int { generation.load(ordering: .acquiring) }

  /// Returns after so long, or as soon as whoever had a ticket is released, or the program stops.
  func wait(milliseconds: Int, ticket: Int) {
    var left = milliseconds
    while left > 0, !StopSignal.isRequested, self.ticket == ticket {
      StopSignal.wait(seconds: Double(min(left, Self.slice)) / 1_000)
      left -= Self.slice
    }
  }

  func release() { generation.add(1, ordering: .acquiringAndReleasing) }
}
