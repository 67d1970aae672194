import SluiceCore
import Synchronization

/// Posts the provider's webhooks to Sluice, as real providers do: again and again until a 2xx.
struct CallbackDelivery: Sendable {
  let context: SandboxContext

  static let timeoutSeconds = 15.0

  /// Counts a webhook as pending, with what the faults make of it: one callback, or two. They wait
  /// for ``CallbackLanes/push(_:)`` or ``deliver(_:)``.
  /// - Parameter after: Milliseconds from now.
  func prepare(
    _ call: HTTPCall, _ purpose: Callback.Purpose, subject: String, channel: Int, contact: String,
    after: Int = 0, in state: inout SandboxState
  ) -> [Callback] {
    let name = context.configuration.channels[channel].name.description
    let fault = state.faults.decide(.callbacks, channel: name, contact: contact) {
      .random(in: 0..<1)
    }
    let milliseconds = UInt64(after + fault.delayMilliseconds)
    let callback = Callback(
      channel: channel, contact: contact, purpose: purpose, subject: subject, call: call,
      due: context.clocks.boot + milliseconds * 1_000_000, epoch: state.epoch)
    let copies = fault.isDuplicated ? 2 : 1
    state.channels[channel].callbacks.pending += copies
    return Array(repeating: callback, count: copies)
  }

  /// Makes one attempt, on the calling thread.
  func deliver(_ callback: Callback) {
    let started = context.clocks.boot
    let result = context.clients.perform(callback.call, timeout: Self.timeoutSeconds)
    var next = callback
    next.attempts += 1
    let milliseconds = (context.clocks.boot - started) / 1_000_000
    var answer: UInt16 = 0
    if case .answered(let response) = result { answer = UInt16(clamping: response.status) }
    let attempt = CallbackAttempt(
      boot: started, channel: UInt16(callback.channel), purpose: callback.purpose,
      contact: callback.contact, subject: callback.subject, attempt: next.attempts, answer: answer,
      milliseconds: milliseconds)
    context.state.withLock { state in
      guard state.epoch == callback.epoch else { return }
      state.attempts.append(attempt)
      record(next, problem: Self.problem(in: result), milliseconds: milliseconds, in: &state)
    }
  }

  private func record(
    _ callback: Callback, problem: String?, milliseconds: UInt64, in state: inout SandboxState
  ) {
    let channel = callback.channel
    state.channels[channel].callbacks.posted += 1
    if let problem {
      note(callback, isAccepted: false, "\(problem) (attempt \(callback.attempts))", in: &state)
      if let pause = callback.pause {
        state.channels[channel].callbacks.retried += 1
        var again = callback
        again.due = context.clocks.boot + pause
        context.callbacks.push(again)
        update(callback, .sending, "\(problem); trying again", in: &state)
      } else {
        state.channels[channel].callbacks.abandoned += 1
        state.channels[channel].callbacks.pending -= 1
        update(callback, .failed, "\(problem); given up", in: &state)
      }
    } else {
      state.channels[channel].callbacks.accepted += 1
      state.channels[channel].callbacks.pending -= 1
      note(callback, isAccepted: true, "in \(milliseconds) ms", in: &state)
      update(callback, .taken, nil, in: &state)
    }
  }

  private func note(
    _ callback: Callback, isAccepted: Bool, _ detail: String, in state: inout SandboxState
  ) {
    let step: TimelineEntry.Step
    var text = detail
    switch callback.purpose {
    case .inbound: step = isAccepted ? .webhookAccepted : .webhookRefused
    case .echo:
      step = isAccepted ? .webhookAccepted : .webhookRefused
      text = "Echo, \(detail)"
    case .report(let status):
      step = isAccepted ? .reportAccepted : .reportRefused
      text = "\(status), \(detail)"
    }
    context.note(step, channel: callback.channel, contact: callback.contact, text, in: &state)
  }

  private func update(
    _ callback: Callback, _ status: PageItem.Status, _ reason: String?, in state: inout SandboxState
  ) {
    guard case .inbound(let item?) = callback.purpose else { return }
    state.page.update(item, wall: context.clocks.wall) { item in
      // A duplicate may fail after the original was taken.
      guard item.status != .taken else { return }
      item.status = status
      item.reason = reason
    }
  }

  /// What is wrong with Sluice's answer; `nil` for a 2xx.
  static func problem(in result: CallResult) -> String? {
    switch result {
    case .answered(let response):
      (200..<300).contains(response.status) ? nil : "Sluice answered \(response.status)"
    case .notSent(let reason): "Sluice cannot be reached: \(reason)"
    case .unanswered(let reason): "Sluice did not answer: \(reason)"
    }
  }
}
