/// Decides what becomes of an entry once its call has ended. Pure: the carrier acts on it.
package enum SettlementPolicy {
  package struct Decision: Sendable {
    package let fate: Settlement.Fate
    package let attempt: AttemptRecord
    package let event: CountedEvent
    /// Seconds for which nobody may call that destination.
    package let pause: Double?
  }

  /// The call for a lease; `nil` where the lease was taken over from a killed process and the
  /// provider would not recognise a repeat: then the outcome is unknown already.
  package static func call(for lease: Lease, channel: ChannelSettings) -> HTTPCall? {
    guard case .send(let part) = lease.work else {
      return PlatformProtocol.call(for: lease, channel: channel)
    }
    guard !lease.isTakenOver || channel.provider.isIdempotent else { return nil }
    return channel.provider.call(
      sending: part, to: lease.contact, reference: "\(lease.id).\(lease.key.part)")
  }

  /// - Parameter result: `nil` where no call was made, see ``call(for:channel:)``.
  package static func decide(
    _ lease: Lease, result: CallResult?, channel: ChannelSettings, startedAt: Int64, now: Int64,
    using random: inout some RandomNumberGenerator
  ) -> Decision {
    let outcome = outcome(of: result, lease: lease, channel: channel)
    var status: Int?
    var answer: String?
    if case .answered(let response) = result {
      status = response.status
      answer = String(decoding: response.body.prefix(1_024), as: UTF8.self)
    }
    func decision(
      _ fate: Settlement.Fate, _ outcome: AttemptRecord.Outcome, _ event: CountedEvent,
      _ reason: String?, pause: Double? = nil
    ) -> Decision {
      let attempt = AttemptRecord(
        startedAt: startedAt, finishedAt: now, outcome: outcome, httpStatus: status,
        detail: answer ?? reason ?? "")
      return Decision(fate: fate, attempt: attempt, event: event, pause: pause)
    }
    func again(_ reason: String, after: Double?, _ kind: AttemptRecord.Outcome) -> Decision {
      let policy =
        lease.queue.destination == .platform ? channel.platformRetry : channel.providerRetry
      switch policy.decide(
        attempt: lease.attempt, enqueuedAt: lease.enqueuedAt, now: now, retryAfter: after,
        using: &random)
      {
      case .retry(let at): return decision(.retry(at: at), kind, .deferred, reason)
      case .giveUp:
        return decision(
          .reject(
            reason: "Given up after \(lease.attempt) attempts: \(reason).", reportFailure: true),
          kind, .rejected, reason)
      }
    }
    switch outcome {
    case .accepted(let externalID):
      return decision(.acknowledge(externalID: externalID), .accepted, .accepted, nil)
    case .rejected(let reason):
      return decision(
        .reject(reason: reason, reportFailure: true), .rejected, .rejected, reason)
    case .throttled(let reason, let after):
      // Not an attempt: nothing was processed. Everyone waits, this entry no longer than they.
      let pause = min(max(after ?? 1, 0.05), 3_600)
      let at = now + Int64(pause * 1_000)
      guard at - lease.enqueuedAt < channel.maximumAge(for: lease.queue) else {
        return decision(
          .reject(reason: "Given up: \(reason).", reportFailure: true), .rejected, .rejected, reason
        )
      }
      return decision(.release(at: at), .deferred, .throttled, reason, pause: pause)
    case .deferred(let reason, let after):
      return again(reason, after: after, .deferred)
    case .unknown(let reason):
      if lease.queue.destination == .platform || channel.provider.isIdempotent {
        // The platform drops a second message with the same mId, such a provider one with the
        // same reference.
        return again(reason, after: nil, .unknown)
      }
      return decision(
        .reject(
          reason: "It is not known whether the message was sent: \(reason)."
            + " Ask the contact before you send it again.", reportFailure: true),
        .unknown, .rejected, reason)
    }
  }

  private static func outcome(
    of result: CallResult?, lease: Lease, channel: ChannelSettings
  ) -> SendOutcome {
    switch result {
    case .answered(let response):
      lease.queue.destination == .platform
        ? PlatformProtocol.outcome(of: response) : channel.provider.outcome(of: response)
    case .notSent(let reason): .deferred(reason: reason, after: nil)
    case .unanswered(let reason): .unknown(reason: reason)
    case nil: .unknown(reason: "the program that was sending it was killed")
    }
  }
}
