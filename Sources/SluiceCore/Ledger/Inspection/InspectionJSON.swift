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
        (
          "steps",
          .array(
            story.steps.map { step in
              .object(present: [
                ("at", .time(step.at)), ("side", .string(step.side)), ("text", .string(step.text)),
                ("detail", step.detail.map { .string(Redaction.redact($0)) }),
              ])
            })
        ),
        ("callbacks", callbacks.isEmpty ? nil : .array(callbacks.compactMap { $0.webhook?.json })),
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
