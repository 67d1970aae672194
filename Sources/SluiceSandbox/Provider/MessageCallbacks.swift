import SluiceCore
import Synchronization

/// The callbacks about messages that Sluice sent, made of steps.
struct MessageCallbacks: Sendable {
  let context: SandboxContext
  let delivery: CallbackDelivery
  let plays: [any ProviderPlay]

  /// A message as its callbacks name it.
  struct Subject: Sendable {
    let message: ProviderMessage
    let id: String
    /// Unix milliseconds of the send.
    let sent: Int64
  }

  /// The callbacks that follow a send, by when they leave.
  struct Aftermath: Sendable {
    var before: [Callback] = []
    var answered: [Callback] = []
  }

  /// What follows a send to that number on this channel.
  func steps(after message: ProviderMessage, channel: Int, in state: SandboxState) -> [CallbackStep]
  {
    let options = state.channels[channel].options
    let reports =
      options.steps
      ?? PhoneBehaviour(number: message.to).reports(state.reports).map {
        CallbackStep(content: .report($1), after: $0)
      }
    switch options.echoes {
    case .none: return reports
    case .before: return [CallbackStep(content: .echo, when: .before)] + reports
    case .after: return reports + [CallbackStep(content: .echo, when: .answered)]
    }
  }

  /// Puts one step's callbacks on their way, or into `aftermath` where they wait for the answer.
  /// - Returns: How many.
  @discardableResult
  func schedule(
    _ step: CallbackStep, about subject: Subject, channel: Int, into aftermath: inout Aftermath,
    in state: inout SandboxState
  ) -> Int {
    note(step, about: subject, channel: channel, in: &state)
    guard let call = call(step, about: subject, channel: channel, in: state) else { return 0 }
    var callbacks: [Callback] = []
    for copy in 0..<step.times {
      let more = delivery.prepare(
        call, step.purpose, subject: step.id ?? subject.id, channel: channel,
        contact: subject.message.to, after: step.after, in: &state)
      for var callback in more {
        callback.retries = step.retries
        if step.isTogether { callback.lane = copy }
        callbacks.append(callback)
      }
    }
    switch step.when {
    case .before: aftermath.before += callbacks
    case .answered: aftermath.answered += callbacks
    case .taken: for callback in callbacks { context.callbacks.push(callback) }
    }
    return callbacks.count
  }

  /// What the provider knows by itself, it also says when asked.
  private func note(
    _ step: CallbackStep, about subject: Subject, channel: Int, in state: inout SandboxState
  ) {
    guard step.id == nil, case .report(let report) = step.content,
      let status = DeliveryStatus(report.status)
    else { return }
    let after = step.when == .before ? 0 : UInt64(step.after) * 1_000_000
    state.phones.note(
      PhoneEntry.Status(
        boot: context.clocks.boot + after, status: status, code: report.code,
        reason: report.reason),
      id: subject.id, channel: UInt16(channel))
  }

  private func call(
    _ step: CallbackStep, about subject: Subject, channel: Int, in state: SandboxState
  ) -> HTTPCall? {
    let id = step.id ?? subject.id
    let url = context.sluiceURL(channel)
    let now = context.clocks.wall + Int64(step.after) - step.age
    let reference: String? =
      switch step.reference {
      case .usual where state.channels[channel].options.hasReference: subject.message.reference
      case .present: subject.message.reference
      case .usual, .absent: nil
      case .other(let text): text
      }
    switch step.content {
    case .report(let report):
      var message = subject.message
      message.reference = reference ?? ""
      return plays[channel].webhook(
        report, of: message, id: id, sent: subject.sent, to: url, now: now)
    case .echo:
      let known = reference.flatMap { $0.isEmpty ? nil : $0 }
      return subject.message.echo(reference: known).flatMap {
        plays[channel].webhook($0, id: id, to: url, now: now)
      }
    }
  }

  /// Posts what the answer waits for, one after the other.
  /// - Parameter ticket: The request's, for ``Holds``.
  func deliver(_ callbacks: [Callback], ticket: Int) {
    for callback in callbacks {
      let now = context.clocks.boot
      let left = callback.due > now ? callback.due - now : 0
      context.holds.wait(milliseconds: Int(left / 1_000_000), ticket: ticket)
      delivery.deliver(callback)
    }
  }

  /// Puts on their way what waited for the answer; their time begins now.
  /// - Parameter taken: When the send was taken, on the clock of the callbacks' due times.
  func release(_ callbacks: [Callback], taken: UInt64) {
    let passed = context.clocks.boot - taken
    context.state.withLock { state in
      for var callback in callbacks where callback.epoch == state.epoch {
        callback.due += passed
        context.callbacks.push(callback)
      }
    }
  }
}

extension CallbackStep {
  fileprivate var purpose: Callback.Purpose {
    switch content {
    case .report(let report): .report(report.status)
    case .echo: .echo
    }
  }
}
