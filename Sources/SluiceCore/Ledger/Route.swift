/// Which account an entry goes to, as a ledger keeps it. Raw values are stored.
///
/// An entry goes to whichever account its carrier says, until one may have taken it: then it is *bound*, so
/// that no contact gets a message twice from two accounts. What the main account has refused is handed
/// over: it is the fallback's, as long as there is one.
package enum Route: Int, Sendable, CaseIterable {
  case main = 0
  case fallback = 1
  case boundToMain = 2
  case boundToFallback = 3
  case handedOver = 4

  package var account: Account {
    switch self {
    case .main, .boundToMain: .main
    case .fallback, .boundToFallback, .handedOver: .fallback
    }
  }

  package var isBound: Bool { self != .main && self != .fallback }

  package var bound: Route { account == .main ? .boundToMain : .boundToFallback }

  /// The route once the entry is leased.
  /// - Parameters:
  ///   - account: Which one the carrier wants.
  ///   - mayBeTaken: Whether a call under an earlier lease may have been made.
  ///   - hasFallback: Whether the channel has a second account (still).
  package func leased(for account: Account, mayBeTaken: Bool, hasFallback: Bool) -> Route {
    if mayBeTaken { return bound }
    switch self {
    case .boundToMain, .boundToFallback: return self
    case .handedOver where hasFallback: return self
    case .main, .fallback, .handedOver: return account == .main ? .main : .fallback
    }
  }
}
