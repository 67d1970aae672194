import SluiceCore

/// Keeps what is less urgent from being starved: of every so many calls it gets one. The fractions
/// that are left over are remembered, so that shares hold over time, however few calls are planned
/// at once.
struct FairShares {
  private struct Key: Hashable {
    let queue: Agenda.Key
    let isQueue: Bool
  }

  private var credit: [Key: Double] = [:]

  /// How many of `count` calls the less urgent side gets before the other.
  /// - Parameter share: 0 to 1.
  /// - Parameter isQueue: Whether the sides are queues (messages, statuses), or ranks within one.
  mutating func portion(of count: Int, for key: Agenda.Key, share: Double, isQueue: Bool) -> Int {
    guard count > 0 else { return 0 }
    let key = Key(queue: key, isQueue: isQueue)
    // No more than one call is saved up: who had nothing to send has no claim to a burst.
    let total = min(credit[key] ?? 0, 1) + Double(count) * share
    let portion = min(Int(total), count)
    credit[key] = total - Double(portion)
    return portion
  }
}
