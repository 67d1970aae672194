import Glibc
import SluiceCore

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

/// Holds an answer back on the thread that gives it.
enum Pause {
  static func milliseconds(_ count: Int) {
    guard count > 0 else { return }
    var time = timespec(tv_sec: count / 1_000, tv_nsec: count % 1_000 * 1_000_000)
    // A signal that stops the program ends the pause too.
    nanosleep(&time, nil)
  }
}
