// What operators' tools print, in one shape: names as in the platform's JSON, times as RFC 3339 texts,
// what is not known left out.

extension MessageSummary {
  package var members: [(String, JSON?)] {
    [
      ("mId", .string("\(id)")), ("channel", .string("\(channel)")),
      ("direction", .string("\(direction)")), ("contact", .string("\(contact)")),
      ("externalId", externalID.map(JSON.string)), ("status", .string("\(status)")),
      ("reason", reason.map(JSON.string)), ("created", .time(createdAt)),
      ("statusSince", .time(statusSince)), ("content", .encoded(content)),
    ]
  }

  package var json: JSON { .object(present: members) }
}

extension MessageTrace {
  /// - Parameter story: Its own.
  package func json(_ story: TraceStory) -> JSON {
    .object(
      present: message.members + [
        ("verdict", .string(story.verdict)),
        ("reported", reported.map { .string("\($0)") }),
        ("profile", profile.map(JSON.encoded)),
        ("webhook", webhook?.json),
        ("parts", parts.isEmpty ? nil : .array(parts.map(\.json))),
        ("open", .array(zip(waiting, story.open).map { $0.json(why: $1) })),
        ("steps", .array(story.steps.map(\.json))),
        ("attempts", attempts.isEmpty ? nil : .array(numberedAttempts)),
        ("callbacks", callbacks.isEmpty ? nil : .array(callbacks.map(\.json))),
        ("deadLetters", deadLetters.isEmpty ? nil : .array(deadLetters.map(\.json))),
      ])
  }

  /// With the number that each call has among those of its queue and part, from 1.
  private var numberedAttempts: [JSON] {
    var calls: [String: Int64] = [:]
    return attempts.map { attempt in
      let number = calls["\(attempt.queue) \(attempt.part)", default: 0] + 1
      calls["\(attempt.queue) \(attempt.part)"] = number
      return attempt.json(number: number)
    }
  }
}

extension TraceStory.Step {
  fileprivate var json: JSON {
    .object(present: [
      ("at", .time(at)), ("side", .string(side)), ("text", .string(text)),
      ("detail", detail.map { .string(Redaction.redact($0)) }),
    ])
  }
}

extension TracedAttempt {
  fileprivate func json(number: Int64) -> JSON {
    .object(present: [
      ("queue", .string("\(queue)")), ("part", .integer(Int64(part))), ("number", .integer(number)),
      ("outcome", .string("\(record.outcome)")),
      ("httpStatus", record.httpStatus.map { .integer(Int64($0)) }),
      ("started", .time(record.startedAt)), ("finished", .time(record.finishedAt)),
      ("detail", record.detail.isEmpty ? nil : .string(Redaction.redact(record.detail))),
    ])
  }
}

extension TracedCallback {
  fileprivate var json: JSON {
    .object(present: [
      ("part", .integer(Int64(part))), ("status", .string("\(status)")), ("at", .time(receivedAt)),
      ("reason", reason.map(JSON.string)), ("webhook", webhook?.json),
    ])
  }
}

extension DeadLetter {
  package var json: JSON {
    .object(present: [
      ("mId", .string("\(id)")), ("channel", .string("\(channel)")),
      ("queue", .string("\(queue)")), ("contact", .string("\(contact)")),
      ("part", .integer(Int64(part))), ("died", .time(diedAt)),
      ("attempts", .integer(Int64(attempts))), ("reason", .string(reason)),
      ("httpStatus", httpStatus.map { .integer(Int64($0)) }),
      ("answer", answer.map { .string(Redaction.redact($0)) }),
    ])
  }
}

extension TracedPart {
  fileprivate var json: JSON {
    .object(present: [
      ("part", .integer(Int64(number))), ("status", .string("\(status)")),
      ("externalId", externalID.map(JSON.string)), ("reason", reason.map(JSON.string)),
      ("content", .encoded(payload)),
    ])
  }
}

extension WaitingEntry {
  /// - Parameter why: What it waits for, as a sentence.
  package func json(why: String, behind: Int? = nil) -> JSON {
    .object(present: [
      ("mId", .string("\(id)")), ("channel", .string("\(channel)")),
      ("queue", .string("\(queue)")), ("contact", .string("\(contact)")),
      ("part", .integer(Int64(part))), ("queuedSince", .time(enqueuedAt)),
      ("attempts", .integer(Int64(attempts))), ("why", .string(why)),
      ("behind", behind.map { .integer(Int64($0)) }),
    ])
  }
}

extension StoredWebhook {
  /// The body as text; bytes that are none are replaced.
  package var json: JSON {
    .object(present: [
      ("id", .integer(row)), ("channel", .string("\(channel)")), ("received", .time(receivedAt)),
      ("contentType", contentType.map(JSON.string)),
      ("query", query.isEmpty ? nil : .string(Redaction.redact(query))),
      ("body", .string(shownBody)), ("problem", problem.map(JSON.string)),
    ])
  }

  /// Some carry a secret.
  package var shownBody: String { Redaction.redact(String(decoding: body, as: UTF8.self)) }
}

extension JSON {
  /// - Parameter milliseconds: Unix time.
  package static func time(_ milliseconds: Int64) -> JSON {
    .string(Timestamp.text(milliseconds))
  }
}
