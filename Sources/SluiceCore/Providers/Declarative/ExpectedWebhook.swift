/// `[[webhook]]`: a request of the provider, and what it brings. The proof is added to it, where it is
/// a secret that stands in it; a signature has to stand in the test.
package struct ExpectedWebhook: Sendable {
  package let request: HTTPRequest
  let events: [JSON]

  init?(reading reader: inout SettingsReader) {
    let method = reader.optionalString("method", example: "POST") ?? "POST"
    let type = reader.optionalString("content_type", example: "application/json")
    var headers = reader.dictionary("headers", example: "…").reduce(into: [String: String]()) {
      $0[$1.key.lowercased()] = $1.value
    }
    headers["content-type"] = type
    request = HTTPRequest(
      method: method,
      path: reader.optionalString("path", example: "/demo/status") ?? "/demo/inbound",
      query: reader.optionalString("query", example: "id=7") ?? "", headers: headers,
      body: Array((reader.value("body")?.string ?? "").utf8))
    guard let events = reader.value("events")?.array else {
      reader.problem("events", "This is missing. Write events = [], or the events it brings.")
      return nil
    }
    self.events = events
  }

  func difference(from provider: DeclaredProvider) -> String? {
    if !provider.webhookMethods.contains(request.method) {
      return "the method \(request.method) is refused"
    }
    if let type = request.contentType, !request.body.isEmpty,
      !provider.webhookContentTypes.contains(type)
    {
      return "the content type \(type) is refused"
    }
    do throws(WebhookError) {
      let found = try provider.events(in: provider.proving(request), now: DescriptionTest.now)
        .map(\.json)
      return Self.isSame(found, events)
        ? nil : "the events are\n" + found.map { "  \($0.text)" }.joined(separator: "\n")
    } catch {
      return "it is refused: \(error)"
    }
  }

  /// Of each event, what the test names; the rest may be as it is.
  private static func isSame(_ found: [JSON], _ expected: [JSON]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { found, expected in
        (expected.members ?? []).allSatisfy { member in
          found[member.name]?.text.utf8.elementsEqual(member.value.text.utf8) ?? false
        }
      }
  }
}

extension WebhookEvent {
  /// The event as a test writes it.
  fileprivate var json: JSON {
    switch self {
    case .message(let message):
      var members: [(String, JSON?)] = [
        ("id", .string(message.externalID)), ("from", .string(message.contact.description)),
        ("time", message.timestamp.map(JSON.integer)),
        ("name", message.profile?.firstName.map(JSON.string)),
        (
          "fragment",
          message.fragment.map { .string("\($0.reference): \($0.number)/\($0.total)") }
        ),
      ]
      switch message.content {
      case .text(let text): members.append(("text", .string(text)))
      case .attachment(let attachment):
        members += [
          ("kind", .string(attachment.kind.rawValue)), ("url", .string(attachment.url)),
          ("text", attachment.description.map(JSON.string)),
        ]
      case .location, .quickReply: members.append(("text", .string(message.content.plainText)))
      }
      return .object(present: members)
    case .status(let report):
      return .object(present: [
        ("id", .string(report.externalID)), ("status", .string(report.status.description)),
        ("reason", report.reason.map(JSON.string)),
        ("reference", report.reference.map { .string($0.description) }),
      ])
    }
  }
}
