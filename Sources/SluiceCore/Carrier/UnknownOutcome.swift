/// What to do about a part of which it is not known whether the provider took it: its request left,
/// and no answer came. Pure.
///
/// Sending it again could reach a person twice, and calling it failed could be a lie. So: repeat it
/// where the provider recognises repeats; ask where it can be asked; otherwise wait for a callback
/// that names it. When the channel's patience is over, its setting decides.
package enum UnknownOutcome {
  /// What the operator wants done when it stays unknown: `when_unknown`.
  package enum Policy: String, Sendable, CaseIterable {
    /// A failed message, with a reason that tells the agent to ask the contact.
    case fail
    /// Another send, which may reach the contact twice.
    case `repeat`
  }

  package struct Terms: Equatable, Sendable {
    package let policy: Policy
    /// Milliseconds to wait for the truth.
    package let patience: Int64
    /// Whether the provider can be asked.
    package let canLookUp: Bool

    package init(policy: Policy, patience: Int64, canLookUp: Bool) {
      self.policy = policy
      self.patience = patience
      self.canLookUp = canLookUp
    }
  }

  package enum Step: Equatable, Sendable {
    /// Nothing now; look again at that time.
    case wait(until: Int64)
    case lookUp
    case sendAgain
    case fail
  }

  /// The next step for a part that is leased, unknown since `since`.
  package static func step(_ terms: Terms, since: Int64, now: Int64) -> Step {
    let deadline = since + terms.patience
    if terms.canLookUp {
      // Not at once: the provider may still be taking it in.
      let first = min(since + settling, deadline)
      return now < first ? .wait(until: first) : .lookUp
    }
    return now < deadline ? .wait(until: deadline) : last(terms)
  }

  /// The step after a question that brought no answer.
  package static func stepAfterLookup(_ terms: Terms, since: Int64, now: Int64) -> Step {
    let deadline = since + terms.patience
    guard now < deadline else { return last(terms) }
    return .wait(until: min(now + max(settling, (now - since) / 2), deadline))
  }

  private static func last(_ terms: Terms) -> Step {
    terms.policy == .repeat ? .sendAgain : .fail
  }

  /// Milliseconds that a provider may take until a lookup finds what it was sent.
  private static let settling: Int64 = 5_000
}
