/// Which account an entry goes to, as a ledger keeps it. Raw values are stored.
///
/// An entry goes to whichever account its carrier says, until one may have taken it, or has refused it:
/// then it is *bound*, so that no contact gets a message twice from two accounts.
package enum Route: Int, Sendable, CaseIterable {
  case main = 0
  case fallback = 1
  case boundToMain = 2
  case boundToFallback = 3

  package var account: Account {
    switch self {
    case .main, .boundToMain: .main
    case .fallback, .boundToFallback: .fallback
    }
  }

  package var isBound: Bool { self == bound }

  package var bound: Route { account == .main ? .boundToMain : .boundToFallback }

  /// The route once the entry is leased.
  /// - Parameters:
  ///   - account: Which one the carrier wants.
  ///   - mayBeTaken: Whether a call under an earlier lease may have been made.
  package func leased(for account: Account, mayBeTaken: Bool) -> Route {
    if isBound { return self }
    if mayBeTaken { return bound }
    return account == .main ? .main : .fallback
  }
}
