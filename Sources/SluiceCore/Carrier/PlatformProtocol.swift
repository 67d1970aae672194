/// IS-Messenger's side of the wire: what we post to it, and what its answers mean (PROTOCOL,
/// "Sluice to IS-Messenger"). Everything uncertain about the platform is in this file.
package enum PlatformProtocol {
  /// The call that posts a message, an echo or a status, with what goes along.
  package static func call(for lease: Lease, channel: ChannelSettings) -> HTTPCall {
    var contact: JSON?
    if case .post(_, _, _, let profile) = lease.work { contact = profile }
    let events =
      [event(lease.work, id: lease.id)] + lease.followers.map { event($0.work, id: $0.id) }
    let body: JSON = .object(present: [
      ("channelId", .string(channel.channelID)),
      ("contactId", .string(lease.contact.description)),
      ("events", .array(events)),
      ("contact", contact),
    ])
    return HTTPCall(
      url: channel.webhookURL,
      headers: [
        ("authorization", "Bearer \(channel.token.exposed)"),
        ("content-type", "application/json"),
      ], body: body.bytes)
  }

  private static func event(_ work: Work, id: MessageID) -> JSON {
    switch work {
    case .post(let content, let isEcho, let timestamp, _):
      [
        "type": isEcho ? "message_echo" : "message", "mId": .string(id.description),
        "timestamp": .integer(timestamp), "message": content,
      ]
    case .report(let status, let reason, let timestamp):
      [
        "type": "message_status", "mId": .string(id.description),
        "timestamp": .integer(timestamp),
        "status": .object(present: [
          ("value", .string(status.description)),
          ("message", status == .failed ? reason.map(JSON.string) : nil),
        ]),
      ]
    case .send, .check: preconditionFailure("that goes to the provider, not to the platform")
    }
  }

  /// Any 2xx is success; 408, 425, 429 and 5xx are worth another try; the rest is final.
  package static func outcome(of response: HTTPResponse) -> SendOutcome {
    let reason = "the platform answered \(response.status)"
    switch response.status {
    case 200...299: return .accepted(externalID: nil)
    case 429: return .throttled(reason: reason, after: response.retryAfter)
    case 408, 425, 500...599: return .deferred(reason: reason, after: response.retryAfter)
    default: return .rejected(reason: reason)
    }
  }
}
