import SluiceCore

/// What happened to a message, told for people. Times are Unix milliseconds.
struct TraceStory {
  struct Step {
    enum Place: String {
      case contact, provider, sluice, platform
    }

    let time: Int64
    let place: Place
    let text: String
    var isBad = false
    /// What stood on the wire, and what to call it.
    var raw: (title: String, text: String)?
  }

  /// What became of it, in a sentence.
  let verdict: String
  let tone: Tone
  /// In the order of time.
  let steps: [Step]
  /// Why what is still to be done waits.
  let waiting: [String]

  /// - Parameter state: Of the message's channel.
  init(_ trace: MessageTrace, state: ChannelView, now: Int64) {
    waiting = trace.waiting.map { entry in
      "\(Self.subject(entry)): \(LaneTable.reason(entry, state, now: now))"
    }
    (verdict, tone) = Self.verdict(trace, firstReason: waiting.first)
    let arrival = Self.arrival(trace)
    let rest =
      trace.attempts.map { Self.step($0, partsInAll: trace.parts.count) }
      + trace.callbacks.map { Self.step($0, partsInAll: trace.parts.count) }
      + trace.deadLetters.map { letter in
        Step(
          time: letter.diedAt, place: .sluice,
          text: "Given up after \(Words.count(letter.attempts, "call")): \(letter.reason)",
          isBad: true)
      }
    steps = [arrival] + rest.sorted { $0.time < $1.time }
  }

  private static func verdict(
    _ trace: MessageTrace, firstReason: String?
  ) -> (String, Tone) {
    let message = trace.message
    let isOutbound = message.direction == .outbound
    switch message.status {
    case .failed:
      return (
        "Failed: \(message.reason ?? trace.deadLetters.first?.reason ?? "no reason is known").",
        .bad
      )
    case .queued:
      if let letter = trace.deadLetters.first { return ("Given up: \(letter.reason).", .bad) }
      return (
        isOutbound
          ? "Not sent yet. \(firstReason ?? "")" : "Not at the platform yet. \(firstReason ?? "")",
        .warm
      )
    case .sent: return ("Sent. The provider has not reported a delivery.", .calm)
    case .delivered:
      return (isOutbound ? "Delivered to the contact." : "Delivered: the platform has it.", .good)
    case .read: return ("Delivered, and read by the contact.", .good)
    }
  }

  private static func arrival(_ trace: MessageTrace) -> Step {
    let message = trace.message
    switch message.direction {
    case .outbound:
      return Step(
        time: message.createdAt, place: .platform,
        text: "The platform handed it over; it was stored.")
    case .inbound, .echo:
      return Step(
        time: trace.webhook?.receivedAt ?? message.createdAt, place: .provider,
        text: "The provider's webhook brought it; it was stored.",
        raw: trace.webhook.map { webhook in
          (
            "Webhook as received",
            webhook.body.isEmpty
              ? Redaction.redact(webhook.query) : Redaction.readable(webhook.body)
          )
        })
    }
  }

  private static func step(_ attempt: TracedAttempt, partsInAll: Int) -> Step {
    let record = attempt.record
    let took = Words.span(record.finishedAt - record.startedAt)
    let outcome =
      switch record.outcome {
      case .accepted: "taken"
      case .deferred: "not now; it is tried again"
      case .rejected: "refused for good"
      case .unknown: "no answer; it may have been taken"
      }
    let answer = record.httpStatus.map { "HTTP \($0)" } ?? "no answer"
    let what =
      switch attempt.queue {
      case .outbound:
        partsInAll > 1 ? "Part \(attempt.part + 1) to the provider" : "Call to the provider"
      case .inbound: "Call to the platform"
      case .status: "Status to the platform"
      case .check: "Question to the provider"
      }
    let place: Step.Place = attempt.queue.destination == .platform ? .platform : .provider
    return Step(
      time: record.startedAt, place: place, text: "\(what): \(outcome) (\(answer), \(took)).",
      isBad: record.outcome != .accepted,
      raw: record.detail.isEmpty
        ? nil : ("Answer", Redaction.readable(Array(record.detail.utf8))))
  }

  private static func step(_ callback: TracedCallback, partsInAll: Int) -> Step {
    let part = partsInAll > 1 ? " of part \(callback.part + 1)" : ""
    let reason = callback.reason.map { ": \($0)" } ?? "."
    return Step(
      time: callback.receivedAt, place: .provider,
      text: "The provider reported “\(callback.status)”\(part)\(reason)",
      isBad: callback.status == .failed,
      raw: callback.webhook.map { webhook in
        (
          "Callback as received",
          webhook.body.isEmpty
            ? Redaction.redact(webhook.query) : Redaction.readable(webhook.body)
        )
      })
  }

  private static func subject(_ entry: WaitingEntry) -> String {
    switch entry.queue {
    case .outbound: "Part \(entry.part + 1)"
    case .inbound: "The message"
    case .status: "The status"
    case .check: "The question to the provider"
    }
  }
}
