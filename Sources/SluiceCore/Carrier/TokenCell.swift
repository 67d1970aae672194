import Synchronization

/// The token of one channel's account, for as long as it is good. In memory: a process that starts
/// fetches its own.
package final class TokenCell: Sendable {
  package enum Answer: Sendable {
    case token(Secret)
    /// There is none, and whoever asked is the one to fetch it.
    case fetch
    /// Somebody is fetching it: ask again then, Unix milliseconds.
    case wait(until: Int64)
  }

  private struct State {
    var token: Secret?
    var fetchedAt: Int64 = 0
    var goodUntil: Int64 = 0
    /// Until when whoever said that they would fetch a token is believed.
    var fetchingUntil: Int64 = 0
  }

  private let state = Mutex(State())

  package init() {}

  package func ask(now: Int64) -> Answer {
    state.withLock { state in
      if let token = state.token, now < state.goodUntil { return .token(token) }
      // A clock that was set back must not keep everyone waiting.
      if now < state.fetchingUntil, state.fetchingUntil - now <= Self.patience {
        return .wait(until: now + Self.interval)
      }
      state.fetchingUntil = now + Self.patience
      return .fetch
    }
  }

  /// The token that was fetched last, good or not.
  package var last: Secret? { state.withLock { $0.token } }

  /// A little is taken off its lifetime, for calls that are on their way when it ends.
  package func set(_ token: AccessToken, now: Int64) {
    let lifetime = min(max(token.seconds, 1), 86_400) * 1_000
    state.withLock { state in
      state.token = token.secret
      state.fetchedAt = now
      state.goodUntil = now + Int64(lifetime - min(lifetime * 0.1, 60_000))
      state.fetchingUntil = 0
    }
  }

  /// The fetch came to nothing: the next one who asks tries again.
  package func fail() { state.withLock { $0.fetchingUntil = 0 } }

  /// The token was refused. One that has just been fetched is kept: the call may have had the one
  /// before, and a provider that refuses every token is not asked for one after the other.
  package func forget(now: Int64) {
    state.withLock { state in
      if abs(now - state.fetchedAt) >= Self.patience { state.token = nil }
    }
  }

  /// Milliseconds.
  private static let patience: Int64 = 10_000
  private static let interval: Int64 = 250
}
