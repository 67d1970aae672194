/// One message's history as people read it: what became of it, and what happened when. The command
/// line and the console show the same. Pure.
package struct TraceStory: Equatable, Sendable {
  package enum Mood: Equatable, Sendable { case good, open, bad }

  /// Something that happened.
  package struct Step: Equatable, Sendable {
    /// Unix milliseconds.
    package let at: Int64
    /// Where: `provider`, `platform` or `sluice`.
    package let side: String
    package let text: String
    /// What the other side said, as it came.
    package let detail: String?
    /// Whether it stood in the way.
    package let isTrouble: Bool

    init(
      at: Int64, _ side: String, _ text: String, detail: String? = nil, isTrouble: Bool = false
    ) {
      self.at = at
      self.side = side
      self.text = text
      self.detail = detail
      self.isTrouble = isTrouble
    }
  }

  /// What became of it and why, as one or two sentences.
  package let verdict: String
  package let mood: Mood
  /// In the order of their times.
  package let steps: [Step]
  /// What is still to be done, and what it waits for: a sentence each.
  package let open: [String]

  /// - Parameter now: Unix milliseconds.
  package init(_ trace: MessageTrace, _ channel: ChannelState, now: Int64) {
    steps = Self.steps(trace, channel).sorted { $0.at < $1.at }
    open = trace.waiting.map { entry in
      "\(entry.task(of: trace)) waits: \(entry.reason(channel, now: now).ended)"
    }
    (verdict, mood) = Self.verdict(trace, channel, now: now)
  }

  // MARK: What became of it

  private static func verdict(
    _ trace: MessageTrace, _ channel: ChannelState, now: Int64
  ) -> (String, Mood) {
    let message = trace.message
    let time = Timestamp.text(message.statusSince)
    switch (message.status, message.direction) {
    case (.failed, _):
      let reason = message.reason ?? trace.deadLetters.first?.reason ?? "no reason is known"
      return ("Failed: \(reason.ended)\(unreported(trace, channel, now: now))", .bad)
    case (.queued, _):
      guard let entry = trace.waiting.first(where: { $0.queue.isMessage }) else {
        return ("Accepted, and nothing waits to be done about it any more.", .bad)
      }
      let side = entry.queue.destination == .platform ? "the platform" : "the provider"
      return ("Not yet with \(side): \(entry.reason(channel, now: now).ended)", .open)
    case (.delivered, .inbound), (.delivered, .echo), (.sent, .inbound), (.sent, .echo):
      let delay = TimeSpan.text(message.statusSince - message.createdAt)
      return ("Delivered: the platform took it at \(time), \(delay) after it came.", .good)
    case (.sent, _):
      return (
        "Sent: the provider took it at \(time), and has not said yet that it arrived."
          + unreported(trace, channel, now: now), .open
      )
    case (.delivered, _):
      return ("Delivered at \(time).\(unreported(trace, channel, now: now))", .good)
    case (.read, _): return ("Read at \(time).\(unreported(trace, channel, now: now))", .good)
    }
  }

  /// Says that the agent does not know it, where that is so.
  private static func unreported(
    _ trace: MessageTrace, _ channel: ChannelState, now: Int64
  ) -> String {
    if let report = trace.waiting.first(where: { $0.queue == .status }) {
      return " The agent does not know yet: \(report.reason(channel, now: now).ended)"
    }
    if trace.deadLetters.contains(where: { $0.queue == .status }) {
      return " The agent was not told: the platform did not take the status."
    }
    return ""
  }

  // MARK: What happened

  private static func steps(_ trace: MessageTrace, _ channel: ChannelState) -> [Step] {
    let message = trace.message
    let text = message.preview
    let isOutbound = message.direction == .outbound
    var steps = [
      Step(
        at: message.createdAt, isOutbound ? "platform" : "provider",
        (isOutbound ? "sends" : message.direction == .echo ? "shows an echo" : "brings")
          + " “\(text)”" + (trace.parts.count > 1 ? ", split into \(trace.parts.count) parts" : ""))
    ]
    let hasAccounts = channel.hasFallback || trace.attempts.contains { $0.account == .fallback }
    var calls: [String: Int] = [:]
    for attempt in trace.attempts {
      let call = calls["\(attempt.queue) \(attempt.part)", default: 0] + 1
      calls["\(attempt.queue) \(attempt.part)"] = call
      steps.append(step(attempt, call: call, namesAccount: hasAccounts, of: trace))
    }
    for callback in trace.callbacks {
      let reason = callback.reason.map { ": \($0)" } ?? ""
      steps.append(
        Step(
          at: callback.receivedAt, "provider",
          "reports\(part(callback.part, of: trace)) \(callback.status)\(reason)",
          isTrouble: callback.status == .failed))
    }
    for letter in trace.deadLetters {
      steps.append(
        Step(
          at: letter.diedAt, "sluice",
          "gives \(name(letter.queue, letter.part, of: trace)) up: \(letter.reason)",
          isTrouble: true))
    }
    return steps
  }

  private static func step(
    _ attempt: TracedAttempt, call: Int, namesAccount: Bool, of trace: MessageTrace
  ) -> Step {
    let record = attempt.record
    let name = name(attempt.queue, attempt.part, of: trace)
    let account =
      namesAccount && attempt.queue.destination == .provider
      ? ", by the \(attempt.account == .main ? "main account" : "fallback")" : ""
    let isTaken = record.outcome == .accepted
    let answer = record.httpStatus.map { "HTTP \($0)" } ?? "no answer"
    let id =
      attempt.queue == .outbound && isTaken
      ? trace.parts.first { $0.number == attempt.part }?.externalID
        .map { ", as \(Account.split($0).externalID)" } : nil
    return Step(
      at: record.startedAt, attempt.queue.destination == .platform ? "platform" : "provider",
      "\(name)\(name.hasSuffix(",") ? "" : ",") call \(call)\(account):"
        + " \(record.outcome) (\(answer)) in"
        + " \(TimeSpan.text(record.finishedAt - record.startedAt))\(id ?? "")",
      detail: record.detail.isEmpty ? nil : record.detail, isTrouble: !isTaken)
  }

  fileprivate static func name(_ queue: Queue, _ part: Int, of trace: MessageTrace) -> String {
    switch queue {
    case .outbound: "the message\(Self.part(part, of: trace))"
    case .inbound: "the message"
    case .status: "its status"
    case .check: "the question what became of it"
    }
  }

  private static func part(_ number: Int, of trace: MessageTrace) -> String {
    trace.parts.count > 1 ? ", part \(number + 1) of \(trace.parts.count)," : ""
  }
}

extension WaitingEntry {
  fileprivate func task(of trace: MessageTrace) -> String {
    let name = TraceStory.name(queue, part, of: trace)
    return name.prefix(1).uppercased() + name.dropFirst()
  }
}

extension MessageSummary {
  /// What it says, in one line of at most 200 characters.
  package var preview: String {
    guard let json = try? JSONReader.read(content) else { return "" }
    guard let content = try? MessageContent(json: json) else { return json.text.sentence }
    return content.plainText.sentence
  }
}

extension String {
  /// With a full stop, if it has no end of its own.
  fileprivate var ended: String {
    hasSuffix(".") || hasSuffix("!") || hasSuffix("?") ? self : self + "."
  }
}
