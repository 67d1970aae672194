/// Decides what is done for a leased entry, and what becomes of it once its call has ended. Pure: the
/// carrier acts on it.
package enum SettlementPolicy {
  /// What a lease asks for now.
  package enum Action: Sendable {
    case call(HTTPCall, Kind)
    case settle(Decision)
  }

  /// What a call was for.
  package enum Kind: Equatable, Sendable {
    case delivery
    case lookup
    /// The fetch of a token, for one of the others.
    case token
  }

  package struct Decision: Sendable {
    package let fate: Settlement.Fate
    /// `nil` where no call was made.
    package let attempt: AttemptRecord?
    /// `nil` for what is neither a success nor a failure of the destination.
    package let event: CountedEvent?
    /// Seconds for which nobody may call that destination.
    package let pause: Double?
    /// What it says of the destination's health, for the breaker.
    package let health: Health
    /// In words of ours, and the provider's without secrets: for the log. `nil` where all went well.
    package let reason: String?

    fileprivate init(
      fate: Settlement.Fate, attempt: AttemptRecord?, event: CountedEvent?, pause: Double?,
      health: Health, reason: String? = nil
    ) {
      self.reason = reason
      self.fate = fate
      self.attempt = attempt
      // Whatever led to it: a dead letter is one.
      self.event = if case .reject = fate { .rejected } else { event }
      self.pause = pause
      self.health = health
    }
  }

  package enum Health: Equatable, Sendable {
    /// It answered, whatever it said.
    case answers
    /// It did not, or said that it cannot.
    case ails
    /// No call was made.
    case unknown
  }

  /// What to do with a lease that has its slot.
  package static func action(
    for lease: Lease, channel: ChannelSettings, now: Int64
  ) -> Action {
    let maximumAge = channel.maximumAge(for: lease.queue)
    switch lease.work {
    case .report(.sent, _, _) where !channel.postSent && lease.followers.isEmpty:
      return .settle(.silent(.acknowledge(Settlement.Receipt())))
    case .post, .report:
      guard now - lease.enqueuedAt < maximumAge else { return .settle(tooOld(lease)) }
      return .call(PlatformProtocol.call(for: lease, channel: channel), .delivery)
    case .check(let externalID):
      let externalID = Account.split(externalID).externalID
      guard
        let provider = channel.account(lease.account)?.provider,
        let call = provider.call(lookingUp: question(lease, externalID: externalID))
      else { return .settle(.silent(.acknowledge(Settlement.Receipt()))) }
      return .call(call, .lookup)
    case .send(let part):
      // What no account may have taken is always for one that there is.
      guard let account = channel.account(lease.account) else {
        return .settle(withoutAccount(lease))
      }
      let isRepeatSafe = account.provider.isIdempotent
      if let since = lease.unknownSince ?? (lease.isTakenOver && !isRepeatSafe ? now : nil) {
        return resolve(lease, since: since, channel: channel, now: now)
      }
      guard now - lease.enqueuedAt < maximumAge || lease.isTakenOver else {
        return .settle(tooOld(lease))
      }
      guard !lease.contact.isAlias || lease.contact.providerID != nil else {
        return .settle(unknownAlias(lease))
      }
      var call = account.provider.call(
        sending: part, to: lease.contact, reference: reference(lease).description, now: now)
      call.isRepeatable = isRepeatSafe
      return .call(call, .delivery)
    }
  }

  /// What becomes of a lease whose channel is not in the settings (any more): it waits for the channel to
  /// come back until its time is up.
  /// - Parameter maximumAge: Milliseconds.
  package static func decision(
    withoutChannel lease: Lease, maximumAge: Int64, now: Int64
  ) -> Decision {
    now - lease.enqueuedAt < maximumAge
      ? .silent(.release(at: now + 10_000))
      : .silent(
        .reject(
          reason: "Given up: its channel is not in the settings any more.", reportFailure: false))
  }

  /// - Parameter result: Of the call that ``action(for:channel:now:)`` asked for.
  package static func decide(
    _ lease: Lease, _ kind: Kind, result: CallResult, channel: ChannelSettings, startedAt: Int64,
    now: Int64, using random: inout some RandomNumberGenerator
  ) -> Decision {
    var record = Record(startedAt: startedAt, finishedAt: now)
    if case .answered(let response) = result {
      record.status = response.status
      // Of a token's fetch it might be the token.
      record.answer =
        kind == .token
        ? nil
        : channel.shown(
          response.body, of: lease.queue.destination, lease.account, atMost: keptAnswer)
    }
    if kind == .lookup {
      return found(
        finding(of: result, lease: lease, channel: channel), by: result, lease: lease,
        channel: channel, record: record, now: now)
    }
    func again(_ reason: String, after: Double?, _ outcome: AttemptRecord.Outcome) -> Decision {
      switch channel.retry(for: lease.queue).decide(
        attempt: lease.attempt, enqueuedAt: lease.enqueuedAt, now: now, retryAfter: after,
        using: &random)
      {
      case .retry(let at):
        let isUnknown = outcome == .unknown
        let mayBeTaken = isUnknown && lease.queue.destination == .provider
        return record.decision(
          mayBeTaken ? .repeat(at: at) : .retry(at: at), outcome,
          isUnknown ? .unknown : .deferred, reason, .ails)
      case .giveUp:
        return record.decision(
          .reject(
            reason: "Given up after \(lease.attempt) attempts: \(reason).", reportFailure: true),
          outcome, .rejected, reason, .ails)
      }
    }
    switch outcome(of: result, kind, lease: lease, channel: channel) {
    case .accepted(let externalID):
      let receipt = Settlement.Receipt(
        externalID: externalID.map(lease.account.qualified),
        checkAt: channel.account(lease.account)?.checkAfter.map { now + $0 },
        reportsSent: channel.postSent)
      return record.decision(.acknowledge(receipt), .accepted, .delivered, nil, .answers)
    case .accountRefused(let reason)
    where lease.account == .main && channel.fallback != nil && !lease.isBound:
      return record.decision(.failOver(at: now), .rejected, .deferred, reason, .answers)
    case .rejected(let reason), .accountRefused(let reason):
      // One event of several may be at fault: each is tried alone before any is given up.
      let fate: Settlement.Fate =
        lease.followers.isEmpty
        ? .reject(reason: reason, reportFailure: true) : .retry(at: now)
      return record.decision(
        fate, .rejected, lease.followers.isEmpty ? .rejected : .deferred, reason, .answers)
    case .throttled(let reason, let after):
      // Not an attempt: nothing was processed. Everyone waits, this entry no longer than they.
      let pause = min(max(after ?? 1, 0.05), 3_600)
      let at = now + Int64(pause * 1_000)
      guard at - lease.enqueuedAt < channel.maximumAge(for: lease.queue) else {
        return record.decision(
          .reject(reason: "Given up: \(reason).", reportFailure: true), .rejected, .rejected,
          reason, .answers, pause: pause)
      }
      return record.decision(
        .release(at: at), .deferred, .throttled, reason, .answers, pause: pause)
    case .deferred(let reason, let after):
      return again(reason, after: after, .deferred)
    case .unknown(let reason):
      let provider = channel.account(lease.account)?.provider
      if lease.queue.destination == .platform || provider?.isIdempotent ?? false {
        // The platform drops a second message with the same mId, such a provider one with the
        // same reference.
        return again(reason, after: nil, .unknown)
      }
      let step = UnknownOutcome.step(channel.unknownTerms(lease.account), since: now, now: now)
      return record.decision(
        fate(after: step, now: now, reason: reason), .unknown, .unknown, reason, .ails)
    }
  }

  /// Bytes of an answer that are kept.
  private static let keptAnswer = 1_024

  // MARK: Unknown outcomes

  private static func resolve(
    _ lease: Lease, since: Int64, channel: ChannelSettings, now: Int64
  ) -> Action {
    let terms = channel.unknownTerms(lease.account)
    switch UnknownOutcome.step(terms, since: since, now: now) {
    case .lookUp:
      let provider = channel.account(lease.account)?.provider
      if let call = provider?.call(lookingUp: question(lease, externalID: nil)) {
        return .call(call, .lookup)
      }
      return .settle(.silent(.await(at: since + terms.patience)))
    case let step:
      return .settle(
        .silent(fate(after: step, now: now, reason: "no answer to the last attempt came")))
    }
  }

  private static func found(
    _ finding: LookupFinding, by result: CallResult, lease: Lease, channel: ChannelSettings,
    record: Record, now: Int64
  ) -> Decision {
    if case .answered(let response) = result, response.status == 429 {
      // The question was not heard: it is asked again once everyone's pause is over.
      let pause = min(max(response.retryAfter ?? 1, 0.05), 3_600)
      return record.decision(
        .release(at: now + Int64(pause * 1_000)), .deferred, .throttled, "too many requests",
        .answers, pause: pause)
    }
    var health = Health.ails
    if case .answered(let response) = result, response.status < 500 { health = .answers }
    let isOpen = lease.checkedID == nil  // Whether it was taken at all is the question.
    switch finding {
    case .found(let externalID, let status, let reason):
      let receipt = Settlement.Receipt(
        externalID: lease.account.qualified(externalID), status: max(status, .sent), reason: reason,
        reportsSent: channel.postSent)
      return record.decision(.acknowledge(receipt), .accepted, .delivered, nil, health)
    case .notFound where isOpen:
      // It never arrived: sending it now is the first time.
      return record.decision(.retry(at: now), .deferred, .deferred, "it was not taken", health)
    case .notFound:
      return record.decision(
        .acknowledge(Settlement.Receipt()), .unknown, nil, "the provider does not know it", health)
    case .unclear(let reason) where isOpen:
      let since = lease.unknownSince ?? now
      let step = UnknownOutcome.stepAfterLookup(
        channel.unknownTerms(lease.account), since: since, now: now)
      return record.decision(
        fate(after: step, now: now, reason: reason), .unknown, nil, reason, health)
    case .unclear(let reason):
      // Asked a few times, further and further apart; it stays *sent* then, which is what is known.
      let fate: Settlement.Fate =
        lease.attempt < 4
        ? .retry(at: now + 600_000 << Int64(lease.attempt))
        : .acknowledge(Settlement.Receipt())
      return record.decision(fate, .unknown, nil, reason, health)
    }
  }

  private static func fate(
    after step: UnknownOutcome.Step, now: Int64, reason: String
  ) -> Settlement.Fate {
    switch step {
    case .wait(let until): .await(at: until)
    case .lookUp: .await(at: now)
    case .sendAgain: .retry(at: now)
    case .fail:
      .reject(
        reason: "It is not known whether the message was sent: \(reason)."
          + " Ask the contact before you send it again.", reportFailure: true)
    }
  }

  private static func question(_ lease: Lease, externalID: String?) -> Lookup {
    Lookup(
      reference: reference(lease), externalID: externalID, contact: lease.contact,
      since: lease.id.milliseconds)
  }

  private static func reference(_ lease: Lease) -> PartReference {
    PartReference(message: lease.id, part: lease.part)
  }

  private static func tooOld(_ lease: Lease) -> Decision {
    .silent(
      .reject(
        reason: "Given up: it could not be delivered within its maximum age, in"
          + " \(lease.attempt - 1) attempts.",
        reportFailure: true), .rejected)
  }

  private static func withoutAccount(_ lease: Lease) -> Decision {
    .silent(
      .reject(
        reason: "It is not known whether the message was sent: the account that it went to is"
          + " not in the settings any more. Ask the contact before you send it again.",
        reportFailure: true), .rejected)
  }

  private static func unknownAlias(_ lease: Lease) -> Decision {
    .silent(
      .reject(
        reason: "The contact \(lease.contact) is not known here: it stands for an ID that this"
          + " channel has not seen. The contact has to write first.", reportFailure: true),
      .rejected)
  }

  private static func finding(
    of result: CallResult, lease: Lease, channel: ChannelSettings
  ) -> LookupFinding {
    switch result {
    case .answered(let response):
      let account = channel.account(lease.account) ?? channel.main
      return account.provider.finding(
        of: response, for: question(lease, externalID: lease.checkedID)
      ).saying(account.shown)
    case .notSent(let reason), .unanswered(let reason): return .unclear(reason: reason)
    }
  }

  private static func outcome(
    of result: CallResult, _ kind: Kind, lease: Lease, channel: ChannelSettings
  ) -> SendOutcome {
    switch result {
    case .answered(let response):
      if lease.queue.destination == .platform { return PlatformProtocol.outcome(of: response) }
      if kind == .token { return withoutToken(response) }
      let account = channel.account(lease.account) ?? channel.main
      if account.provider.tokens?.isRefused(by: response) ?? false {
        return .deferred(reason: "the provider no longer accepts its token", after: nil)
      }
      return account.provider.outcome(of: response).saying(account.shown)
    case .notSent(let reason): return .deferred(reason: reason, after: nil)
    // Of a token's fetch nothing is left that a repeat could do twice.
    case .unanswered(let reason):
      return kind == .token
        ? .deferred(reason: reason, after: nil) : .unknown(reason: reason)
    }
  }

  /// What an answer without a token means for the message that waits for it.
  private static func withoutToken(_ response: HTTPResponse) -> SendOutcome {
    let reason = "the provider gave no token (HTTP \(response.status))"
    switch response.status {
    case 429: return .throttled(reason: reason, after: response.retryAfter)
    case 400, 401, 403:
      return .accountRefused(
        reason: "The provider does not let this account in (HTTP \(response.status))."
          + " Ask your administrator to check the channel's credentials.")
    default: return .deferred(reason: reason, after: response.retryAfter)
    }
  }

  /// What a call leaves behind.
  private struct Record {
    let startedAt: Int64
    let finishedAt: Int64
    var status: Int?
    var answer: String?

    func decision(
      _ fate: Settlement.Fate, _ outcome: AttemptRecord.Outcome, _ event: CountedEvent?,
      _ reason: String?, _ health: Health, pause: Double? = nil
    ) -> Decision {
      let attempt = AttemptRecord(
        startedAt: startedAt, finishedAt: finishedAt, outcome: outcome, httpStatus: status,
        detail: answer ?? reason ?? "")
      return Decision(
        fate: fate, attempt: attempt, event: event, pause: pause, health: health, reason: reason)
    }
  }
}

