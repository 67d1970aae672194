extension WaitingEntry {
  /// Why this has not been done yet, as a clause: "it is tried again in 12.0 s; …". Decided here for
  /// everyone who shows it.
  /// - Parameter now: Unix milliseconds.
  package func reason(_ channel: ChannelState, now: Int64) -> String {
    if channel.paused.contains(queue.destination) {
      return "calls to the \(queue.destination) are paused on this channel"
    }
    let destination = channel.destination(of: self)
    let side = channel.name(of: destination)
    switch state {
    case .behind(let head) where head == id: return "an earlier part of it goes first"
    case .behind(let head): return "message \(head) of the same contact goes first"
    case .leased(let until):
      return until < now
        ? "whoever called \(side) was stopped; another takes over within moments"
        : "\(side) is being called, or will be as soon as its limit allows"
    case .unknown(let since, let next):
      return "whether \(side) took it is not known since \(Timestamp.text(since));"
        + " that is looked into \(Self.moment(next, now: now))"
    case .due(let at) where at > now:
      return
        "it is tried again \(Self.moment(at, now: now))\(lastAttempt.map { "; \($0.summary)" } ?? "")"
    case .due(let at):
      return bothDown(channel)
        ?? dueReason(channel.status(of: destination), side, at, now: now)
    }
  }

  private func bothDown(_ channel: ChannelState) -> String? {
    guard channel.hasFallback, isOpenToEither,
      case .open(let main) = channel.provider.breaker,
      case .open(let fallback) = channel.fallback.breaker
    else { return nil }
    return "the main account and the fallback failed several calls in a row; nobody calls either"
      + " before \(Timestamp.text(min(main, fallback)))"
  }

  private func dueReason(
    _ status: DestinationStatus, _ side: String, _ due: Int64, now: Int64
  ) -> String {
    if case .open(let until) = status.breaker {
      return "\(side) failed several calls in a row; nobody calls it before"
        + " \(Timestamp.text(until))"
    }
    if let until = status.heldUntil {
      return "\(side) asked for a pause until \(Timestamp.text(until))"
    }
    if let limit = status.limit, let used = status.used, used > 0.8 {
      return "the limit of \(Int(limit.rounded())) calls a second is used up;"
        + " it leaves when its turn comes"
    }
    guard now - due > Self.overdue else { return "it leaves within moments" }
    return "it is due since \(TimeSpan.text(now - due)), and nobody has taken it up:"
      + " is sluice-relay running?"
  }

  private static func moment(_ time: Int64, now: Int64) -> String {
    time <= now ? "within moments" : "in \(TimeSpan.text(time - now))"
  }

  /// Milliseconds after which a due entry is not merely about to leave: a relay looks once a second.
  private static let overdue: Int64 = 3_000
}

extension AttemptRecord {
  /// What came of the call, in a few words: "the last call was deferred (HTTP 503)".
  fileprivate var summary: String {
    "the last call was \(outcome) (\(httpStatus.map { "HTTP \($0)" } ?? detail.sentence))"
  }
}
