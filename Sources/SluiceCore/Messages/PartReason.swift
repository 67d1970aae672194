/// Why a message failed, where it was sent in parts: the agent has to know how much arrived.
package enum PartReason {
  /// - Parameter part: From 0, of `count`.
  package static func text(_ reason: String, part: Int, of count: Int) -> String {
    count < 2 ? reason : "Part \(part + 1) of \(count) failed: \(reason)"
  }
}