extension SettlementPolicy.Decision {
  /// A decision without a call.
  fileprivate static func silent(
    _ fate: Settlement.Fate, _ event: CountedEvent? = nil
  ) -> SettlementPolicy.Decision {
    SettlementPolicy.Decision(
      fate: fate, attempt: nil, event: event, pause: nil, health: .unknown)
  }
}

extension Lease {
  /// The provider's ID of the part that is asked about; `nil` for other work.
  fileprivate var checkedID: String? {
    if case .check(let externalID) = work { Account.split(externalID).externalID } else { nil }
  }
}

// A provider's words go to the agent, the log and the ledger: no adapter need know all that its account
// has to keep to itself.

extension SendOutcome {
  fileprivate func saying(_ shown: (String) -> String) -> SendOutcome {
    switch self {
    case .accepted: self
    case .deferred(let reason, let after): .deferred(reason: shown(reason), after: after)
    case .throttled(let reason, let after): .throttled(reason: shown(reason), after: after)
    case .rejected(let reason): .rejected(reason: shown(reason))
    case .accountRefused(let reason): .accountRefused(reason: shown(reason))
    case .unknown(let reason): .unknown(reason: shown(reason))
    }
  }
}

extension LookupFinding {
  fileprivate func saying(_ shown: (String) -> String) -> LookupFinding {
    switch self {
    case .found(let externalID, let status, let reason):
      .found(externalID: externalID, status: status, reason: reason.map(shown))
    case .notFound: self
    case .unclear(let reason): .unclear(reason: shown(reason))
    }
  }
}
