import SluiceCore

extension SendOutcome {
  /// What it tells of itself, if anything.
  package var reason: String? {
    switch self {
    case .accepted: nil
    case .deferred(let reason, _), .throttled(let reason, _), .rejected(let reason),
      .accountRefused(let reason), .unknown(let reason):
      reason
    }
  }
}
