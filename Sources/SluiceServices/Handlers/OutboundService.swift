import Logging
import SluiceCore
import Synchronization

/// The platform's `POST …/message`: keeps the message, tries to send it while the platform waits,
/// and answers with what is true by then.
package final class OutboundService: RequestHandler {
  private let context: ServiceContext
  private let wake: WakeSender
  private let handlerCarrier: HandlerCarrier?
  private let makeTransport: @Sendable () -> (any CallTransport)?
  /// Carriers that no thread uses, with their connections; and how many threads use one.
  private let pool: Mutex<Pool>

  private struct Pool {
    var idle: [Carrying] = []
    var used = 0
  }

  /// A carrier passes from thread to thread, and belongs to the one that took it from the pool.
  private struct Carrying: @unchecked Sendable { let carrier: Carrier }

  package init(
    context: ServiceContext, wake: WakeSender, handlerCarrier: HandlerCarrier?,
    makeTransport: @escaping @Sendable () -> (any CallTransport)?
  ) {
    self.context = context
    self.wake = wake
    self.handlerCarrier = handlerCarrier
    self.makeTransport = makeTransport
    pool = Mutex(Pool())
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    guard request.method == "POST" else {
      return .answered(.error(405, "This address takes POST.", headers: [("allow", "POST")]))
    }
    let channel = request.channel.flatMap(ChannelName.init).flatMap(context.channel)
    let proof = channel?.tokenProof ?? .impossible
    let isProven = proof.isProven(by: Proof.bearerToken(in: request))
    guard let channel else { return .answered(.error(404, "There is no such channel.")) }
    guard isProven else {
      context.lines.write(
        .tokenRefused, of: channel.name, to: context.log, ["channel": "\(channel.name)"])
      return .answered(
        .error(
          401, "The bearer token is missing or wrong. Copy the channel's API token.",
          headers: [("www-authenticate", "Bearer")]))
    }
    guard request.contentType == "application/json" else {
      return .answered(.error(415, "This address takes application/json."))
    }
    do throws(SendRefusal) {
      return send(try SendRequest(body: request.body, channel: channel), on: channel)
    } catch {
      context.log.info(
        "message refused",
        metadata: [
          "channel": "\(channel.name)", "status": "\(error.status)",
          "reason": .stringConvertible(Masked(text: error.message)),
        ])
      return .answered(.error(error.status, error.message))
    }
  }

  private func send(_ request: SendRequest, on channel: ChannelSettings) -> Progress {
    let now = context.clocks.wall
    let deadline =
      context.clocks.boot + UInt64(context.settings.server.firstAttemptSeconds * 1e9)
    var random = SystemRandomNumberGenerator()
    let message = OutboundMessage(
      id: MessageID(milliseconds: now, using: &random), channel: channel.name,
      contact: request.contact, content: request.content,
      parts: channel.limits.parts(of: request.content), createdAt: now,
      terms: channel.intake)
    context.log.debug(
      "message to send",
      metadata: [
        "mid": "\(message.id)", "channel": "\(message.channel)",
        "contact": .stringConvertible(Masked(message.contact)),
        "parts": "\(message.parts.count)",
      ])
    // A slow provider must not use up the threads that may block: at most half of them attempt.
    if context.settings.server.firstAttemptSeconds > 0, mayAttempt() {
      return .blocking { .answered(self.sendAtOnce(message, deadline: deadline)) }
    }
    return .pending { resume in
      self.context.ledger.enqueue(message) { outcome in
        self.count(outcome, of: message)
        resume(.answered(self.reply(outcome, to: message)))
      }
    }
  }

  /// In parts, as what becomes of them is.
  private func count(_ outcome: Result<Enqueued, LedgerError>, of message: OutboundMessage) {
    let event: CountedEvent
    switch outcome {
    case .success(.queued): event = .accepted
    case .success(.repeated): event = .duplicates
    case .success(.full), .failure: return
    }
    context.meters.count(event, .outbound, of: message.channel, times: message.parts.count)
  }

  private func reply(
    _ outcome: Result<Enqueued, LedgerError>, to message: OutboundMessage
  ) -> Reply {
    switch outcome {
    case .success(.queued): queued(message)
    case .success(.repeated(let earlier)): Reply(Self.taken(earlier))
    case .success(.full): Reply(context.backlogRefusal(message.channel))
    case .failure(let error): Reply(context.refusal(for: error))
    }
  }

  private func sendAtOnce(_ message: OutboundMessage, deadline: UInt64) -> Reply {
    let carrying = takeCarrier()
    let outcome: Result<Enqueued, LedgerError>
    do throws(LedgerError) {
      outcome = .success(
        try context.ledger.enqueue(
          message, leasingFor: carrying == nil ? nil : context.leaseTerms))
    } catch {
      outcome = .failure(error)
    }
    count(outcome, of: message)
    guard let carrying, case .success(.queued(let lease?)) = outcome else {
      giveBack(carrying)
      return reply(outcome, to: message)
    }
    return attempt(message, lease: lease, with: carrying, deadline: deadline)
  }

  private func attempt(
    _ message: OutboundMessage, lease: Lease, with carrying: Carrying, deadline: UInt64
  ) -> Reply {
    do throws(LedgerError) {
      switch try carrying.carrier.attempt(
        lease, parts: message.parts.count, deadline: deadline)
      {
      case .accepted:
        giveBack(carrying)
        // Statuses may have come already, and been parked until the provider's answer was known.
        return queued(message)
      case .rejected(let reason):
        giveBack(carrying)
        return Reply(.error(422, reason))
      case .open:
        // The call may be under way still: its end is waited for once the answer is out.
        return Reply(taken(message).response) {
          self.finish(carrying)
          self.wake.wake(for: message.channel)
          self.handlerCarrier?.carry(for: message.channel)
        }
      }
    } catch {
      // The message is kept; what came of the call is not yet. The carrier still has it.
      _ = context.refusal(for: error)
      return Reply(taken(message).response) { self.finish(carrying) }
    }
  }

  /// Waits for the call under way, and records what came of it. Where even that fails the carrier
  /// is dropped: its lease runs out, and another one decides.
  private func finish(_ carrying: Carrying) {
    do throws(LedgerError) {
      try carrying.carrier.finish()
      giveBack(carrying)
    } catch {
      _ = context.refusal(for: error)
      pool.withLock { $0.used -= 1 }
    }
  }

  private func taken(_ message: OutboundMessage) -> Reply {
    let response = Self.taken(message.id)
    guard let handlerCarrier else { return Reply(response) }
    return Reply(response) { handlerCarrier.carry(for: message.channel) }
  }

  private static func taken(_ id: MessageID) -> HTTPResponse {
    HTTPResponse(status: 200, json: ["mId": .string(id.description)])
  }

  private func queued(_ message: OutboundMessage) -> Reply {
    wake.wake(for: message.channel)
    return taken(message)
  }

  /// Whether one more thread may attempt; it then takes a carrier.
  private func mayAttempt() -> Bool {
    let limit = max(1, context.settings.server.threads / 2)
    return pool.withLock { pool in
      guard pool.used < limit else { return false }
      pool.used += 1
      return true
    }
  }

  /// - Returns: `nil` where no calls can be made.
  private func takeCarrier() -> Carrying? {
    if let carrying = pool.withLock({ $0.idle.popLast() }) { return carrying }
    guard let transport = makeTransport() else { return nil }
    return Carrying(carrier: Carrier(context: context, transport: transport))
  }

  private func giveBack(_ carrying: Carrying?) {
    pool.withLock { pool in
      pool.used -= 1
      if let carrying { pool.idle.append(carrying) }
    }
  }
}
