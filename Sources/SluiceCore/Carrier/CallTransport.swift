/// Makes many calls at once, on one thread. The carrier's hands; a simulation has others.
package protocol CallTransport: AnyObject {
  /// Begins a call. Its result comes out of ``wait(until:waking:)`` under `ticket`.
  /// - Parameter timeout: Seconds for the whole call.
  /// - Parameter departure: Called right before the request leaves, on the waiting thread; not at
  ///   all if nothing leaves, and never twice. Returns whether whoever waits wants to know.
  func begin(
    _ call: HTTPCall, ticket: UInt64, timeout: Double, departure: @escaping () -> Bool)

  /// Calls begun whose result has not come out.
  var underWay: Int { get }

  /// Works until some call has ended, or has left and whoever waits wants to know, `time` (boot, nanoseconds) has come, or one of
  /// `descriptors` is readable.
  func wait(until time: UInt64, waking descriptors: [Int32]) -> [(
    ticket: UInt64, result: CallResult
  )]
}
